package template

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/Masterminds/semver/v3"
)

// The longest template name and version. A name leaves room for the prefix of
// a materialized database (64 characters on every server); a version fits the
// column of the landlord database.
const (
	MaxNameLength    = 48
	MaxVersionLength = 64
)

// ID names one published, immutable state of a template. It is comparable and
// can be the key of a map.
type ID struct {
	Name    string
	Version string
}

// String returns the ID as it is written in a configuration: name@version.
func (id ID) String() string { return id.Name + "@" + id.Version }

// IDError says why a text is no template name, version or ID.
type IDError struct {
	Text   string // what was given
	Reason string // completes the sentence that begins with the text
}

// Error returns the text and what is wrong with it.
func (e *IDError) Error() string { return fmt.Sprintf("`%s` %s", e.Text, e.Reason) }

var namePattern = regexp.MustCompile(`^[a-z][a-z0-9_-]*$`)

// CheckName says whether a template may be called that: lower-case letters,
// digits, `_` and `-`, a letter first, at most MaxNameLength characters. The
// error is an *IDError.
func CheckName(name string) error {
	switch {
	case name == "":
		return &IDError{Text: name, Reason: "is no template name: it is empty"}
	case !namePattern.MatchString(name):
		return &IDError{Text: name, Reason: "is no template name: it has to start with a lower-case letter and hold lower-case letters, digits, `_` and `-` only"}
	case len(name) > MaxNameLength:
		return &IDError{Text: name, Reason: fmt.Sprintf("is no template name: it has %d characters, at most %d are allowed", len(name), MaxNameLength)}
	}
	return nil
}

// CheckVersion says whether a template version may be written that way: a full
// Semantic Version without build metadata, which would not take part in the
// order of versions. The error is an *IDError.
func CheckVersion(version string) error {
	v, err := semver.StrictNewVersion(version)
	switch {
	case version == "":
		return &IDError{Text: version, Reason: "is no template version: it is empty"}
	case err != nil:
		return &IDError{Text: version, Reason: "is no template version: write it as MAJOR.MINOR.PATCH, for example `1.0.0`"}
	case v.Metadata() != "":
		return &IDError{Text: version, Reason: "is no template version: build metadata (`+" + v.Metadata() + "`) has no place in the order of versions"}
	case len(version) > MaxVersionLength:
		return &IDError{Text: version, Reason: fmt.Sprintf("is no template version: it has %d characters, at most %d are allowed", len(version), MaxVersionLength)}
	}
	return nil
}

// ParseID reads `name@version`. The error is an *IDError.
func ParseID(text string) (ID, error) {
	name, version, found := strings.Cut(text, "@")
	if !found {
		return ID{}, &IDError{Text: text, Reason: "names no version: write it as `name@version`, for example `basic@1.0.0`"}
	}
	if err := CheckName(name); err != nil {
		return ID{}, err
	}
	if err := CheckVersion(version); err != nil {
		return ID{}, err
	}
	return ID{Name: name, Version: version}, nil
}

// CompareVersions orders two versions by the rules of Semantic Versioning and
// returns -1, 0 or 1. Texts that are no versions come first, in byte order.
func CompareVersions(a, b string) int {
	va, errA := semver.StrictNewVersion(a)
	vb, errB := semver.StrictNewVersion(b)
	switch {
	case errA != nil && errB != nil:
		return strings.Compare(a, b)
	case errA != nil:
		return -1
	case errB != nil:
		return 1
	}
	return va.Compare(vb)
}

// SortVersions puts versions into their order, the oldest first.
func SortVersions(versions []string) { slices.SortFunc(versions, CompareVersions) }

// Proposal holds the versions under which a changed template can be published.
type Proposal struct {
	Patch string // for a correction
	Minor string // for an addition
}

// String returns the proposal as part of a sentence.
func (p Proposal) String() string {
	return fmt.Sprintf("`%s` (a correction) or `%s` (an addition)", p.Patch, p.Minor)
}

// NextVersion proposes the versions that follow both the current one and
// everything published, so that a proposal is never taken already. Texts that
// are no versions are left out; without any version it proposes from 0.0.0.
func NextVersion(current string, published []string) Proposal {
	newest := semver.New(0, 0, 0, "", "")
	for _, text := range append([]string{current}, published...) {
		if v, err := semver.StrictNewVersion(text); err == nil && v.GreaterThan(newest) {
			newest = v
		}
	}
	return Proposal{Patch: newest.IncPatch().String(), Minor: newest.IncMinor().String()}
}
