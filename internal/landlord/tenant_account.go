package landlord

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// AccountRole says what an account may do in the database of its tenant. No role
// reaches beyond that database, or may hand its rights on.
type AccountRole string

// The roles of an account: migrators change the structure too, applications rows
// alone, readers nothing.
const (
	RoleMigrator    AccountRole = "migrator"
	RoleApplication AccountRole = "application"
	RoleReadOnly    AccountRole = "read_only"
)

// AccountRoles returns the roles, the one that may least first.
func AccountRoles() []AccountRole {
	return []AccountRole{RoleReadOnly, RoleApplication, RoleMigrator}
}

// Privileges returns what a role may do in the database of its tenant, as a GRANT
// lists it.
func (r AccountRole) Privileges() []string {
	switch r {
	case RoleReadOnly:
		return []string{"SELECT", "SHOW VIEW"}
	case RoleApplication:
		return []string{"SELECT", "INSERT", "UPDATE", "DELETE", "EXECUTE"}
	case RoleMigrator:
		return []string{"SELECT", "INSERT", "UPDATE", "DELETE", "EXECUTE", "CREATE", "ALTER", "DROP", "INDEX", "REFERENCES", "TRIGGER", "EVENT",
			"CREATE VIEW", "SHOW VIEW", "CREATE ROUTINE", "ALTER ROUTINE", "CREATE TEMPORARY TABLES", "LOCK TABLES"}
	}
	return nil
}

// suffix ends the names of the role's accounts that have none of their own.
func (r AccountRole) suffix() string {
	switch r {
	case RoleMigrator:
		return "_migrator"
	case RoleReadOnly:
		return "_read"
	}
	return "_app"
}

// TenantAccountSpec is what the configuration wants of an account.
type TenantAccountSpec struct {
	Tenant, Name       string
	Hosts              []string // sorted
	Role               AccountRole
	RequireTLS         bool
	MaxUserConnections int64 // 0 for no limit but the server's

	// Password is for accounts that are made, and for those that are there when
	// NewPassword says so. It is in no error, log or plan.
	Password    Secret
	NewPassword bool
	// DiscardFormerPassword ends the validity of the password before, where the
	// server keeps two.
	DiscardFormerPassword bool
}

// Secret is a text that does not show when it is printed by mistake.
type Secret string

// String hides the text.
func (Secret) String() string { return "***" }

// GoString hides the text, for %#v.
func (Secret) GoString() string { return "***" }

// AccountStatus says where an account stands.
type AccountStatus string

// The statuses of an account.
const (
	AccountReady      AccountStatus = "ready"
	AccountIncomplete AccountStatus = "incomplete" // a run that made or changed it was cut off
	AccountUnmanaged  AccountStatus = "unmanaged"  // the landlord did not make it
)

// TenantAccount is an account of a tenant as its server has it.
type TenantAccount struct {
	Tenant, Name       string
	Server, Database   string // key of the server, empty for the main one
	Hosts              []string
	Role               AccountRole // that is recorded; of an account that is not, the least one that covers its rights
	RequireTLS         bool
	MaxUserConnections int64
	Locked             bool
	FormerPassword     bool // the password before is valid too
	Status             AccountStatus
	Fingerprint        string   // of everything that the server has of it but for passwords and locks
	Drift              []string // what is not as it should be, in words
	OtherHosts         []string // accounts of the name for other hosts, which the landlord did not make
	CreatedAt          time.Time
}

// ID names an account in the whole estate.
func (a *TenantAccount) ID() string { return a.Tenant + "/" + a.Name }

// AccountNames returns the accounts of a name as statements name them, one for
// each host.
func AccountNames(name string, hosts []string) []string {
	out := make([]string, len(hosts))
	for i, host := range hosts {
		out[i] = mysql.AccountName(name, host)
	}
	return out
}

// AccountPlan is what applying a TenantAccountSpec will do.
type AccountPlan struct {
	Name       string   // of the account on the server
	Statements []string // with `<secret>` in the place of a password
	Locked     bool     // afterwards
	Unknown    bool     // the tenant is made by this run: nothing else is known yet
	Notes      []Note
}

// MaxAccountName is the longest name of an account that every server takes.
const MaxAccountName = 32

// DefaultAccountName returns the name of an account that has none of its own: the
// database of its tenant and the role. A long one ends in a hash.
func DefaultAccountName(database string, role AccountRole) string {
	name := database + role.suffix()
	if len(name) <= MaxAccountName {
		return name
	}
	sum := sha256.Sum256([]byte(database))
	hash := "_" + hex.EncodeToString(sum[:4]) + role.suffix()
	return database[:MaxAccountName-len(hash)] + hash
}

var accountPattern = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]*$`)

// reservedAccounts are accounts that servers make for themselves.
var reservedAccounts = []string{"root", "mysql", "mysql.sys", "mysql.session", "mysql.infoschema", "mariadb.sys", "public", "event_scheduler"}

// CheckAccountName refuses names that accounts of tenants cannot have on every
// server. The error is a *Problem.
func CheckAccountName(name string) error {
	const summary = "Account name cannot be used"
	switch {
	case len(name) > MaxAccountName:
		return NewProblem(FieldName, summary, fmt.Sprintf("The name `%s` has %d characters; servers allow %d.", name, len(name), MaxAccountName),
			"Choose a shorter one, or leave `name` out.")
	case !accountPattern.MatchString(name):
		return NewProblem(FieldName, summary, fmt.Sprintf("The name `%s` has to begin with a letter, a digit or `_` and hold letters, digits, `_`, `.` and `-` only.", name),
			"Choose another one, or leave `name` out.")
	case slices.Contains(reservedAccounts, strings.ToLower(name)):
		return NewProblem(FieldName, summary, fmt.Sprintf("The name `%s` is of an account that servers have for themselves.", name),
			"Choose another one, or leave `name` out.")
	}
	return nil
}

var hostPattern = regexp.MustCompile(`^[a-z0-9_%]([a-z0-9_%.-]*[a-z0-9_%.])?$`)

// CheckAccountHost refuses what is no host of an account: a name or an address,
// also with the wildcards `%` and `_`, or an IPv4 network with its mask.
func CheckAccountHost(host string) error {
	address, mask, network := strings.Cut(host, "/")
	if network {
		a, err := netip.ParseAddr(address)
		m, maskErr := netip.ParseAddr(mask)
		if err == nil && maskErr == nil && a.Is4() && m.Is4() {
			return nil
		}
	} else if a, err := netip.ParseAddr(host); err == nil && a.Zone() == "" && a.String() == host || hostPattern.MatchString(host) && len(host) <= 60 {
		return nil
	}
	return fmt.Errorf("`%s` is no host of an account: write a name or an address in lower case, also with the wildcards `%%` and `_`, or an IPv4 network as `10.1.0.0/255.255.0.0`", host)
}

// CredentialsSpec is what a run wants of an account for itself.
type CredentialsSpec struct {
	Tenant     string
	Role       AccountRole
	Hosts      []string // sorted
	RequireTLS bool
	Life       time.Duration // until it is dropped, unless it is renewed
}

// MinCredentialsLife is the shortest life of an account for one run: what it takes
// to renew it, and a server that is slow.
const MinCredentialsLife = time.Minute

// DefaultCredentialsLife is how long an account for one run lives when nobody
// says.
const DefaultCredentialsLife = time.Hour

// Credentials are an account for one run.
type Credentials struct {
	Tenant, Server string // slug; key of the server
	Username       string
	Password       Secret
	Database       string
	Reach          mysql.Reach
	RequireTLS     bool
	ExpiresAt      time.Time
}

// DSN writes the connection as Go's MySQL driver reads one, with the password.
func (c *Credentials) DSN() Secret {
	return Secret(c.Reach.DSN(c.Username, string(c.Password), c.Database, c.RequireTLS))
}

// Connection is how applications reach a tenant.
type Connection struct {
	Tenant, Server string // slug; key of the server
	Status         Status
	Database       string
	Reach          mysql.Reach
	TLS            mysql.TLSMode // with which the provider itself connects
	Accounts       []ConnectionAccount
}

// ConnectionAccount is an account with which applications may log in.
type ConnectionAccount struct {
	Name       string
	Role       AccountRole
	Hosts      []string
	RequireTLS bool
	DSN        string // as Go's MySQL driver reads one, without a password
}
