package api_test

import (
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/proofkey/proofkey/store"
)

// A list by checkpoints has each application that was there all the time once, while others come and go.
func TestCheckpointsUnderConcurrentWrites(t *testing.T) {
	s := open(t)
	const steady = 1000
	want := map[string]bool{}
	for from := 0; from < steady; from += 100 {
		if err := s.DB.Write(t.Context(), func(tx *store.Tx) error {
			for n := from; n < from+100; n++ {
				c := store.Client{ID: store.RandomID(32), Secret: store.RandomID(64), Name: fmt.Sprintf("Steady %d", n)}
				want[c.ID] = true
				if err := tx.CreateClient(t.Context(), &c, nil); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	done := make(chan struct{})
	var writers sync.WaitGroup
	for range 3 {
		writers.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-done:
					return
				default:
				}
				made := s.call("POST", "/clients", fmt.Sprintf(`{"name":"Passing %d"}`, n))
				if made.status != 201 || s.call("DELETE", "/clients/"+made.at("client_id").(string), nil).status != 204 {
					t.Errorf("a write beside the list: %d %s", made.status, made.text)
					return
				}
			}
		})
	}
	for round := range 3 {
		seen := map[string]int{}
		for from, pages := "", 0; ; pages++ {
			page := s.want(200, "GET", "/clients?take=100&fields=client_id&from="+url.QueryEscape(from), nil)
			for _, item := range page.at("clients").([]any) {
				seen[item.(map[string]any)["client_id"].(string)]++
			}
			next, more := page.at("next").(string)
			if !more {
				break
			}
			if from = next; pages > 40 {
				t.Fatal("the list does not end")
			}
		}
		for id := range want {
			if seen[id] != 1 {
				t.Fatalf("round %d: an application that was there all the time is listed %d times", round, seen[id])
			}
		}
		for id, n := range seen {
			if n > 1 {
				t.Errorf("round %d: %s is listed %d times", round, id, n)
			}
		}
	}
	close(done)
	writers.Wait()
}

// A page past the end is an empty one, of every list with pages.
func TestPagesPastTheEnd(t *testing.T) {
	s := open(t)
	for _, path := range []string{"/clients", "/resource-servers", "/client-grants", "/connections", "/users", "/roles", "/grants", "/organizations", "/logs"} {
		a := s.want(200, "GET", path+"?page=15&per_page=50&include_totals=true", nil)
		key := strings.ReplaceAll(strings.TrimPrefix(path, "/"), "-", "_")
		if list, ok := a.at(key).([]any); !ok || len(list) != 0 || fmt.Sprint(a.at("start")) != "750" {
			t.Errorf("%s: %.200s", path, a.text)
		}
	}
}
