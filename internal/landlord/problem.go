package landlord

import (
	"errors"
	"fmt"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// Field names an input of the interface that can cure a problem. The values
// are the attribute names of the configuration.
type Field string

// The inputs that problems point at.
const (
	FieldNone             Field = ""
	FieldSlug             Field = "slug"
	FieldName             Field = "name"
	FieldTemplate         Field = "template"
	FieldModules          Field = "modules"
	FieldServer           Field = "server"
	FieldStatus           Field = "status"
	FieldVersion          Field = "version"
	FieldSource           Field = "source"
	FieldExtends          Field = "extends"
	FieldAllowDestructive Field = "allow_destructive"
	FieldDeletionPolicy   Field = "deletion_policy"
	FieldDriftPolicy      Field = "drift_policy"
	FieldResolutions      Field = "resolutions"
	FieldUpdatePolicy     Field = "update_policy"
	FieldDigest           Field = "digest"
	FieldExpiresAt        Field = "expires_at"
	FieldTenant           Field = "tenant"
	FieldDatabase         Field = "database"
	FieldDatabaseName     Field = "database_name"
	FieldContents         Field = "contents"
	FieldTables           Field = "tables"
	FieldVerify           Field = "verify"
	FieldCheckpoint       Field = "checkpoint"
	FieldPointInTime      Field = "point_in_time"
	FieldMode             Field = "mode"
	FieldRetention        Field = "retention"
	FieldTarget           Field = "target"
	FieldWhere            Field = "where"
	FieldOnConflict       Field = "on_conflict"
	FieldKeepers          Field = "keepers"
	FieldHosts            Field = "hosts"
	FieldRole             Field = "role"
	FieldPassword         Field = "password_wo"
	// FieldDeletionCheckpoint and FieldAutomaticCheckpoint are a tenant's.
	FieldDeletionCheckpoint  Field = "deletion_checkpoint"
	FieldAutomaticCheckpoint Field = "automatic_checkpoint"
)

// Problem is a refusal or a failure in words that a person can act on. Summary
// is a sentence without values and at most eight words; Detail holds one
// paragraph each for what was attempted, on what, why it did not work, and
// what to do next.
type Problem struct {
	Field   Field
	Summary string
	Detail  []string
	Err     error
}

// Error returns summary and paragraphs as one text.
func (p *Problem) Error() string {
	if len(p.Detail) == 0 {
		return p.Summary
	}
	return p.Summary + ": " + p.Text()
}

// Text returns the paragraphs, separated by empty lines.
func (p *Problem) Text() string { return strings.Join(p.Detail, "\n\n") }

// Unwrap returns the cause, if there is one.
func (p *Problem) Unwrap() error { return p.Err }

// NewProblem builds a Problem without a cause.
func NewProblem(field Field, summary string, detail ...string) *Problem {
	return &Problem{Field: field, Summary: summary, Detail: detail}
}

// Because returns the problem with its cause; the cause's text becomes a
// paragraph of its own in front of the last one, which says what to do.
func (p *Problem) Because(err error) *Problem { return p.BecauseOf(err.Error(), err) }

// BecauseOf is Because with another text for the cause.
func (p *Problem) BecauseOf(text string, err error) *Problem {
	cause := "Cause: " + text
	at := max(len(p.Detail)-1, 0)
	detail := append([]string{}, p.Detail[:at]...)
	detail = append(detail, cause)
	detail = append(detail, p.Detail[at:]...)
	return &Problem{Field: p.Field, Summary: p.Summary, Detail: detail, Err: err}
}

// Severity says whether a Note stops the plan.
type Severity int

// The severities of a Note.
const (
	Warning Severity = iota
	Failure
)

// Note is something that a plan has to say to a person: a finding in a
// template, a destructive step, drift. Notes with the same Summary belong to
// one class.
type Note struct {
	Severity Severity
	Field    Field
	Summary  string
	Detail   string
	Findings []Finding // what it says, one by one; nil when it says one thing
	// Passing says that other resources of the run, or the end of a retention, may
	// change it before the apply, so that only a person is told.
	Passing bool
}

// ChangedSincePlan refuses steps that are not what is left to do.
func ChangedSincePlan(field Field, slug, next string) error {
	return NewProblem(field, "Tenant changed since the plan",
		fmt.Sprintf("Another run has worked on tenant `%s` since the plan was made, so the planned steps are not what is left to do.", slug), next)
}

// Several counts things in a sentence.
func Several[N int | int64](n N, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// ByteSize writes a number of bytes as people read it, with the unit that fits.
func ByteSize(n int64) string {
	const step = 1024
	units := []string{"B", "KiB", "MiB", "GiB", "TiB"}
	size, at := float64(n), 0
	for size >= step && at < len(units)-1 {
		size, at = size/step, at+1
	}
	if at == 0 {
		return fmt.Sprintf("%d B", n)
	}
	return fmt.Sprintf("%.1f %s", size, units[at])
}

// LockProblem translates the failure to take a lock.
func LockProblem(field Field, doing string, err error) error {
	var held *mysql.LockHeldError
	if !errors.As(err, &held) {
		return fmt.Errorf("%s: taking the lock: %w", doing, err)
	}
	return &Problem{Field: field, Summary: "Another run holds the lock", Detail: []string{
		doing + " has to wait for another run.",
		Sentence(held.Error()),
		"Wait until that run is over and apply again, or raise `lock_timeout` of the provider.",
	}, Err: err}
}

// ReadOnlyProblem returns the *Problem of a server that takes no writes. primary is
// the one whose changes it has, empty when it is not known.
func ReadOnlyProblem(primary string) error {
	why := "The server does not take changes at present: `read_only` is on, as on a replica or after a failover."
	if primary != "" {
		why += fmt.Sprintf(" It has those of `%s`.", primary)
	}
	return NewProblem(FieldServer, "Server is read-only", why,
		"Let `endpoint` of the provider name the primary and apply again; what was interrupted goes on where it stopped.")
}
