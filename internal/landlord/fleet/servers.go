package fleet

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// live returns the fingerprint of the schema that a tenant has, empty when its
// database is gone.
func (f *Fleets) live(ctx context.Context, row *registry.TenantRow) (string, error) {
	live, err := f.Estate.Snapshot.Fingerprint(ctx, row.Server, row.Database)
	if err != nil || live == nil {
		return "", err
	}
	return live.Whole, nil
}

// isDown says whether an error means that a server does not answer. It keeps its
// own tenants from being known, and no others.
func isDown(err error) bool {
	if err == nil || landlord.IsStopped(err) {
		return false
	}
	return mysql.IsUnanswered(err)
}

// server returns the key of the server that a tenant is on, or is to be made on.
func (one *planned) server() string {
	if one.row != nil && one.plan == nil {
		return one.row.Server
	}
	return one.spec.Server
}

// servers returns the keys of the servers that a change of the tenant works on: a
// move reads, locks and writes on both.
func (one *planned) servers() []string {
	if one.plan != nil && one.plan.Move != nil {
		return one.plan.Move.Servers()
	}
	return []string{one.server()}
}

// unreached stands for what is not known of the tenants of a server.
const unreached = "unreached"

// digests are digests of the tenants of each server, by its key. As a text the one
// of the main server stands alone, the others behind their keys.
type digests map[string]string

func digestsOf(parts map[string][]string, down map[string]bool) digests {
	out := digests{}
	for server, texts := range parts {
		out[server] = landlord.Digest(texts...)
	}
	for server, is := range down {
		if is {
			out[server] = unreached
		}
	}
	return out
}

func (d digests) String() string {
	var texts []string
	for _, server := range slices.Sorted(maps.Keys(d)) {
		text := d[server]
		if server != "" {
			text = server + "=" + text
		}
		texts = append(texts, text)
	}
	return strings.Join(texts, " ")
}

func parseDigests(text string) digests {
	out := digests{}
	for field := range strings.FieldsSeq(text) {
		server, digest, further := strings.Cut(field, "=")
		if !further {
			server, digest = "", field
		}
		out[server] = digest
	}
	return out
}

// agree says whether two digests are of the same tenants, as far as their servers
// could be reached both times.
func (d digests) agree(other digests) bool {
	for server := range both(d, other) {
		if d[server] != other[server] && d[server] != unreached && other[server] != unreached {
			return false
		}
	}
	return true
}

// within says whether these digests of work are of what was planned, or of less
// because a server cannot be reached by now.
func (d digests) within(planned digests) bool {
	for server := range both(d, planned) {
		if d[server] != planned[server] && d[server] != unreached {
			return false
		}
	}
	return true
}

func both(a, b digests) digests {
	out := maps.Clone(a)
	maps.Copy(out, b)
	return out
}
