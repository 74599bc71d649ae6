package api

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/proofkey/proofkey/store"
)

func (h *Handler) renderings() []operation {
	return []operation{
		{"GET", "/prompts/rendering", "List the render settings of all screens", "", h.listRenderings},
		{"PATCH", "/prompts/rendering", "Update the render settings of screens", "prompt_rendering_bulk", h.updateRenderings},
		{"GET", "/prompts/{prompt}/screen/{screen}/rendering", "Get the render settings of a screen", "", h.getRendering},
		{"PATCH", "/prompts/{prompt}/screen/{screen}/rendering", "Update the render settings of a screen", rendering, h.updateRendering},
	}
}

const rendering = "prompt_rendering"

// showRendering is what is said of a screen, with what holds where nothing is said.
func showRendering(prompt, screen string, body document) document {
	out := merge(body, document{})
	out["prompt"], out["screen"] = prompt, screen
	fill(out, document{"rendering_mode": "standard", "context_configuration": []any{}, "default_head_tags_disabled": false,
		"head_tags": []any{}, "filters": nil, "use_page_template": false})
	return out
}

func renderingID(prompt, screen string) string { return prompt + "/" + screen }

// screen is the prompt and the screen of the path.
func (c *call) screen() (prompt, screen string, err error) {
	if prompt, err = c.prompt(); err != nil {
		return "", "", err
	}
	screen = c.vars["screen"]
	if !slices.Contains(promptScreens[prompt], screen) {
		return "", "", pathError(fmt.Sprintf("Invalid value %q", cut(screen, 100)), "screen")
	}
	return prompt, screen, nil
}

func (h *Handler) getRendering(ctx context.Context, c *call) (any, error) {
	prompt, screen, err := c.screen()
	if err != nil {
		return nil, err
	}
	d, err := h.DB.Document(ctx, store.RenderingKind, renderingID(prompt, screen))
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	out := showRendering(prompt, screen, d.Body)
	out["tenant"] = h.Tenant
	return out, nil
}

// listRenderings lists what was said of screens. There are fewer of them than a page of documents holds.
func (h *Handler) listRenderings(ctx context.Context, c *call) (any, error) {
	said, err := h.DB.Documents(ctx, store.DocumentFilter{Kind: store.RenderingKind})
	if err != nil {
		return nil, err
	}
	var all []document
	for _, d := range said {
		prompt, screen, _ := cutLast(d.ID)
		shown := showRendering(prompt, screen, d.Body)
		asked := func(name string) bool { return !c.query.Has(name) || c.query.Get(name) == shown[name] }
		if asked("prompt") && asked("screen") && asked("rendering_mode") {
			all = append(all, shown)
		}
	}
	return pageOf(c.page, all, nil), nil
}

func (h *Handler) updateRendering(ctx context.Context, c *call) (any, error) {
	prompt, screen, err := c.screen()
	if err != nil {
		return nil, err
	}
	c.target = renderingID(prompt, screen)
	err = c.change(ctx, func(tx *store.Tx) error { return mergeRendering(ctx, tx, prompt, screen, c.object()) })
	if err != nil {
		return nil, err
	}
	return c.object(), nil // the service answers what was sent, not what stays
}

func mergeRendering(ctx context.Context, tx *store.Tx, prompt, screen string, patch document) error {
	d, err := tx.Document(ctx, store.RenderingKind, renderingID(prompt, screen))
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	return tx.PutDocument(ctx, &store.Document{Kind: store.RenderingKind, ID: renderingID(prompt, screen), Body: merge(d.Body, patch)})
}

func (h *Handler) updateRenderings(ctx context.Context, c *call) (any, error) {
	configs, _ := c.object()["configs"].([]any)
	if configs == nil {
		return nil, payloadError("Missing required property: configs", "")
	}
	for i, config := range configs {
		at := fmt.Sprintf("configs[%d]", i)
		if err := schemaOf(rendering).check(config, forCreate, at); err != nil {
			return nil, err
		}
		sent := config.(map[string]any)
		prompt, screen := text(sent, "prompt"), text(sent, "screen")
		if !slices.Contains(promptScreens[prompt], screen) {
			return nil, payloadError(fmt.Sprintf("No such screen of prompt %s: %s", cut(prompt, 100), cut(screen, 100)), at+".screen")
		}
	}
	err := c.change(ctx, func(tx *store.Tx) error {
		for _, config := range configs {
			sent := config.(map[string]any)
			patch := merge(sent, document{"prompt": nil, "screen": nil})
			if err := mergeRendering(ctx, tx, text(sent, "prompt"), text(sent, "screen"), patch); err != nil {
				return err
			}
		}
		return nil
	})
	return document{"configs": configs}, err
}
