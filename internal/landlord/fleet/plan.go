package fleet

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/apply"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
)

// Spec is what the configuration wants of a fleet.
type Spec struct {
	Name     string
	Template string // name@version that members without a version follow
	Members  []Member
	// Policies holds what is the same for all tenants: everything but what a
	// Member says.
	Policies  landlord.TenantSpec
	Released  []string // slugs that leave the fleet and stay as they are
	Rollout   Rollout
	Placement Placement

	Select   *Selection // of tenants that are not in the list; nil for none
	Selected []string   // that it has chosen, in a state or, when Planned, in the plan
	Pool     int        // tenants that are kept ready
	Pooled   []string   // their slugs, in a state or, when Planned, in the plan
	Planned  bool       // an apply takes what the plan has chosen

	Altered bool // the configuration is another one than that of the state
	Ends    bool // the fleet goes, so that its plan shows nothing

	applies  bool     // what was planned is carried out, and compared with what is there
	promised *promise // what the plan has chosen whose apply plans once more
}

// FieldReleased is the attribute that names tenants that leave a fleet.
const FieldReleased landlord.Field = "released"

// TemplateOf returns the template version that a member follows.
func (s *Spec) TemplateOf(m Member) string {
	if m.Version == "" {
		return s.Template
	}
	name, _, _ := strings.Cut(s.Template, "@")
	return name + "@" + m.Version
}

// Slugs returns the slugs of the tenants of the list.
func (s *Spec) Slugs() []string { return slugsOf(s.Members) }

// former returns the name that the fleet has had; the present one of one that
// keeps it.
func (s *Spec) former(prior *Prior) string {
	if prior == nil {
		return s.Name
	}
	return prior.Spec.Name
}

// Action is what a plan does with a tenant.
type Action string

// The actions.
const (
	Create  Action = "create"
	Update  Action = "update" // statements, or another version or other modules
	Record  Action = "record" // only the landlord database: name, metadata, status, policies
	Keep    Action = "keep"
	Delete  Action = "delete"
	Release Action = "release" // leaves the fleet and stays as it is
	Wait    Action = "wait"    // for an approval, which may have been given
	Stay    Action = "stay"    // held, or in conflict
	Fail    Action = "fail"    // cannot be planned
	Later   Action = "later"   // is in a wave that this apply does not begin
	Join    Action = "join"    // comes into the fleet as it is
)

// Plan is what applying a Spec will do.
type Plan struct {
	Classes []Class // of tenants with the same plan; what stays as it is has none
	Summary Summary
	Results []Result // tenants that will not be where they should be
	Digest  string   // of everything that is to be done; empty when there is nothing
	Notes   []landlord.Note
	// Unseen says that the parser alone cannot tell what is done with some tenants: then
	// nobody can tell the classes either.
	Unseen bool

	Selected []string // slugs of the tenants that are in the fleet without being listed
	Pooled   []string // slugs of the tenants that are kept ready
	Unsure   bool     // nobody can promise that planning once more finds the same tenants

	spec       Spec // with all its members
	pool       *pool
	unfinished *unfinished    // rollback, that the apply completes before anything else
	ready      *tally         // what the tenants come to that are nobody's
	keepsPool  bool           // there are, or are to be, tenants that are nobody's
	sealed     string         // what Digest is, whether the pool leaves anything to do or not
	members    []*planned     // by slug
	waves      []string       // names
	approved   bool           // a migration that waits
	joining    []string       // slugs of tenants that exist, in no fleet so far
	renamed    bool           // the fleet had another name
	stopped    *landlord.Note // says why an apply has begun no further wave, because of those before it
}

// HasWork says whether applying the plan does anything.
func (p *Plan) HasWork() bool { return p.Digest != "" || p.approved }

// planned is one tenant of a plan.
type planned struct {
	slug     string
	spec     landlord.TenantSpec
	prior    *landlord.PriorTenant
	row      *registry.TenantRow // nil for a tenant that is not registered
	action   Action
	deletion landlord.DeleteOptions // of a tenant that goes
	plan     *apply.TenantPlan
	err      error           // that the plan of the tenant ended in
	unknown  bool            // to Terraform: an earlier run, or another one, has made it for this fleet
	done     bool            // applied
	goes     bool            // is not in the list any more, so nothing knows of it afterwards
	later    bool            // its wave is not to begin yet, whatever else is done with it
	wave     int             // of the rollout, -1 for what comes before all waves
	checked  bool            // after its wave
	left     bool            // is not any more what its wave has made of it
	chosen   bool            // is not in the list, so keeps its name, status and metadata whatever they are
	joins    bool            // exists, and was in no fleet so far
	pool     bool            // nobody's
	busy     bool            // of the pool, and not given to it yet
	renamed  bool            // its fleet had another name
	to       string          // name@version that is wanted, whatever its wave
	follows  bool            // its template now, after an apply
	told     []landlord.Note // by its apply
	drifted  bool            // somebody has changed its schema
}

// Plan says what applying a specification will do, and how large the tables are that
// it touches. It writes nothing but scratch databases, and what it has found for the
// apply. prior is what Terraform's state knows, nil for a fleet that it does
// not have. A tenant that cannot be planned keeps no other from being planned.
// Errors are Problems.
func (f *Fleets) Plan(ctx context.Context, spec Spec, prior *Prior) (*Plan, error) {
	p, err := f.choosing(ctx, spec, prior)
	if err != nil {
		return nil, err
	}
	if err := f.measure(ctx, p, p.spec, prior); err != nil {
		return nil, err
	}
	return p, nil
}

func (f *Fleets) plan(ctx context.Context, spec Spec, prior *Prior) (*Plan, error) {
	if err := spec.Placement.check(func(key string) error { _, err := f.Servers.Server(key); return err }); err != nil {
		return nil, err
	}
	rows, fleets, err := f.members(ctx)
	if err != nil {
		return nil, err
	}
	if err := spec.promised.holds(&spec, rows); err != nil {
		return nil, err
	}
	p := &Plan{waves: spec.Rollout.names(), renamed: spec.former(prior) != spec.Name, Selected: spec.choice(prior, rows, fleets)}
	if p.pool, err = f.pool(ctx, spec, prior); err != nil {
		return nil, err
	}
	p.keepsPool = spec.Pool > 0 || prior != nil && prior.Spec.Pool > 0 || len(p.pool.own) > 0
	p.Selected = slices.DeleteFunc(p.Selected, func(slug string) bool { return p.pool.free[slug].Slug != "" })
	if err := f.checkPool(spec, p.pool); err != nil {
		return nil, err
	}
	p.Pooled = spec.pooled(p.pool, rows)
	spec = spec.with(p.Selected, rows).withPool(p.Pooled, rows)
	counted := spec.Members
	if len(counted) == 0 && prior != nil { // the fleet goes
		counted = prior.Spec.Members
	}
	spec.Rollout.resolve(counted)
	p.spec = spec
	if err := spec.Rollout.check(spec.Members); err != nil {
		return nil, err
	}
	if prior != nil && prior.Fingerprint != "" {
		before, err := f.fingerprint(ctx, prior.slugs(), rows, fleets)
		if err != nil {
			return nil, err
		}
		if !parseDigests(before).agree(parseDigests(prior.Fingerprint)) {
			return nil, landlord.NewProblem(FieldTenants, "Fleet changed since it was read",
				fmt.Sprintf("Planning fleet `%s`: tenants of it are not what Terraform's state has, so somebody has worked on them since they were read.", spec.Name),
				"Nothing was run. Plan again, with a refresh.")
		}
	}
	if p.unfinished, err = f.unfinished(ctx, spec, prior, rows); err != nil {
		return nil, err
	}
	if err := f.choose(ctx, p, spec, prior, rows, fleets); err != nil {
		return nil, err
	}
	if err := f.planAll(ctx, p, spec, prior); err != nil {
		return nil, err
	}
	if err := f.hold(ctx, p, spec, prior); err != nil {
		return nil, err
	}
	if err := f.sumUp(ctx, p, spec); err != nil {
		return nil, err
	}
	if p.unfinished != nil && len(p.unfinished.tenants) > 0 {
		return p, nil // the apply takes tenants back before anything else, and refuses then
	}
	return p, p.refuse(spec)
}

// rows returns the registry rows of all tenants, by slug.
func (f *Fleets) rows(ctx context.Context) (map[string]*registry.TenantRow, error) {
	all, err := f.Estate.Snapshot.All(ctx)
	if err != nil {
		return nil, err
	}
	rows := make(map[string]*registry.TenantRow, len(all))
	for _, row := range all {
		rows[row.Slug] = row
	}
	return rows, nil
}

// fingerprint sums up what is known of tenants.
func (f *Fleets) fingerprint(ctx context.Context, slugs []string, rows map[string]*registry.TenantRow, fleets map[string]string) (string, error) {
	parts, down := map[string][]string{}, map[string]bool{}
	on := map[string]int{}
	for _, slug := range slugs {
		if row := rows[slug]; row != nil {
			on[row.Server]++
		}
	}
	for server, tenants := range on {
		f.Estate.Snapshot.Expect(server, tenants)
	}
	for _, slug := range slices.Sorted(slices.Values(slugs)) {
		row := rows[slug]
		if row == nil {
			parts[""] = append(parts[""], slug, fleets[slug])
			continue
		}
		live, err := f.live(ctx, row)
		switch {
		case isDown(err):
			down[row.Server] = true
			continue
		case err != nil:
			return "", err
		}
		parts[row.Server] = append(parts[row.Server], slug, fleets[slug], string(row.Status), row.AppliedTemplate(), row.Composition, row.CurrentSchema, row.Running, live)
	}
	return digestsOf(parts, down).String(), nil
}

// choose says which tenants the plan is about.
func (f *Fleets) choose(ctx context.Context, p *Plan, spec Spec, prior *Prior, rows map[string]*registry.TenantRow, fleets map[string]string) error {
	listed := map[string]bool{}
	places := spec.Placement.begin(spec.Members, rows)
	for _, m := range spec.Members {
		if slices.Contains(spec.Released, m.Slug) {
			return landlord.NewProblem(FieldReleased, "Tenant is listed and released",
				fmt.Sprintf("Planning fleet `%s`: tenant `%s` is in `tenants` and in `released`.", spec.Name, m.Slug), "Remove it from one of the two.")
		}
		listed[m.Slug] = true
		m.Server = places.server(m, rows[m.Slug])
		p.members = append(p.members, f.stays(p, spec, m, prior, rows[m.Slug], fleets[m.Slug]))
	}
	if prior != nil {
		for _, slug := range prior.slugs() {
			if listed[slug] {
				continue
			}
			if one := f.leaves(ctx, spec, slug, prior, rows[slug], fleets[slug]); one != nil {
				p.members = append(p.members, one)
			}
		}
	}
	lost, err := f.orphans(ctx, spec, prior, listed, rows, fleets)
	if err != nil {
		return err
	}
	p.members = slices.Concat(p.members, lost, f.surplus(ctx, p, rows))
	slices.SortFunc(p.members, func(a, b *planned) int { return strings.Compare(a.slug, b.slug) })
	return nil
}

// stays returns what is to be planned of a tenant of the list. fleet is the one
// that it is in, empty for none.
func (f *Fleets) stays(p *Plan, spec Spec, m Member, prior *Prior, row *registry.TenantRow, fleet string) *planned {
	t := spec.Policies
	t.Slug, t.Name, t.Modules, t.Metadata, t.Server, t.Database, t.Template = m.Slug, m.Name, m.Modules, m.Metadata, m.Server, m.Database, spec.TemplateOf(m)
	if t.Status = m.status; !m.selected && !m.pool {
		t.Status = landlord.StatusActive
	}
	one := &planned{slug: m.Slug, spec: t, row: row, wave: -1, to: t.Template, pool: m.pool, busy: p.pool.free[m.Slug].State == registry.PoolBusy, chosen: m.selected}
	if m.pool {
		if row != nil {
			one.prior = priorOf(row, prior)
		}
		return one
	}
	own := fleet == spec.Name || prior.has(fleet)
	one.renamed = own && fleet != spec.Name
	if !own && (fleet == "" || row == nil) {
		fleet = f.Estate.Run.Gather(m.Slug, spec.Name)
	}
	if !own && fleet != spec.Name {
		one.err = otherFleet(m.Slug, fleet)
	}
	switch {
	case row == nil:
		if one.prior = prior.known(m.Slug); one.prior == nil && m.Database != "" {
			one.prior = &landlord.PriorTenant{Server: m.Server, Database: m.Database} // it is adopted
		}
		return one
	case !own:
		one.joins = true
		p.joining = append(p.joining, m.Slug)
	case fleet == spec.Name:
		one.unknown = prior == nil || !slices.Contains(prior.slugs(), m.Slug)
	}
	one.prior = priorOf(row, prior)
	return one
}

// leaves returns what is to be planned of a tenant that the list has no more; nil
// when nothing is left of it.
func (f *Fleets) leaves(ctx context.Context, spec Spec, slug string, prior *Prior, row *registry.TenantRow, fleet string) *planned {
	released := slices.Contains(spec.Released, slug)
	letGo := released || slices.Contains(prior.Spec.Selected, slug) // nobody asked to destroy what nobody listed
	if released && row == nil && !prior.has(fleet) {
		return nil
	}
	one := &planned{slug: slug, row: row, action: Delete, wave: -1, goes: true, renamed: prior.has(fleet) && fleet != spec.Name}
	switch {
	case released || row != nil && (letGo || !prior.has(fleet)):
		one.action, one.goes = Release, false
	case row == nil:
		if one.err = f.checkGone(ctx, slug, prior.at(slug)); one.err == nil && !prior.has(fleet) {
			return nil
		}
	default:
		one.deletion = prior.Deletion
		if one.err = protected(slug); prior.Deletion.Policy == landlord.DeletionArchive || prior.Deletion.Policy == landlord.DeletionDrop {
			one.err = f.Tenants.PlanDelete(ctx, slug, prior.Deletion)
		}
	}
	return one
}

// otherFleet refuses a tenant that another fleet has.
func otherFleet(slug, fleet string) error {
	return landlord.NewProblem(FieldTenants, "Tenant belongs to another fleet",
		fmt.Sprintf("Tenant `%s` is in the fleet `%s`.", slug, fleet),
		"Take it out of that fleet first: name it in `released` there, and remove it from its list. If no configuration has that fleet any more, import it by its name for that.")
}

// checkGone refuses to call a tenant destroyed whose database is there, only
// because the landlord database has lost it.
func (f *Fleets) checkGone(ctx context.Context, slug string, at landlord.Whereabouts) error {
	found, err := f.Tenants.Stray(ctx, slug, at)
	if found == nil {
		return err
	}
	return landlord.NewProblem(FieldTenants, "Tenant to destroy is not registered",
		fmt.Sprintf("The landlord database does not know tenant `%s`, which leaves the fleet, and its database `%s` is on %s. Nothing was touched.", slug, found.DatabaseName, landlord.ServerName(found.Server)),
		"Look whether `landlord_database` of the provider names the right one, or restore a dump of it. To take the tenant out of the fleet as it is, name it in `released`; to only forget the whole fleet in Terraform, use a `removed` block with `destroy = false`.")
}

// protected refuses to let a tenant go that is protected.
func protected(slug string) error {
	return landlord.NewProblem(landlord.FieldDeletionPolicy, "Tenant is protected from deletion",
		fmt.Sprintf("The plan destroys the tenant `%s`, and the `deletion_policy` of its fleet is `protect`. Nothing was touched.", slug),
		"To let it go, first apply `deletion_policy = \"archive\"` (the database stays, nobody can use it) or `deletion_policy = \"drop\"` (the data is destroyed), then remove it. "+
			"To take it out of the fleet as it is, name it in `released`.")
}

// planAll plans every tenant, several at a time.
func (f *Fleets) planAll(ctx context.Context, p *Plan, spec Spec, prior *Prior) error {
	policies := prior.differs(spec)
	waves := spec.waves()
	var todo []*planned
	for _, one := range p.members {
		if one.action == "" && one.err == nil {
			todo = append(todo, one)
		}
	}
	f.readAdopted(ctx, todo)
	behind := p.versionBehind(spec, waves, spec.Rollout.last())
	group, work := errgroup.WithContext(ctx)
	group.SetLimit(spec.Rollout.parallel())
	plan := func(one *planned) error {
		if waves[one.slug] > spec.Rollout.last() && f.comesBehind(work, one, spec, behind) {
			return work.Err()
		}
		if one.plan, one.err = f.planMember(work, one); one.err == nil {
			one.err = failureOf(one.plan.Notes)
		}
		if one.err == nil {
			one.action = actionOf(one, policies)
			f.place(work, one, waves[one.slug], spec.Rollout.last(), policies)
		}
		return work.Err()
	}
	for i, one := range todo {
		if i > 0 {
			group.Go(func() error { return plan(one) })
		} else if err := plan(one); err != nil { // what all have in common is asked for once
			return err
		}
	}
	return group.Wait()
}

// planMember plans one tenant. One that Terraform does not know and that was made
// a short time ago exactly as it is wanted is planned as one to make: the run that
// made it may have come between this plan and its apply, for which Terraform plans
// once more and takes another answer for a fault of the provider.
func (f *Fleets) planMember(ctx context.Context, one *planned) (*apply.TenantPlan, error) {
	if one.unknown {
		if plan, err := f.Tenants.PlanTenant(ctx, one.spec, nil); err == nil {
			return plan, nil
		}
	}
	return f.Tenants.PlanTenant(ctx, one.spec, one.prior)
}

// place puts a tenant that gets another version, or other modules, into its wave.
// One whose wave is not to begin yet waits for it; one that moves, or completes a
// restore, gets nothing of that yet.
func (f *Fleets) place(ctx context.Context, one *planned, wave, last int, policies bool) {
	moves := one.prior != nil && (one.prior.Template != one.spec.Template || !sameModules(one.prior.Modules, one.spec.Modules))
	if !moves || one.comesAlone() || one.plan.Adopt && !one.plan.HasWork() || one.action != Update && one.action != Wait {
		return
	}
	if one.wave = wave; wave > last {
		f.postpone(ctx, one, policies)
	}
}

// postpone plans a tenant whose wave does not begin yet with what it has: its name
// may change, and drift be repaired.
func (f *Fleets) postpone(ctx context.Context, one *planned, policies bool) {
	one.action, one.later = Later, true
	one.spec.Template, one.spec.Modules = one.prior.Template, one.prior.Modules
	if one.spec.Template == "" {
		return
	}
	if one.plan, one.err = f.Tenants.PlanTenant(ctx, one.spec, one.prior); one.err != nil {
		return
	}
	if action := actionOf(one, policies); action != Keep {
		one.action, one.wave = action, -1
	}
}

// actionOf says what a tenant's plan comes to. policies says that what is
// recorded of the fleet's policies differs from what is wanted.
func actionOf(one *planned, policies bool) Action {
	plan, row, spec := one.plan, one.row, one.spec
	switch {
	case plan.Create:
		return Create
	case plan.Waits:
		return Wait
	case plan.UpdateStatus == landlord.UpdateConflict || plan.UpdateStatus == landlord.UpdateHeld:
		return Stay
	case plan.HasWork() || plan.Move != nil || plan.Unseen || plan.Adopt || plan.Rest != nil || plan.Restore != nil || row.AppliedTemplate() != plan.Template || !sameModules(row.Modules, spec.Modules):
		return Update
	case one.joins && !policies && row.Name == spec.Name && maps.Equal(row.Metadata, spec.Metadata) && row.Status == statusOf(spec):
		return Join
	case one.busy || policies || row.Name != spec.Name || !maps.Equal(row.Metadata, spec.Metadata) || row.Status != statusOf(spec):
		return Record
	}
	return Keep
}

func statusOf(spec landlord.TenantSpec) landlord.Status {
	if spec.Status == "" {
		return landlord.StatusActive
	}
	return spec.Status
}

func sameModules(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}
