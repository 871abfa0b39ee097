package landlord

// RecordKind is a kind of things that the landlord database knows, each with a name.
type RecordKind string

// The kinds of records that can be listed.
const (
	RecordTemplate      RecordKind = "template"
	RecordFleet         RecordKind = "fleet"
	RecordCustomization RecordKind = "customization"
	RecordCheckpoint    RecordKind = "checkpoint"
	RecordAccount       RecordKind = "account"
)

// OfTenant says whether what is of this kind belongs to one tenant, and has its name
// there only.
func (k RecordKind) OfTenant() bool { return k != RecordTemplate && k != RecordFleet }

// Record names one thing that the landlord database knows.
type Record struct {
	Tenant string // slug; empty for what is not of one tenant
	Name   string
}

// NamedRecords returns records of names that are not of one tenant.
func NamedRecords(names []string) []Record {
	out := make([]Record, len(names))
	for i, name := range names {
		out[i].Name = name
	}
	return out
}
