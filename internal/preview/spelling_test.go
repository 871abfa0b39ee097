package preview_test

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/preview"
)

// TestSecrets_spellings: a secret is found in whatever way a program writes it, and
// a short one hides no words.
func TestSecrets_spellings(t *testing.T) {
	t.Parallel()
	const secret = "Pläin&Key/7+x z?Q"
	plan := func(shown string) string {
		return fmt.Sprintf(`{"format_version":"1.2","planned_values":{},"variables":{"key":{"value":%q},"word":{"value":"prod"}},"configuration":{"root_module":{"variables":{"key":{"sensitive":true},"word":{"sensitive":true}}}},
			"resource_changes":[{"address":"landlord_tenant.a","mode":"managed","type":"landlord_tenant","change":{"actions":["update"],"before":{"slug":"a"},
			"after":{"slug":"a","migration":["INSERT INTO k VALUES (%s)"],"findings":[]},"after_unknown":{}}}]}`, secret, strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(shown))
	}
	std, raw := []byte(secret), []byte("user:"+secret+"@host")
	for name, shown := range map[string]string{
		"itself": secret, "lower case": strings.ToLower(secret), "upper case": strings.ToUpper(secret),
		"behind a JSON text with a byte 0": `CHECK (a REGEXP '[^\u0000-\u001f]') \u00007 ` + strings.ToUpper(secret),
		"a query":                          url.QueryEscape(secret), "a path": url.PathEscape(secret), "a path in lower case": strings.ToLower(url.PathEscape(secret)),
		"base64": base64.StdEncoding.EncodeToString(std), "base64 without padding": base64.RawStdEncoding.EncodeToString(std),
		"base64 of addresses": base64.URLEncoding.EncodeToString(std), "the same without padding": base64.RawURLEncoding.EncodeToString(std),
		"a part of base64": base64.StdEncoding.EncodeToString(raw), "a part further on": base64.StdEncoding.EncodeToString(raw[1:]), "and further": base64.RawURLEncoding.EncodeToString(raw[2:]),
		"lines of base64": base64.StdEncoding.EncodeToString([]byte(strings.Repeat("x", 50)))[:66] + "\n" + base64.StdEncoding.EncodeToString(std),
		"hex":             "0x" + hex.EncodeToString(std), "hex in upper case": "X'" + strings.ToUpper(hex.EncodeToString(std)) + "'", "a part of hex": "0x1" + hex.EncodeToString(raw),
	} {
		report, err := preview.Read(strings.NewReader(plan("'"+shown+"'")), preview.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if got := report.Classes[0].Statements[0].SQL; !strings.HasPrefix(got, "INSERT INTO k VALUES (") || !strings.Contains(got, "(sensitive value)") || strings.Contains(got, shown) || strings.Contains(got, strings.ToUpper(secret)) {
			t.Errorf("%s: %s is shown as %s", name, shown, got)
		}
	}
	for _, shown := range []string{"'Production'", "'PROD'", "'cHJvZA=='", "0x70726f64", "%70rod", `\u00007`, "a_very_long_name_of_a_column"} {
		report, err := preview.Read(strings.NewReader(plan(shown)), preview.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if got := report.Classes[0].Statements[0].SQL; got != "INSERT INTO k VALUES ("+shown+")" {
			t.Errorf("%s is shown as %s", shown, got)
		}
	}
}
