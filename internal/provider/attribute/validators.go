package attribute

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/landlord-db/terraform-provider-landlord/internal/engine"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
)

// Checked is a validator of a text that asks a function.
type Checked struct {
	Summary string
	Wants   string
	Check   func(string) error
}

var _ validator.String = Checked{}

// Description says what the text has to be.
func (c Checked) Description(context.Context) string { return c.Wants }

// MarkdownDescription says what the text has to be.
func (c Checked) MarkdownDescription(context.Context) string { return c.Wants }

// ValidateString reports what the function says about a known text.
func (c Checked) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	err := c.Check(req.ConfigValue.ValueString())
	var p *landlord.Problem
	switch {
	case err == nil:
	case errors.As(err, &p):
		resp.Diagnostics.AddAttributeError(req.Path, p.Summary, p.Text())
	default:
		resp.Diagnostics.AddAttributeError(req.Path, c.Summary, Sentence(err.Error()))
	}
}

// IsSlug is the validator of the slug of a tenant.
func IsSlug() validator.String {
	return Checked{Summary: "Tenant slug cannot be used", Wants: "a slug: lower-case letters, digits, `-` and `_`, a letter first", Check: func(text string) error {
		_, err := landlord.DatabaseName("", text)
		return err
	}}
}

// IsTemplateID is the validator of a template name with its version.
func IsTemplateID() validator.String {
	return Checked{Summary: "Template reference cannot be read", Wants: "`name@version`", Check: engine.CheckTemplateID}
}

// IsDuration is the validator of a duration above zero.
func IsDuration() validator.String {
	return Checked{Summary: "Duration cannot be read", Wants: "a duration above zero, for example `10s` or `5m`", Check: func(text string) error {
		_, err := ParseDuration(text)
		return err
	}}
}

// ParseDuration reads a duration as Go writes it; it has to be above zero.
func ParseDuration(text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 {
		return 0, fmt.Errorf("`%s` is no duration above zero: write a number and a unit, for example `10s`, `5m` or `720h`", text)
	}
	return d, nil
}

// IsTime is the validator of a time as RFC 3339 writes it.
func IsTime() validator.String {
	return Checked{Summary: "Time cannot be read", Wants: "a time as RFC 3339, for example `2030-01-31T12:00:00Z`", Check: func(text string) error {
		_, err := ParseTime(text)
		return err
	}}
}

// ParseTime reads a time as RFC 3339 writes it; an empty text is the zero time.
func ParseTime(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}, fmt.Errorf("`%s` is no time as RFC 3339 writes it, for example `2030-01-31T12:00:00Z`", text)
	}
	return at, nil
}

// IsDigest is the validator of the digest of a migration.
func IsDigest() validator.String {
	pattern := regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)
	return Checked{Summary: "Digest cannot be used", Wants: "the digest of a migration", Check: func(text string) error {
		if !pattern.MatchString(text) {
			return fmt.Errorf("`%s` is no digest of a migration: it is `sha256:` and 64 hexadecimal digits", text)
		}
		return nil
	}}
}

// serverKeyPattern is what the environment can name: the key in upper case is
// part of the names of variables.
const serverKeyPattern = `^[a-z][a-z0-9_]{0,63}$`

// IsServerKey is the validator of the key of a further server.
func IsServerKey() validator.String {
	pattern := regexp.MustCompile(serverKeyPattern)
	return Checked{Summary: "Server key cannot be used", Wants: "a key: lower-case letters, digits and `_`, a letter first, at most 64 characters", Check: func(text string) error {
		if !pattern.MatchString(text) {
			return fmt.Errorf("`%s` is no key of a server: it has to start with a lower-case letter and hold at most 64 lower-case letters, digits and `_` only", text)
		}
		return nil
	}}
}

// Sentence ends a text with a full stop, so that an error reads as a detail.
func Sentence(text string) string { return text + "." }

// IsTemplate is the validator of a template name with or without a version.
func IsTemplate() validator.String {
	return Checked{Summary: "Template reference cannot be read", Wants: "`name` or `name@version`", Check: func(text string) error {
		if strings.Contains(text, "@") {
			return engine.CheckTemplateID(text)
		}
		return engine.CheckTemplateName(text)
	}}
}

// OneOf is the validator of a choice.
func OneOf[T ~string](choices ...T) validator.String {
	texts := make([]string, len(choices))
	for i, choice := range choices {
		texts[i] = string(choice)
	}
	return stringvalidator.OneOf(texts...)
}

// NotEmpty are the validators of a text that has to say something.
func NotEmpty() []validator.String { return []validator.String{stringvalidator.LengthAtLeast(1)} }
