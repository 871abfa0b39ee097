package landlord

import (
	"time"
)

// Approval allows one exact migration to run, on one tenant or on every tenant
// whose migration has the digest.
type Approval struct {
	Digest     string // of the migration
	Tenant     string // slug; empty for every tenant with the digest
	ApprovedBy string // default: who applies
	Note       string
	ExpiresAt  time.Time // zero: never
	CreatedAt  time.Time // UTC
}

// ID returns the identifier of an approval: the digest, and behind a slash the
// tenant when there is one.
func (a Approval) ID() string {
	if a.Tenant == "" {
		return a.Digest
	}
	return a.Digest + "/" + a.Tenant
}
