package account

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// maxUserName is the longest name of an account on MySQL; MariaDB takes more.
const maxUserName = 32

// mostPrefix is how much of a name the landlord database may have: what follows
// needs the rest.
const mostPrefix = 14

// A Name is an account as a server knows it.
type Name struct{ User, Host string }

// String returns the name as statements take it, quoted.
func (n Name) String() string { return mysql.AccountName(n.User, n.Host) }

// Names makes up the names of the accounts of one landlord. Two landlords on one
// server have landlord databases of different names, and so accounts of
// different names.
type Names struct{ database string }

// NamesOf returns the names for a landlord database.
func NamesOf(database string) Names { return Names{database: database} }

// prefix begins the names of all accounts of the landlord.
func (n Names) prefix() string { return shortened(n.database, mostPrefix) + "_" }

// RunPrefix begins the names of run accounts, and of no others.
func (n Names) RunPrefix() string { return n.prefix() + "run_" }

// ownerPrefix begins the names of the owner accounts of databases.
func (n Names) ownerPrefix() string { return n.prefix() + "owner_" }

// Run makes up the name of a run account.
func (n Names) Run() string {
	var random [6]byte
	_, _ = rand.Read(random[:]) // never fails
	return n.RunPrefix() + hex.EncodeToString(random[:])
}

// IsRun says whether a name is one that Run makes up.
func (n Names) IsRun(user string) bool {
	random, ok := strings.CutPrefix(user, n.RunPrefix())
	_, err := hex.DecodeString(random)
	return ok && len(random) == 12 && err == nil && random == strings.ToLower(random)
}

// Of returns the name of an account that stands for something for as long as
// that exists, for example `landlord_owner_acme`. A long one ends in a hash.
func (n Names) Of(kind, what string) string {
	begin := n.prefix() + kind + "_"
	return begin + shortened(what, maxUserName-len(begin))
}

// IsOurs says whether an account has a name that the landlord gives to its own.
func (n Names) IsOurs(user string) bool { return strings.HasPrefix(user, n.prefix()) }

// shortened returns a name of at most that many bytes: a long one keeps its
// beginning and gets a hash of the whole. Names of accounts tell upper from
// lower case on every server.
func shortened(name string, most int) string {
	if len(name) <= most {
		return name
	}
	sum := sha256.Sum256([]byte(name))
	hash := hex.EncodeToString(sum[:4])
	return strings.ToValidUTF8(name[:most-len(hash)], "") + hash
}
