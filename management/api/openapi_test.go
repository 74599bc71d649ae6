package api_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/proofkey/proofkey/management/api"
)

var update = flag.Bool("update", false, "write docs/openapi.json anew")

const openAPIFile = "../../docs/openapi.json"

func TestOpenAPIFile(t *testing.T) {
	now, err := (&api.Handler{}).OpenAPI()
	if err != nil {
		t.Fatal(err)
	}
	now = append(now, '\n')
	if *update {
		if err := os.WriteFile(openAPIFile, now, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	written, err := os.ReadFile(openAPIFile)
	if err != nil || !bytes.Equal(written, now) {
		t.Errorf("docs/openapi.json is not what the tables say (%v): go test ./management/api -run OpenAPI -update", err)
	}
}

// Every reference leads somewhere, and every operation has an id of its own.
func TestOpenAPIIsServed(t *testing.T) {
	s := open(t)
	a := s.as("", "GET", "/openapi.json", nil)
	if a.status != 200 || a.at("openapi") != "3.1.0" {
		t.Fatalf("%d %.100s", a.status, a.text)
	}
	components := a.at("components.schemas").(map[string]any)
	ids := map[string]bool{}
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, e := range v {
				walk(e)
			}
		case map[string]any:
			if ref, ok := v["$ref"].(string); ok && components[strings.TrimPrefix(ref, "#/components/schemas/")] == nil {
				t.Errorf("%s leads nowhere", ref)
			}
			if id, ok := v["operationId"].(string); ok {
				if ids[id] || id == "" {
					t.Errorf("the operationId %q is there twice or empty", id)
				}
				ids[id] = true
			}
			for _, e := range v {
				walk(e)
			}
		}
	}
	walk(a.body)
	if text, err := json.Marshal(a.body); err != nil || !bytes.Contains(text, []byte("rotate-secret")) || len(ids) < 16 {
		t.Errorf("%d operations, %v", len(ids), err)
	}
	page, err := http.Get(s.URL + "/api/v2/docs")
	if err != nil || page.StatusCode != 200 || !strings.HasPrefix(page.Header.Get("Content-Type"), "text/html") {
		t.Errorf("the page: %v, %v", page, err)
	}
	page.Body.Close()
}
