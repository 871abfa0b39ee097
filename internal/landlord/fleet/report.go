package fleet

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
)

// Summary counts the tenants of a fleet as they are, or will be when there is
// nothing to do: what is to be done is in the classes of a plan.
type Summary struct {
	Total, Current, Later, Ready                                   int64
	ToCreate, ToUpdate                                             int64 // by the plan; none where nothing is planned
	Conflict, PendingApproval, Held, Interrupted, Drifted, Failing int64
}

// Result is a tenant that is not where it should be.
type Result struct {
	Slug   string
	Status string // conflict, held, pending_approval, interrupted, drifted, missing, failed, unreached
	Reason string
}

// The statuses of a Result that are no update status of a tenant.
const (
	ResultDrifted = "drifted"
	ResultMissing = "missing"
	ResultFailed  = "failed"
	// ResultUnreached: its server does not answer, so nothing is known of it.
	ResultUnreached = "unreached"
)

// seal keeps what an apply compares: some is whether there is anything to compare,
// works whether there is anything to do.
func (p *Plan) seal(d digests, some, works bool) {
	if some {
		p.sealed = d.String()
	}
	if works {
		p.Digest = p.sealed
	}
}

// joinNote tells of tenants that exist already and come into a fleet.
func joinNote(fleet string, slugs []string) landlord.Note {
	return landlord.Note{Severity: landlord.Warning, Field: FieldTenants, Summary: "Tenants join the fleet",
		Detail: fmt.Sprintf("Fleet `%s` takes in %s: %s.\nNothing of them is touched but what the plan shows. If another resource manages one, remove that resource with a `removed` block and `destroy = false`.",
			fleet, landlord.Several(len(slugs), "existing tenant"), landlord.FirstOf(slugs))}
}

// leaveNotes say which tenants go, where the classes that tell it are not in the plan
// because nobody sees what is done with others.
func leaveNotes(fleet string, classes []Class) []landlord.Note {
	var out []landlord.Note
	for i := range classes {
		if c := &classes[i]; c.Action == Delete {
			out = append(out, landlord.Note{Severity: landlord.Warning, Field: FieldTenants, Summary: "Tenants leave the fleet",
				Detail: fmt.Sprintf("Fleet `%s` gives up %s: %s. %s\nThe plan does not show what is done with others, so that this stands in no entry of `plans`.",
					fleet, landlord.Several(c.Tenants, "tenant"), landlord.FirstOf(c.Slugs), landlord.Sentence(c.Reason))})
		}
	}
	return out
}

// works says whether applying the plan does anything with the tenant.
func (one *planned) works() bool {
	switch one.action {
	case Keep, Stay, Fail, Later:
		return false
	}
	return true
}

// count counts a tenant, and says of one that will not be where it should be why.
func (f *Fleets) count(ctx context.Context, to *tally, one *planned) error {
	s := &to.Summary
	if one.action == Delete || one.action == Release {
		return nil
	}
	if one.pool && one.err == nil && one.action != Stay && one.action != Wait {
		if one.row != nil && !one.busy {
			s.Ready++
		}
		return nil
	}
	if !one.pool {
		s.Total++
	}
	r := Result{Slug: one.slug}
	switch one.action {
	case Create:
		s.ToCreate++
	case Update:
		s.ToUpdate++
	case Wait:
		r.Status, r.Reason = string(landlord.UpdatePendingApproval), "its migration waits for an approval"
	case Stay:
		r.Status, r.Reason = string(one.plan.UpdateStatus), reasonOf(one)
	case Fail:
		r.Status, r.Reason = ResultFailed, reasonOf(one)
	default:
		var err error
		if r.Status, r.Reason, err = f.standing(ctx, one.row); err != nil {
			return err
		}
		if one.action == Later && r.Status == "" {
			s.Later++
		}
	}
	to.Results = s.take(to.Results, r, one.action == Keep)
	return nil
}

// take counts a tenant by its result, and keeps the result of one that is not
// where it should be.
func (s *Summary) take(results []Result, r Result, stays bool) []Result {
	switch r.Status {
	case "":
		if stays {
			s.Current++
		}
		return results
	case string(landlord.UpdatePendingApproval):
		s.PendingApproval++
	case string(landlord.UpdateHeld):
		s.Held++
	case string(landlord.UpdateConflict):
		s.Conflict++
	case string(landlord.UpdateInterrupted):
		s.Interrupted++
	case ResultDrifted:
		s.Drifted++
	default:
		s.Failing++
	}
	return append(results, r)
}

// reasonOf says in one sentence why a tenant does not go where it should.
func reasonOf(one *planned) string {
	switch {
	case one.err != nil:
		var p *landlord.Problem
		if errors.As(one.err, &p) {
			return p.Summary
		}
		return one.err.Error()
	case one.plan.UpdateStatus == landlord.UpdateHeld:
		return "its update policy is hold"
	}
	return "conflicts wait for a decision"
}

// digestOfNotes makes one note of many that say the same of several tenants.
type digestOfNotes struct {
	order []string
	kinds map[string]*noteKind
}

type noteKind struct {
	first landlord.Note
	slugs []string
}

func newDigestOfNotes() *digestOfNotes { return &digestOfNotes{kinds: map[string]*noteKind{}} }

func (d *digestOfNotes) add(slug string, n landlord.Note) {
	key := fmt.Sprint(n.Severity, n.Summary)
	kind := d.kinds[key]
	if kind == nil {
		kind = &noteKind{first: n}
		d.kinds[key] = kind
		d.order = append(d.order, key)
	}
	if len(kind.slugs) == 0 || kind.slugs[len(kind.slugs)-1] != slug {
		kind.slugs = append(kind.slugs, slug)
	}
}

// list returns one note a kind: how many tenants it is of, the first ten, and
// what was said of the first.
func (d *digestOfNotes) list() []landlord.Note {
	var out []landlord.Note
	for _, key := range d.order {
		kind := d.kinds[key]
		n := kind.first
		n.Field = fieldOf(n.Field)
		if len(kind.slugs) > 1 {
			n.Detail = fmt.Sprintf("%s: %s. Of the first:\n\n%s", landlord.Several(len(kind.slugs), "tenant"), landlord.FirstOf(kind.slugs), n.Detail)
		}
		out = append(out, n)
	}
	return out
}

// fieldOf returns the attribute of a fleet for one of a tenant.
func fieldOf(field landlord.Field) landlord.Field {
	switch field {
	case landlord.FieldSlug, landlord.FieldName, landlord.FieldModules, landlord.FieldServer:
		return FieldTenants
	}
	return field
}

// refuse refuses a plan in which more tenants fail than may.
func (p *Plan) refuse(spec Spec) error {
	failed := p.failures()
	switch {
	case failed.tenants() == 0:
		return nil
	case failed.tenants() > spec.Rollout.MaxFailures || p.keeps():
		attempted := fmt.Sprintf("Planning fleet `%s`: of %d tenants, %d cannot be planned, and `max_failures` is %s.", spec.Name, len(p.members), failed.tenants(), spec.Rollout.budget())
		return failed.told("Fleet cannot be planned", attempted+beyond(failed, spec))
	}
	p.Notes = append(p.Notes, failed.note(fmt.Sprintf("Fleet `%s`: %s cannot be planned, and nothing is done with that; `max_failures` is %s.", spec.Name, landlord.Several(failed.tenants(), "tenant"), spec.Rollout.budget())))
	return nil
}

// failures returns what keeps tenants from being planned.
func (p *Plan) failures() *failures {
	failed := newFailures()
	for _, one := range p.members {
		if one.err != nil {
			failed.add(one.slug, one.err)
		}
	}
	return failed
}

// keeps says whether a tenant fails that is to go. However many may fail, it has
// to be told as an error: the list does not have it any more, so that nothing
// would try again.
func (p *Plan) keeps() bool {
	return slices.ContainsFunc(p.members, func(one *planned) bool { return one.goes && one.err != nil })
}

// beyond says why failures are too many that are as many as may be.
func beyond(failed *failures, spec Spec) string {
	if failed.tenants() > spec.Rollout.MaxFailures {
		return ""
	}
	return " A tenant that is to go and cannot is an error, however many may fail."
}

// State is a fleet as the landlord database and its servers know it.
type State struct {
	Fingerprint string
	Summary     Summary
	Results     []Result
}

// State returns what is known of the tenants of a fleet. before are the results
// of the last plan or apply: that a tenant waits, or cannot be planned, was found
// out by a plan, and is so until the next one. Errors are Problems.
func (f *Fleets) State(ctx context.Context, spec Spec, before []Result) (*State, error) {
	rows, err := f.rows(ctx)
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(spec.Members, func(m Member) bool { return m.selected }) { // an apply has them already
		spec = spec.with(spec.Selected, rows)
	}
	fleets, err := f.Estate.Fleets(ctx)
	if err != nil {
		return nil, err
	}
	out := &State{Results: []Result{}}
	owned := slices.DeleteFunc(slices.Clone(spec.Members), func(m Member) bool { return m.pool })
	if out.Fingerprint, err = f.fingerprint(ctx, slugsOf(owned), rows, fleets.Of); err != nil {
		return nil, err
	}
	found := map[string]Result{}
	for _, r := range before {
		if r.byPlan() {
			found[r.Slug] = r
		}
	}
	if spec.Pool > 0 {
		pool, err := f.pool(ctx, spec, nil)
		if err != nil {
			return nil, err
		}
		for _, t := range pool.own {
			if t.State == registry.PoolReady {
				out.Summary.Ready++
			}
		}
	}
	for _, m := range owned {
		row, r := rows[m.Slug], Result{Slug: m.Slug}
		if r.Status, r.Reason, err = f.standing(ctx, row); err != nil {
			return nil, err
		}
		if old, ok := found[m.Slug]; ok {
			r = old
		}
		out.Summary.Total++
		if r.Status == "" && (row.AppliedTemplate() != spec.TemplateOf(m) || !sameModules(row.Modules, m.Modules)) {
			out.Summary.Later++
			continue
		}
		out.Results = out.Summary.take(out.Results, r, true)
	}
	return out, nil
}

func slugsOf(members []Member) []string {
	slugs := make([]string, len(members))
	for i, m := range members {
		slugs[i] = m.Slug
	}
	return slugs
}

// byPlan says whether only a plan can tell a result.
func (r Result) byPlan() bool {
	switch r.Status {
	case string(landlord.UpdatePendingApproval), string(landlord.UpdateHeld), string(landlord.UpdateConflict), ResultFailed:
		return true
	}
	return false
}

// standing says why a tenant is not where it was left; nothing when it is.
func (f *Fleets) standing(ctx context.Context, row *registry.TenantRow) (status, reason string, err error) {
	switch {
	case row == nil:
		return ResultMissing, "the landlord database does not know it", nil
	case row.Running != "" || row.Status == landlord.StatusCreating || row.Status == landlord.StatusDropping:
		return string(landlord.UpdateInterrupted), "a run was cut off while it worked on it", nil
	}
	live, err := f.Estate.Snapshot.Fingerprint(ctx, row.Server, row.Database)
	switch {
	case isDown(err):
		return ResultUnreached, "its server, " + landlord.ServerName(row.Server) + ", cannot be reached", nil
	case err != nil:
		return "", "", err
	case live == nil:
		return ResultMissing, "its server has no database of its name", nil
	case drifted(row, live):
		reason, err = f.whatChanged(ctx, row, live)
		return ResultDrifted, reason, err
	}
	return "", "", nil
}

// drifted says whether somebody has changed the schema of a tenant.
func drifted(row *registry.TenantRow, live *ddl.Fingerprint) bool {
	return row.CurrentSchema != "" && row.Running == "" && live != nil && row.CurrentSchema != live.Whole
}

// mostDrifted is how many objects the reason of a drifted tenant names.
const mostDrifted = 5

// whatChanged says what somebody has changed. It compares fingerprints, of which that of
// the recorded schema is read once for all tenants that have it.
func (f *Fleets) whatChanged(ctx context.Context, row *registry.TenantRow, live *ddl.Fingerprint) (string, error) {
	const what = "somebody changed its schema"
	base, err := f.Estate.StoredSchema(ctx, row.CurrentSchema)
	if err != nil || base == nil {
		return what, err
	}
	var objects []string
	for _, c := range landlord.ChangedObjects(base.Fingerprint.Objects, live.Objects) {
		objects = append(objects, landlord.ObjectName(c.Object))
	}
	if more := len(objects) - mostDrifted; more > 0 {
		objects = append(objects[:mostDrifted], fmt.Sprintf("%d more", more))
	}
	if len(objects) == 0 {
		return what, nil
	}
	return what + ": " + strings.Join(objects, ", "), nil
}
