package api

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"golang.org/x/text/language"

	"github.com/proofkey/proofkey/liquid"
	"github.com/proofkey/proofkey/store"
)

func (h *Handler) prompts() []operation {
	settings := singleton{kept: kept{entity: store.PromptsKind, defaults: func() document {
		return document{"universal_login_experience": "new", "identifier_first": false}
	}}, path: "/prompts", one: "prompt settings"}
	push := singleton{kept: kept{entity: "prompt_mfa_push"}, path: "/prompts/mfa-push", one: "the settings of the push prompt"}
	return append(append(settings.operations(), push.operations()...), []operation{
		{"GET", "/prompts/{prompt}/custom-text/{language}", "Get custom text for a prompt", "", h.getCustomText},
		{"PUT", "/prompts/{prompt}/custom-text/{language}", "Set custom text for a prompt", anyBody, h.setCustomText},
		{"GET", "/prompts/{prompt}/partials", "Get partials for a prompt", "", h.getPartials},
		{"PUT", "/prompts/{prompt}/partials", "Set partials for a prompt", anyBody, h.setPartials},
	}...)
}

// promptScreens are the prompts with their screens.
var promptScreens = map[string][]string{
	"login":                       {"login"},
	"login-id":                    {"login-id"},
	"login-password":              {"login-password"},
	"login-passwordless":          {"login-passwordless-email-code", "login-passwordless-email-link", "login-passwordless-sms-otp"},
	"login-email-verification":    {"login-email-verification"},
	"signup":                      {"signup"},
	"signup-id":                   {"signup-id"},
	"signup-password":             {"signup-password"},
	"phone-identifier-enrollment": {"phone-identifier-enrollment"},
	"phone-identifier-challenge":  {"phone-identifier-challenge"},
	"email-identifier-challenge":  {"email-identifier-challenge"},
	"reset-password": {"reset-password", "reset-password-email", "reset-password-error", "reset-password-request", "reset-password-success",
		"reset-password-mfa-email-challenge", "reset-password-mfa-otp-challenge", "reset-password-mfa-phone-challenge",
		"reset-password-mfa-push-challenge-push", "reset-password-mfa-recovery-code-challenge", "reset-password-mfa-sms-challenge",
		"reset-password-mfa-voice-challenge", "reset-password-mfa-webauthn-platform-challenge", "reset-password-mfa-webauthn-roaming-challenge"},
	"custom-form":        {"custom-form"},
	"consent":            {"consent"},
	"customized-consent": {"customized-consent"},
	"logout":             {"logout", "logout-aborted", "logout-complete"},
	"mfa-push": {"mfa-push-challenge-push", "mfa-push-enrollment-code", "mfa-push-enrollment-qr", "mfa-push-list", "mfa-push-success",
		"mfa-push-welcome"},
	"mfa-otp":   {"mfa-otp-challenge", "mfa-otp-enrollment-code", "mfa-otp-enrollment-qr"},
	"mfa-voice": {"mfa-voice-challenge", "mfa-voice-enrollment"},
	"mfa-phone": {"mfa-phone-challenge", "mfa-phone-enrollment"},
	"mfa-webauthn": {"mfa-webauthn-change-key-nickname", "mfa-webauthn-enrollment-success", "mfa-webauthn-error",
		"mfa-webauthn-not-available-error", "mfa-webauthn-platform-challenge", "mfa-webauthn-platform-enrollment",
		"mfa-webauthn-roaming-challenge", "mfa-webauthn-roaming-enrollment"},
	"mfa-sms":           {"mfa-country-codes", "mfa-sms-challenge", "mfa-sms-enrollment", "mfa-sms-list"},
	"mfa-email":         {"mfa-email-challenge", "mfa-email-list"},
	"mfa-recovery-code": {"mfa-recovery-code-challenge", "mfa-recovery-code-challenge-new-code", "mfa-recovery-code-enrollment"},
	"mfa":               {"mfa-begin-enroll-options", "mfa-detect-browser-capabilities", "mfa-enroll-result", "mfa-login-options"},
	"status":            {"status"},
	"device-flow": {"device-code-activation", "device-code-activation-allowed", "device-code-activation-denied",
		"device-code-confirmation"},
	"email-verification":     {"email-verification-result"},
	"email-otp-challenge":    {"email-otp-challenge"},
	"organizations":          {"organization-picker", "organization-selection", "pre-login-organization-picker"},
	"invitation":             {"accept-invitation"},
	"common":                 {"common", "redeem-ticket"},
	"passkeys":               {"passkey-enrollment", "passkey-enrollment-local"},
	"captcha":                {"interstitial-captcha"},
	"brute-force-protection": {"brute-force-protection-unblock", "brute-force-protection-unblock-failure", "brute-force-protection-unblock-success"},
	"async-approval-flow": {"async-approval-accepted", "async-approval-denied", "async-approval-error",
		"async-approval-wrong-user"},
	"confirmation": {"confirmation"},
}

var (
	partialPrompts = []string{"login", "login-id", "login-password", "login-passwordless", "signup", "signup-id", "signup-password",
		"customized-consent", "passkeys"}
	insertionPoints = []string{"form-content-start", "form-content", "form-content-end", "form-footer-start", "form-footer-end",
		"secondary-actions-start", "secondary-actions-end"}
)

// Bounds of what is kept for one prompt.
const (
	maxScreens = 50
	maxTexts   = 500
	maxText    = 4096     // characters
	maxPartial = 64 << 10 // bytes
)

// prompt is the prompt of the path; it must be one of some, or any that there is.
func (c *call) prompt(of ...string) (string, error) {
	name := c.vars["prompt"]
	if promptScreens[name] == nil || len(of) > 0 && !slices.Contains(of, name) {
		return "", pathError(fmt.Sprintf("Invalid value %q", cut(name, 100)), "prompt")
	}
	return name, nil
}

// customText names the document of a prompt's texts in a language.
func (c *call) customText() (d store.Document, err error) {
	prompt, err := c.prompt()
	if err != nil {
		return d, err
	}
	tag, err := language.Parse(c.vars["language"])
	if err != nil {
		return d, pathError(fmt.Sprintf("Invalid value %q", cut(c.vars["language"], 100)), "language")
	}
	return store.Document{Kind: store.CustomTextKind, ID: store.CustomTextID(tag.String(), prompt), Parent: tag.String()}, nil
}

func (h *Handler) getCustomText(ctx context.Context, c *call) (any, error) {
	named, err := c.customText()
	if err != nil {
		return nil, err
	}
	return orEmpty(h.DB.Document(ctx, named.Kind, named.ID))
}

// orEmpty shows nothing where no document is.
func orEmpty(d store.Document, err error) (any, error) {
	if errors.Is(err, store.ErrNotFound) {
		return document{}, nil
	}
	return d.Body, err
}

func (h *Handler) setCustomText(ctx context.Context, c *call) (any, error) {
	d, err := c.customText()
	if err != nil {
		return nil, err
	}
	d.Body, err = readScreens(c.body, func(_, _, value string) string {
		if n := len([]rune(value)); n > maxText {
			return fmt.Sprintf("String is too long (%d chars), maximum %d", n, maxText)
		}
		return ""
	})
	if err != nil {
		return nil, err
	}
	return c.replace(ctx, d)
}

// readScreens reads texts by screen and name. judge says what is wrong with one. Empty screens are left out.
func readScreens(body any, judge func(screen, name, value string) string) (document, error) {
	sent, ok := body.(map[string]any)
	if !ok {
		return nil, payloadError("Expected type object but found type "+kindOf(body), "")
	}
	if len(sent) > maxScreens {
		return nil, payloadError(fmt.Sprintf("Too many properties defined (%d), maximum %d", len(sent), maxScreens), "")
	}
	out := document{}
	for _, screen := range slices.Sorted(maps.Keys(sent)) {
		texts, ok := sent[screen].(map[string]any)
		switch {
		case sent[screen] == nil:
			continue
		case len(screen) > 100:
			return nil, payloadError("Additional properties not allowed: "+cut(screen, 100), "")
		case !ok:
			return nil, payloadError("Expected type object but found type "+kindOf(sent[screen]), screen)
		case len(texts) > maxTexts:
			return nil, payloadError(fmt.Sprintf("Too many properties defined (%d), maximum %d", len(texts), maxTexts), screen)
		}
		for _, name := range slices.Sorted(maps.Keys(texts)) {
			value, ok := texts[name].(string)
			switch {
			case len(name) > 200:
				return nil, payloadError("Additional properties not allowed: "+cut(name, 100), screen)
			case !ok:
				return nil, payloadError("Expected type string but found type "+kindOf(texts[name]), screen+"."+name)
			}
			if wrong := judge(screen, name, value); wrong != "" {
				return nil, payloadError(wrong, screen+"."+name)
			}
		}
		if len(texts) > 0 {
			out[screen] = texts
		}
	}
	return out, nil
}

// replace puts a whole document in the place of the one before; an empty one is none.
func (c *call) replace(ctx context.Context, d store.Document) (any, error) {
	c.target = d.ID
	return document{}, c.change(ctx, func(tx *store.Tx) error {
		if len(d.Body) > 0 {
			return tx.PutDocument(ctx, &d)
		}
		if err := tx.DeleteDocument(ctx, d.Kind, d.ID); !errors.Is(err, store.ErrNotFound) {
			return err
		}
		return nil
	})
}

func (h *Handler) getPartials(ctx context.Context, c *call) (any, error) {
	prompt, err := c.prompt(partialPrompts...)
	if err != nil {
		return nil, err
	}
	return orEmpty(h.DB.Document(ctx, store.PartialsKind, prompt))
}

func (h *Handler) setPartials(ctx context.Context, c *call) (any, error) {
	prompt, err := c.prompt(partialPrompts...)
	if err != nil {
		return nil, err
	}
	d := store.Document{Kind: store.PartialsKind, ID: prompt}
	d.Body, err = readScreens(c.body, func(screen, point, value string) string {
		switch {
		case !slices.Contains(promptScreens[prompt], screen):
			return "Screen is none of " + strings.Join(promptScreens[prompt], ",")
		case !slices.Contains(insertionPoints, point):
			return "Insertion point is none of " + strings.Join(insertionPoints, ",")
		case len(value) > maxPartial:
			return fmt.Sprintf("String is too long (%d bytes), maximum %d", len(value), maxPartial)
		}
		if _, err := liquid.Parse(value); err != nil {
			return "The template cannot be read: " + err.Error()
		}
		return ""
	})
	if err != nil {
		return nil, err
	}
	return c.replace(ctx, d)
}
