package api

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/proofkey/proofkey/liquid"
	"github.com/proofkey/proofkey/store"
)

func (h *Handler) branding() []operation {
	settings := singleton{kept: kept{entity: store.BrandingKind}, path: "/branding", one: "branding settings"}
	return append(settings.operations(), []operation{
		{"GET", "/branding/templates/universal-login", "Get the template of the Universal Login pages", "", h.getPageTemplate},
		{"PUT", "/branding/templates/universal-login", "Set the template of the Universal Login pages", anyBody, h.setPageTemplate},
		{"DELETE", "/branding/templates/universal-login", "Delete the template of the Universal Login pages", "", h.deletePageTemplate},
		{"POST", "/branding/themes", "Create the branding theme", theme, h.createTheme},
		{"GET", "/branding/themes/default", "Get the default branding theme", "", h.getDefaultTheme},
		{"GET", "/branding/themes/{themeId}", "Get a branding theme", "", h.getTheme},
		{"PATCH", "/branding/themes/{themeId}", "Update a branding theme", theme, h.updateTheme},
		{"DELETE", "/branding/themes/{themeId}", "Delete a branding theme", "", h.deleteTheme},
	}...)
}

// maxTemplate bounds the page template, in bytes.
const maxTemplate = 100 << 10

var noTemplate = notFound("inexistent_templates_universal_login", "Template does not exist.")

func (h *Handler) getPageTemplate(ctx context.Context, _ *call) (any, error) {
	d, err := h.DB.Document(ctx, store.PageTemplateKind, store.PageTemplateKind)
	if errors.Is(err, store.ErrNotFound) {
		return nil, noTemplate
	}
	return d.Body, err
}

// sentTemplate takes the page as a JSON string, or as the member template of an object.
func sentTemplate(body any) (string, error) {
	page, isText := body.(string)
	if o, isObject := body.(map[string]any); isObject {
		for name := range o {
			if name != "template" {
				return "", payloadError("Additional properties not allowed: "+cut(name, 100), "")
			}
		}
		if page, isText = o["template"].(string); !isText {
			return "", payloadError("Missing required property: template", "")
		}
	}
	if !isText {
		return "", payloadError("Expected type string,object but found type "+kindOf(body), "")
	}
	if len(page) > maxTemplate {
		return "", badBody("The template is too long (%d bytes), maximum %d.", len(page), maxTemplate)
	}
	for _, tag := range []string{"auth0:head", "auth0:widget"} {
		if !strings.Contains(page, tag) {
			return "", badBody("The template must contain the tag {%%- %s -%%}.", tag)
		}
	}
	if _, err := liquid.Parse(page, "auth0:head", "auth0:widget"); err != nil {
		return "", badBody("The template cannot be read: %s", err.Error()).Because(err)
	}
	return page, nil
}

func (h *Handler) setPageTemplate(ctx context.Context, c *call) (any, error) {
	page, err := sentTemplate(c.body)
	if err != nil {
		return nil, err
	}
	return nil, c.change(ctx, func(tx *store.Tx) error {
		if _, err := tx.Document(ctx, store.PageTemplateKind, store.PageTemplateKind); err == nil {
			c.Status = http.StatusNoContent
		}
		return tx.PutDocument(ctx, &store.Document{Kind: store.PageTemplateKind, ID: store.PageTemplateKind, Body: document{"body": page}})
	})
}

func (h *Handler) deletePageTemplate(ctx context.Context, c *call) (any, error) {
	return nil, gone(c.change(ctx, func(tx *store.Tx) error {
		err := tx.DeleteDocument(ctx, store.PageTemplateKind, store.PageTemplateKind)
		if errors.Is(err, store.ErrNotFound) {
			return noTemplate
		}
		return err
	}))
}

// theme names the entity. A tenant has one: its document has the id of the kind, and the theme's own id in it.
const theme = "branding_theme"

func noTheme(doing string) error {
	return notFound("theme_not_found", "There was an error "+doing+" branding settings: invalid theme ID")
}

// findTheme is the tenant's theme; an id must be its own.
func findTheme(ctx context.Context, q store.Queries, id, doing string) (store.Document, error) {
	d, err := q.Document(ctx, store.ThemeKind, store.ThemeKind)
	if errors.Is(err, store.ErrNotFound) || err == nil && id != "" && id != d.Body["themeId"] {
		return d, noTheme(doing)
	}
	return d, err
}

func (h *Handler) getDefaultTheme(ctx context.Context, _ *call) (any, error) {
	d, err := findTheme(ctx, h.DB.Queries, "", "retrieving")
	return d.Body, err
}

func (h *Handler) getTheme(ctx context.Context, c *call) (any, error) {
	d, err := findTheme(ctx, h.DB.Queries, c.vars["themeId"], "retrieving")
	return d.Body, err
}

func (h *Handler) createTheme(ctx context.Context, c *call) (any, error) {
	c.target = cmp.Or(c.stated, store.RandomID(32))
	d := store.Document{Kind: store.ThemeKind, ID: store.ThemeKind, Body: merge(c.object(), document{"themeId": c.target})}
	return d.Body, c.change(ctx, func(tx *store.Tx) error {
		err := tx.CreateDocument(ctx, &d)
		if errors.Is(err, store.ErrConflict) {
			return conflict("There was an error updating branding settings: The theme already exists")
		}
		return err
	})
}

// updateTheme replaces the parts that are sent, each as a whole.
func (h *Handler) updateTheme(ctx context.Context, c *call) (any, error) {
	for name, part := range c.object() {
		if err := schemaOf(theme).fields[name].check(part, forCreate, name); part != nil && err != nil {
			return nil, err
		}
	}
	var d store.Document
	err := c.change(ctx, func(tx *store.Tx) (err error) {
		if d, err = findTheme(ctx, tx.Queries, c.vars["themeId"], "updating"); err != nil {
			return err
		}
		d.Body = merge(d.Body, c.object())
		return tx.SaveDocument(ctx, &d)
	})
	return d.Body, err
}

func (h *Handler) deleteTheme(ctx context.Context, c *call) (any, error) {
	return nil, c.change(ctx, func(tx *store.Tx) error {
		if _, err := findTheme(ctx, tx.Queries, c.vars["themeId"], "deleting"); err != nil {
			return err
		}
		return tx.DeleteDocument(ctx, store.ThemeKind, store.ThemeKind)
	})
}
