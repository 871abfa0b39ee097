package landlord

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// ErrNotFound says that neither the landlord database nor the server knows
// what was asked for.
var ErrNotFound = errors.New("not found in the landlord database")

// Rendering says how a composed template becomes the schema that a server has.
type Rendering string

// The renderings: in a scratch database of the server, or by the parser alone.
const (
	RenderingServer Rendering = "server"
	RenderingParser Rendering = "parser"
)

// ExecutionAccount says who runs SQL that users wrote.
type ExecutionAccount string

// The accounts: one that is made for the run and has rights on one database, or
// that of the provider itself.
const (
	ExecutionDedicated ExecutionAccount = "dedicated"
	ExecutionOwn       ExecutionAccount = "own"
)

// The defaults of a Config.
const (
	DefaultDatabase    = "landlord"
	DefaultPrefix      = "tenant_"
	DefaultLockTimeout = 10 * time.Second
)

// The character set and collation of every tenant and scratch database.
const (
	TenantCharacterSet = "utf8mb4"
	TenantCollation    = "utf8mb4_unicode_ci"
)

// WithTenantCharacters ends every CREATE DATABASE, so that a scratch database
// makes of a statement what a tenant's would.
const WithTenantCharacters = " CHARACTER SET " + TenantCharacterSet + " COLLATE " + TenantCollation

// Config is what an Engine needs to know. The zero value of every field but
// Main has a default.
type Config struct {
	Main                mysql.Config
	Servers             map[string]mysql.Config // further servers that hold tenants, by key
	Database            string                  // the landlord database, default `landlord`
	Prefix              string                  // of tenant databases, default `tenant_`
	CheckpointDirectory string
	CreateDirectory     bool                                                             // make the checkpoint directory where it is not there
	Rendering           Rendering                                                        // default RenderingServer
	ExecutionAccount    ExecutionAccount                                                 // default ExecutionDedicated
	LockTimeout         time.Duration                                                    // how long to wait for another applier, default 10 s
	ProbeTime           time.Duration                                                    // of all questions of a plan to the data of tenants, default 5 min
	BackupObjective     time.Duration                                                    // how old the newest checkpoint of a tenant may be, 0 for as old as it is
	Author              string                                                           // who is recorded, default the account of the connection
	Version             string                                                           // of the provider
	Notifications       []Notification                                                   // who is told of what
	Progress            Progress                                                         `json:"-"` // default writes to Log
	Now                 func() time.Time                                                 `json:"-"`
	Log                 func(ctx context.Context, message string, fields map[string]any) `json:"-"`
}

// Whereabouts say where the database of a tenant is that the landlord database does
// not know; each is empty where nobody knows.
type Whereabouts struct{ Server, Database string }

// DeleteOptions says what becomes of a tenant that goes.
type DeleteOptions struct {
	Policy           DeletionPolicy
	AllowDestructive bool
	Checkpoint       string // name, or `tenant/name`, of a data checkpoint of the tenant
	Automatic        AutomaticCheckpoint
	Retention        time.Duration // of the automatic checkpoint, 0 for the default of 30 days
	At               Whereabouts   // by Terraform's state
}

// PriorTenant is the tenant as Terraform's prior state knows it.
type PriorTenant struct {
	Name        string
	Status      Status
	Metadata    map[string]string
	Template    string // name@version in force
	Modules     []string
	Server      string
	Database    string // name; empty for the one that the slug makes
	Fingerprint string // of the schema when the state was written or refreshed
	Seen        string // by that refresh, see estate.Estate.Seen

	Fleet        string // that the tenant leaves, because it came out of it into Terraform's state; empty for none
	UpdateStatus UpdateStatus
	Last         *LastMigration // to the second; nil when the state has none
	// Recorded says that the landlord database knew all of it when the state was written
	// or refreshed; false where nobody knows.
	Recorded bool
}

// ServerName names a server by its key, for people.
func ServerName(key string) string {
	if key == "" {
		return "the main server"
	}
	return "server `" + key + "`"
}

// Passwords returns the passwords of all servers, and the secrets and addresses
// of notifications, each once: what no text may hold.
func (c Config) Passwords() []string {
	passwords := []string{c.Main.Password}
	for _, server := range c.Servers {
		passwords = append(passwords, server.Password)
	}
	for i := range c.Notifications {
		passwords = append(passwords, c.Notifications[i].Secret, c.Notifications[i].URL)
	}
	slices.Sort(passwords)
	return slices.DeleteFunc(slices.Compact(passwords), func(s string) bool { return s == "" })
}

// WithDefaults returns the configuration with a value in every field that has a
// default.
func (c Config) WithDefaults() Config {
	if c.Database == "" {
		c.Database = DefaultDatabase
	}
	if c.Prefix == "" {
		c.Prefix = DefaultPrefix
	}
	if c.Rendering == "" {
		c.Rendering = RenderingServer
	}
	if c.ExecutionAccount == "" {
		c.ExecutionAccount = ExecutionDedicated
	}
	if c.LockTimeout == 0 {
		c.LockTimeout = DefaultLockTimeout
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = func(context.Context, string, map[string]any) {}
	}
	if c.Progress == nil {
		c.Progress = progressLog{log: c.Log}
	}
	return c
}
