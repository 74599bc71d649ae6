package store

// Kinds of the documents that say how the login pages look and speak.
const (
	BrandingKind     = "branding"                 // one, whose id is the kind
	ThemeKind        = "branding_theme"           // one, named DefaultTheme
	PageTemplateKind = "universal_login_template" // one, whose id is the kind
	PromptsKind      = "prompt_settings"          // one, whose id is the kind
	CustomTextKind   = "custom_text"              // for each prompt in a language, which is their parent
	PartialsKind     = "partials"                 // for each prompt, whose name is the id
	RenderingKind    = "prompt_rendering"         // for each screen of a prompt
	PushPromptKind   = "prompt_mfa_push"          // one, whose id is the kind
)

// DefaultTheme is the name of the tenant's theme.
const DefaultTheme = "default"
