package engine

import (
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/source"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/texts"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/template"
)

// ServerConfig is the configuration of a server, for callers that must not
// know package mysql.
type ServerConfig = mysql.Config

// TLSConfig is the encryption of the connections to a server.
type TLSConfig = mysql.TLS

// TLSMode says how much a connection insists on encryption.
type TLSMode = mysql.TLSMode

// CheckSlug says whether a tenant may have the slug, whatever the prefix. The
// error is a *Problem.
func CheckSlug(slug string) error {
	_, err := landlord.DatabaseName("", slug)
	return err
}

// CheckTemplateName says whether a template may have the name.
func CheckTemplateName(name string) error { return template.CheckName(name) }

// CheckVersion says whether a text is a version of a template.
func CheckVersion(version string) error { return template.CheckVersion(version) }

// MaxTemplateSize is the most bytes that the texts of one template have together.
const MaxTemplateSize = template.MaxTotalSize

// CheckTemplateID says whether a text names a template version.
func CheckTemplateID(text string) error {
	_, err := template.ParseID(text)
	return err
}

// SplitSQL cuts a text into its statements by the rules of the mysql client.
// The error is a *Problem with line and column.
func SplitSQL(text string) ([]string, error) {
	statements, err := source.Split(text)
	if err != nil {
		return nil, &landlord.Problem{Summary: "SQL cannot be split into statements", Detail: []string{landlord.Sentence(err.Error())}, Err: err}
	}
	out := make([]string, 0, len(statements))
	for _, s := range statements {
		out = append(out, s.Text)
	}
	return out, nil
}

// CompareSQL returns the statements that turn one schema into another, without a
// server. The error is a *TextArgument.
func CompareSQL(from, to, flavor string) ([]string, error) { return texts.Compare(from, to, flavor) }

// ValidateSQL judges a text as the core of a template, without a server. The error
// is a *TextArgument.
func ValidateSQL(sql, flavor string) ([]TextFinding, error) { return texts.Validate(sql, flavor) }

// TextFinding is something that is wrong, or doubtful, in a text.
type TextFinding = texts.Finding

// TextArgument is the error of one of the texts that a function is given.
type TextArgument = texts.Argument
