package preview

// FormatVersion is the version of the JSON that a preview prints. The first
// number changes when something is renamed, removed or means something else, the
// second one when something is added.
const FormatVersion = "1.3"

// Report is what a plan would do, for programs. Lists are never null.
type Report struct {
	FormatVersion    string `json:"format_version"`
	TerraformVersion string `json:"terraform_version"`
	// Dangerous says that something is destroyed or may lose data, that something
	// fails or is in conflict, or that nobody can tell before the apply.
	Dangerous bool     `json:"dangerous"`
	Dangers   []Danger `json:"dangers"` // the gravest first
	Summary   Summary  `json:"summary"`

	Losses    []Loss     `json:"losses"`    // what is destroyed or replaced
	Classes   []Class    `json:"classes"`   // tenants with which the same is to be done, the gravest first
	Fleets    []Fleet    `json:"fleets"`    // with their own classes
	Conflicts []Conflict `json:"conflicts"` // what waits for a decision
	Approvals []Approval `json:"approvals"` // what waits for an approval
	Drift     []Drift    `json:"drift"`     // changes of schemas that came from elsewhere
	Outside   []Outside  `json:"outside"`   // what a refresh found changed, beside schemas
	Others    []Other    `json:"others"`    // what else changes: customizations, checkpoints, accounts …
	Actions   []Action   `json:"actions"`   // actions that the apply runs
	Unknown   []Unknown  `json:"unknown"`   // what is known after the apply only
}

// DangerKind says why a plan is dangerous.
type DangerKind string

// The kinds of danger, the gravest first.
const (
	DangerDestroyed   DangerKind = "destroyed"   // a tenant, or something that holds data or rights, goes
	DangerDestructive DangerKind = "destructive" // a statement loses data or objects
	DangerLockedOut   DangerKind = "locked_out"  // accounts of a tenant get in no more
	DangerFailing     DangerKind = "failing"     // it cannot work, or could not be planned
	DangerConflict    DangerKind = "conflict"    // somebody has to decide
	DangerUnknown     DangerKind = "unknown"     // statements are not known before the apply
)

func dangerKinds() []DangerKind {
	return []DangerKind{DangerDestroyed, DangerDestructive, DangerLockedOut, DangerFailing, DangerConflict, DangerUnknown}
}

// Danger is one reason why a plan is dangerous.
type Danger struct {
	Kind    DangerKind `json:"kind"`
	Address string     `json:"address"` // of the resource, or of the first of several
	Tenants int        `json:"tenants"` // how many tenants it concerns, 0 for none
	Detail  string     `json:"detail"`
}

// Summary counts tenants, those of fleets included.
type Summary struct {
	Create    int `json:"create"`    // tenants to make
	Update    int `json:"update"`    // tenants that get statements, another version or other modules
	Record    int `json:"record"`    // tenants of which only the landlord database changes
	Delete    int `json:"delete"`    // tenants that go, those that are replaced included
	Wait      int `json:"wait"`      // tenants that wait for an approval
	Stay      int `json:"stay"`      // tenants that are held or in conflict
	Later     int `json:"later"`     // tenants of waves that do not begin yet
	Fail      int `json:"fail"`      // tenants that cannot be planned or will fail
	Drifted   int `json:"drifted"`   // tenants whose schema somebody changed
	Others    int `json:"others"`    // resources that are no tenants and change
	Unplanned int `json:"unplanned"` // tenants of which nobody knows yet what happens
}

// Loss is a resource that is destroyed or replaced.
type Loss struct {
	Address  string `json:"address"`
	Type     string `json:"type"`
	Name     string `json:"name"`     // slug of a tenant, name or id of something else
	Database string `json:"database"` // empty where there is none
	Replaced bool   `json:"replaced"` // another one takes its place
	Policy   string `json:"policy"`   // deletion_policy of a tenant or fleet
	What     string `json:"what"`     // what becomes of it, as a sentence
}

// Statement is one statement of a migration.
type Statement struct {
	SQL         string `json:"sql"`
	Risk        string `json:"risk"` // what it costs or loses, in words; empty for a harmless one
	Destructive bool   `json:"destructive"`

	line string // of the plan, of which the others are parts
}

// Finding is something that a plan has to say about the tenants of a class.
type Finding struct {
	Severity  string `json:"severity"` // error or warning
	Kind      string `json:"kind"`
	Object    string `json:"object"`
	Statement int64  `json:"statement"` // number in the class, 1 for the first; 0 for none
	Tenants   int    `json:"tenants"`   // how many tenants have it
	Rows      *int64 `json:"rows"`      // of all these tenants; null where none were counted
	Detail    string `json:"detail"`    // as of the first tenant
	Action    string `json:"action"`

	base, template, own string // of a conflict
}

// Class is a set of tenants with which the same is to be done. The statements are
// those of the first tenant.
type Class struct {
	Action     string      `json:"action"` // create, update, record, delete, release, join, wait, stay, later, fail, unplanned
	Wave       string      `json:"wave"`   // of a fleet; empty without
	Server     string      `json:"server"` // of a fleet; empty for the main one, and for tenants that are resources of their own
	Tenants    int         `json:"tenants"`
	Slugs      []string    `json:"slugs"` // the first ten
	Addresses  []string    `json:"addresses"`
	From       string      `json:"from"` // name@version; empty for new tenants
	To         string      `json:"to"`
	Verdict    string      `json:"verdict"`
	Digest     string      `json:"digest"` // of the migration, where it waits for an approval
	Statements []Statement `json:"statements"`
	Rows       *int64      `json:"rows"`  // in the tables that are touched; null where the plan does not say
	Bytes      *int64      `json:"bytes"` // of these tables; null where the plan does not say
	Findings   []Finding   `json:"findings"`
	Conflicts  []string    `json:"conflicts"`   // keys of resolutions
	Reason     string      `json:"reason"`      // why the tenants wait, stay or fail
	Drifted    int         `json:"drifted"`     // how many of them somebody has changed, of a fleet
	Repairs    bool        `json:"repairs"`     // whether this plan undoes that
	Access     string      `json:"access"`      // locked_out or let_in, where the status of a tenant changes that; empty for neither
	Unasked    bool        `json:"unasked"`     // what the statements meet in the data is known after the apply only
	ApprovedBy string      `json:"approved_by"` // who allows a migration that needs an approval to run; empty for others
	Dangerous  bool        `json:"dangerous"`

	ownReason bool // Reason is in the words of this package
}

// Fleet is a fleet with what is pending in it.
type Fleet struct {
	Address string  `json:"address"`
	Name    string  `json:"name"`
	Action  string  `json:"action"` // create, update, delete, replace or none
	From    string  `json:"from"`
	To      string  `json:"to"`
	Through string  `json:"through"` // the last wave that begins; empty for all
	Waves   []Wave  `json:"waves"`
	Classes []Class `json:"classes"`
	Total   int     `json:"total"` // tenants of the list
	Behind  []State `json:"behind"`
}

// Wave is one wave of a fleet's rollout.
type Wave struct {
	Name    string `json:"name"`
	Begins  bool   `json:"begins"` // with this apply
	Tenants int    `json:"tenants"`
}

// State is a tenant of a fleet that is not where it should be.
type State struct {
	Slug   string `json:"slug"`
	Status string `json:"status"`
	Reason string `json:"reason"`
}

// Conflict is a place where a template update meets what tenants have of their
// own.
type Conflict struct {
	Key      string   `json:"key"` // of resolutions
	Tenants  int      `json:"tenants"`
	Slugs    []string `json:"slugs"` // the first ten
	Verdict  string   `json:"verdict"`
	Reason   string   `json:"reason"`
	Base     string   `json:"base"`     // definition before the update
	Template string   `json:"template"` // as the template wants it
	Tenant   string   `json:"tenant"`   // as the tenant has it
	Known    bool     `json:"known"`    // whether the plan has the definitions
	HCL      string   `json:"hcl"`      // that decides
}

// Approval is a migration that waits for one.
type Approval struct {
	Digest  string   `json:"digest"`
	Tenants int      `json:"tenants"`
	Slugs   []string `json:"slugs"` // the first ten
	HCL     string   `json:"hcl"`   // that approves
}

// Drift is a change of a tenant's schema that came from elsewhere.
type Drift struct {
	Tenant  string `json:"tenant"`
	Address string `json:"address"`
	Object  string `json:"object"`
	Element string `json:"element"`
	Kind    string `json:"kind"` // missing, extra, changed or definer
	Detail  string `json:"detail"`
	Harm    string `json:"harm"`
	Repairs bool   `json:"repairs"` // whether this plan undoes it

	fate string // what becomes of it where that is neither; empty for what Repairs says
}

// Outside is a resource that changed outside of Terraform.
type Outside struct {
	Address    string   `json:"address"`
	Gone       bool     `json:"gone"`
	Attributes []string `json:"attributes"`
}

// Other is a change of a resource that is no tenant.
type Other struct {
	Address    string      `json:"address"`
	Type       string      `json:"type"`
	Action     string      `json:"action"` // create, update, replace, delete, forget, import
	Tenant     string      `json:"tenant"`
	Name       string      `json:"name"`
	Statements []Statement `json:"statements"`
	Findings   []Finding   `json:"findings"`
	Dangerous  bool        `json:"dangerous"`
}

// Action is an action of Terraform that the apply runs, as cores from 1.14 on do.
// What it does is not planned: this is what its configuration says.
type Action struct {
	Address   string `json:"address"`
	Type      string `json:"type"`
	Tenant    string `json:"tenant"`  // or the fleet; empty without one
	Trigger   string `json:"trigger"` // address of the resource; empty where somebody asks for the action alone
	Event     string `json:"event"`   // before_create, after_update …; empty as Trigger
	Deferred  bool   `json:"deferred"`
	What      string `json:"what"` // in words
	Dangerous bool   `json:"dangerous"`
}

// Unknown names what of a resource is known after the apply only, of what a
// reviewer would look at.
type Unknown struct {
	Address    string   `json:"address"`
	Attributes []string `json:"attributes"`
}
