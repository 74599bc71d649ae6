package api

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"

	"github.com/proofkey/proofkey/management"
	"github.com/proofkey/proofkey/store"
)

func (h *Handler) tenants() []operation {
	return []operation{
		{"GET", "/tenants/settings", "Get tenant settings", "", h.getTenantSettings},
		{"PATCH", "/tenants/settings", "Update tenant settings", tenantSettings, h.updateTenantSettings},
	}
}

// tenantSettings names the entity, and the kind and the id of its one document.
const tenantSettings = "tenant_settings"

// tenantDefaults are what a tenant shows that says nothing.
func tenantDefaults() document {
	return document{
		"allowed_logout_urls": []any{}, "change_password": document{"enabled": false}, "enabled_locales": []any{"en"},
		"default_audience": "", "default_directory": "", "guardian_mfa_page": document{"enabled": false},
		"session_lifetime": 168, "idle_session_lifetime": 72, "ephemeral_session_lifetime": 72, "idle_ephemeral_session_lifetime": 24,
		"sandbox_version": "22", "session_cookie": document{"mode": "persistent"}, "universal_login": document{},
		"resource_parameter_profile": "audience", "phone_consolidated_experience": false,
		"client_id_metadata_document_supported": false, "dynamic_client_registration_security_mode": "permissive",
	}
}

// flagDefaults leave out enable_client_connections: clients read its absence as true.
func flagDefaults() document {
	d := document{"disable_impersonation": true, "enable_sso": true, "universal_login": true,
		"enable_public_signup_user_exists_error": true, "disable_management_api_sms_obfuscation": true}
	for _, name := range []string{
		"allow_changing_enable_sso", "enable_dynamic_client_registration", "use_scope_descriptions_for_consent",
		"revoke_refresh_token_grant", "disable_clickjack_protection_headers", "no_disclose_enterprise_connections",
		"disable_fields_map_fix", "mfa_show_factor_list_on_enrollment", "remove_alg_from_jwks", "enable_apis_section",
		"enable_pipeline2", "enable_custom_domain_in_emails", "enable_legacy_logs_search_v2", "change_pwd_flow_v1",
	} {
		d[name] = false
	}
	return d
}

// findTenant is the tenant's row with what its administrators said.
func findTenant(ctx context.Context, q store.Queries) (store.Tenant, document, error) {
	t, err := q.Tenant(ctx)
	if err != nil {
		return t, nil, err
	}
	d, err := q.Document(ctx, tenantSettings, tenantSettings)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return t, nil, err
	}
	var then store.TenantSettings
	if err := applyTenant(&then, d.Body); err != nil {
		return t, nil, err
	}
	before, err := wireOfTenant(then)
	if err != nil {
		return t, nil, err
	}
	now, err := wireOfTenant(t.Settings)
	return t, said(d.Body, now, before), err
}

// applyTenant puts what a document says into the row. Attack protection has its own documents.
func applyTenant(s *store.TenantSettings, body document) error {
	fresh := store.TenantSettings{BruteForce: s.BruteForce, SuspiciousIP: s.SuspiciousIP}
	if err := through(body, &fresh); err != nil {
		return err
	}
	if asks, ok := at(body, "sessions", "oidc_logout_prompt_enabled").(bool); ok {
		fresh.OIDCLogout.EndUserConfirmation = &asks
	}
	*s = fresh
	return nil
}

// wireOfTenant has what differs from a fresh tenant.
func wireOfTenant(s store.TenantSettings) (document, error) {
	asks := s.OIDCLogout.EndUserConfirmation
	s.OIDCLogout.EndUserConfirmation = nil
	s.BruteForce, s.SuspiciousIP = store.BruteForce{}, store.SuspiciousIP{}
	d, err := toDocument(s)
	if asks != nil {
		d["sessions"] = document{"oidc_logout_prompt_enabled": *asks}
	}
	return d, err
}

func showTenant(body document) document {
	out := merge(body, document{})
	fill(out, tenantDefaults())
	fillIn(out, "flags", flagDefaults())
	fillIn(out, "oidc_logout", document{"rp_logout_end_session_endpoint_discovery": true})
	return out
}

func (h *Handler) getTenantSettings(ctx context.Context, _ *call) (any, error) {
	_, body, err := findTenant(ctx, h.DB.Queries)
	if err != nil {
		return nil, err
	}
	out := showTenant(body)
	out["sandbox_versions_available"] = []any{"22", "18", "12"}
	return out, nil
}

// inHours replaces the write-only lifetimes in minutes.
func inHours(body document) {
	for _, name := range []string{
		"session_lifetime", "idle_session_lifetime", "ephemeral_session_lifetime", "idle_ephemeral_session_lifetime",
	} {
		n, ok := body[name+"_in_minutes"].(json.Number)
		delete(body, name+"_in_minutes")
		if minutes, err := n.Float64(); ok && err == nil {
			body[name] = json.Number(strconv.FormatFloat(minutes/60, 'f', -1, 64))
		}
	}
}

func (h *Handler) updateTenantSettings(ctx context.Context, c *call) (any, error) {
	sent := c.object()
	inHours(sent)
	if sent["default_redirection_uri"] == "" {
		sent["default_redirection_uri"] = nil
	}
	var shown document
	err := c.change(ctx, func(tx *store.Tx) error {
		t, body, err := findTenant(ctx, tx.Queries)
		if err != nil {
			return err
		}
		body = merge(body, sent, "flags", "change_password", "guardian_mfa_page", "universal_login")
		if err := applyTenant(&t.Settings, body); err != nil {
			return badBody("The settings cannot be read.").Because(err)
		}
		if err := checkTenant(ctx, tx, t.Settings); err != nil {
			return err
		}
		if err := tx.SaveTenantSettings(ctx, t.Settings); err != nil {
			return err
		}
		shown = showTenant(body)
		return tx.PutDocument(ctx, &store.Document{Kind: tenantSettings, ID: tenantSettings, Body: body})
	})
	if err != nil {
		return nil, err
	}
	// The service shows these two in this answer only.
	fillIn(shown, "flags", document{
		"cannot_change_enforce_client_authentication_on_passwordless_start": true,
		"enforce_client_authentication_on_passwordless_start":               true,
	})
	return shown, nil
}

// checkTenant refuses what the running system could not do.
func checkTenant(ctx context.Context, tx *store.Tx, s store.TenantSettings) error {
	err := management.CheckTenant(ctx, tx.Queries, s)
	if _, wrong := errors.AsType[management.Mistakes](err); wrong {
		return badBody("%s", err.Error())
	}
	return err
}
