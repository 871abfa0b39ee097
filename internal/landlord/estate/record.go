package estate

import (
	"context"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// Record names what a plan has found in data, in the landlord database.
type Record struct {
	Slug    string // of the tenant
	Subject string // whose plan it is
	Digest  string // of what is planned
	Seen    string // by the refresh before the plan, see Estate.Seen
}

// key has to be the same in a plan and in its apply, and another one in another plan.
func (r *Record) key() string {
	if r.Seen == "" {
		return r.Digest
	}
	return landlord.Digest(r.Digest, r.Seen)
}

// Seen returns what tells a plan from those before it: when a plan last recorded
// what it found in the data of one of these tenants; empty when none has. A
// refresh keeps it beside Terraform's state, where the apply of the same plan
// finds it again.
func (e *Estate) Seen(ctx context.Context, slugs ...string) (string, error) {
	newest, err := e.seen.Get(ctx, "", func() (map[string]string, error) { return e.Registry.NewestFindings(ctx, e.Servers.Main()) })
	if err != nil {
		return "", registry.Unreachable(e.Servers.Main(), "reading what plans have found", err)
	}
	last := ""
	for _, slug := range slugs {
		last = max(last, newest[slug])
	}
	return last, nil
}

// Promised returns what a plan finds in data, so that its apply finds the same.
//
// What a plan knows has to come out of the apply, for which Terraform plans once
// more in another process, and data changes in between. So a run that refreshes,
// as a plan does and an apply does not, records its answers, and one that does
// not takes them from the record of the plan that saw the same. Known is false when there is no such record:
// then nobody can promise to say the same once more.
func Promised[T any](ctx context.Context, e *Estate, r Record, ask func() ([]T, error)) (found []T, known bool, err error) {
	refreshes := e.Run.Refreshes()
	if !refreshes {
		if known, err = e.Registry.ReadFindings(ctx, e.Servers.Main(), r.Slug, r.Subject, r.key(), &found); err != nil || known {
			return found, known, err
		}
	}
	if found, err = ask(); err != nil || !refreshes {
		return found, false, err
	}
	first, failed := e.record(ctx, r, found)
	if failed != nil { // a replica, an account that may only read, or a landlord database of a former version
		e.Config.Log(ctx, "what the data says is not recorded", map[string]any{"tenant": r.Slug, "subject": r.Subject, "cause": mysql.Message(failed)})
	}
	if failed != nil || first {
		return found, failed == nil, nil //nolint:nilerr // what cannot be recorded is logged, and makes the answer one that nobody can promise
	}
	var recorded []T // of another plan, perhaps, that was quicker
	known, err = e.Registry.ReadFindings(ctx, e.Servers.Main(), r.Slug, r.Subject, r.key(), &recorded)
	if err != nil || !known {
		return found, false, err
	}
	return recorded, true, nil
}

func (e *Estate) record(ctx context.Context, r Record, found any) (first bool, err error) {
	x, err := e.Servers.Main().Session(ctx)
	if err != nil {
		return false, err
	}
	defer x.Close()
	if err := registry.CheckWritable(ctx, x); err != nil {
		return false, err
	}
	e.seen.Forget("")
	return e.Registry.WriteFindings(ctx, x, r.Slug, r.Subject, r.key(), found)
}
