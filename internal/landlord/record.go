package landlord

// RecordKind is a kind of things that tenants have, each with a name.
type RecordKind string

// The kinds of records that can be listed.
const (
	RecordCustomization RecordKind = "customization"
	RecordCheckpoint    RecordKind = "checkpoint"
	RecordAccount       RecordKind = "account"
)

// Record names one thing of a tenant that the landlord database knows.
type Record struct {
	Tenant string // slug
	Name   string
}
