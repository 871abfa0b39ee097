package provider

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

// checked is a validator of a text that asks a function.
type checked struct {
	summary string
	wants   string
	check   func(string) error
}

var _ validator.String = checked{}

// Description says what the text has to be.
func (c checked) Description(context.Context) string { return c.wants }

// MarkdownDescription says what the text has to be.
func (c checked) MarkdownDescription(context.Context) string { return c.wants }

// ValidateString reports what the function says about a known text.
func (c checked) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	err := c.check(req.ConfigValue.ValueString())
	var p *landlord.Problem
	switch {
	case err == nil:
	case errors.As(err, &p):
		resp.Diagnostics.AddAttributeError(req.Path, p.Summary, p.Text())
	default:
		resp.Diagnostics.AddAttributeError(req.Path, c.summary, sentence(err.Error()))
	}
}

func isSlug() validator.String {
	return checked{summary: "Tenant slug cannot be used", wants: "a slug: lower-case letters, digits, `-` and `_`, a letter first", check: func(text string) error {
		_, err := landlord.DatabaseName("", text)
		return err
	}}
}

func isTemplateID() validator.String {
	return checked{summary: "Template reference cannot be read", wants: "`name@version`", check: engine.CheckTemplateID}
}

func isDuration() validator.String {
	return checked{summary: "Duration cannot be read", wants: "a duration above zero, for example `10s` or `5m`", check: func(text string) error {
		_, err := parseDuration(text)
		return err
	}}
}

// parseDuration reads a duration as Go writes it; it has to be above zero.
func parseDuration(text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 {
		return 0, fmt.Errorf("`%s` is no duration above zero: write a number and a unit, for example `10s`, `5m` or `720h`", text)
	}
	return d, nil
}

func isTime() validator.String {
	return checked{summary: "Time cannot be read", wants: "a time as RFC 3339, for example `2030-01-31T12:00:00Z`", check: func(text string) error {
		_, err := parseTime(text)
		return err
	}}
}

// parseTime reads a time as RFC 3339 writes it; an empty text is the zero time.
func parseTime(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}, fmt.Errorf("`%s` is no time as RFC 3339 writes it, for example `2030-01-31T12:00:00Z`", text)
	}
	return at, nil
}

func isDigest() validator.String {
	pattern := regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)
	return checked{summary: "Digest cannot be used", wants: "the digest of a migration", check: func(text string) error {
		if !pattern.MatchString(text) {
			return fmt.Errorf("`%s` is no digest of a migration: it is `sha256:` and 64 hexadecimal digits", text)
		}
		return nil
	}}
}

// serverKeyPattern is what the environment can name: the key in upper case is
// part of the names of variables.
const serverKeyPattern = `^[a-z][a-z0-9_]{0,63}$`

func isServerKey() validator.String {
	pattern := regexp.MustCompile(serverKeyPattern)
	return checked{summary: "Server key cannot be used", wants: "a key: lower-case letters, digits and `_`, a letter first, at most 64 characters", check: func(text string) error {
		if !pattern.MatchString(text) {
			return fmt.Errorf("`%s` is no key of a server: it has to start with a lower-case letter and hold at most 64 lower-case letters, digits and `_` only", text)
		}
		return nil
	}}
}

// sentence ends a text with a full stop, so that an error reads as a detail.
func sentence(text string) string { return text + "." }

// isTemplate is the validator of a template name with or without a version.
func isTemplate() validator.String {
	return checked{summary: "Template reference cannot be read", wants: "`name` or `name@version`", check: func(text string) error {
		if strings.Contains(text, "@") {
			return engine.CheckTemplateID(text)
		}
		return engine.CheckTemplateName(text)
	}}
}

// oneOf is the validator of a choice.
func oneOf[T ~string](choices ...T) validator.String {
	texts := make([]string, len(choices))
	for i, choice := range choices {
		texts[i] = string(choice)
	}
	return stringvalidator.OneOf(texts...)
}

func notEmpty() []validator.String { return []validator.String{stringvalidator.LengthAtLeast(1)} }
