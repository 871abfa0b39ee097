package fleet

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"sync"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// unfinished is a rollback that was cut off, or could not take all tenants back.
type unfinished struct {
	rollout *registry.Rollout
	tenants []registry.RolloutTenant // that have not gone back yet
}

// unfinished returns the rollback of a fleet that is to be completed, nil for none.
func (f *Fleets) unfinished(ctx context.Context, spec Spec, prior *Prior, rows map[string]*registry.TenantRow) (*unfinished, error) {
	main, name := f.Servers.Main(), spec.Name
	fleets, err := f.Estate.Fleets(ctx)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(fleets.GoingBack, name) {
		name = spec.former(prior)
	}
	if !slices.Contains(fleets.GoingBack, name) {
		return nil, nil
	}
	last, err := f.Registry.ReadRollout(ctx, main, name)
	if err != nil {
		return nil, registry.Unreachable(main, "reading the landlord database", err)
	}
	if last == nil || last.Status != registry.RolloutRollingBack {
		return nil, nil
	}
	tenants, err := f.toTakeBack(ctx, spec, last.ID, rows)
	if err != nil {
		return nil, err
	}
	return &unfinished{rollout: last, tenants: slices.DeleteFunc(tenants, func(t registry.RolloutTenant) bool { return isBackAlready(rows[t.Slug], t) })}, nil
}

// note says in a plan that its apply takes tenants back first.
func (u *unfinished) note(spec Spec) landlord.Note {
	n := landlord.Note{Severity: landlord.Warning, Field: FieldRollout, Summary: "Rollback of a rollout is not complete"}
	slugs := make([]string, len(u.tenants))
	for i, t := range u.tenants {
		slugs[i] = t.Slug
	}
	n.Detail = fmt.Sprintf("Fleet `%s`: its rollout to `%s` is being taken back, and no apply has completed that. All its tenants are back; the apply records it.", spec.Name, u.rollout.Template)
	if len(slugs) > 0 {
		n.Detail = fmt.Sprintf("Fleet `%s`: its rollout to `%s` is being taken back, and no apply has completed that: %s to go back, %s.\n\n"+
			"The apply takes them back before anything else. What the rollout had added to them is kept aside for `retention`.",
			spec.Name, u.rollout.Template, areLeft(len(slugs)), landlord.FirstOf(slugs))
	}
	return n
}

// digest is what an apply has to find again.
func (u *unfinished) digest() []string {
	return []string{"roll back", strconv.FormatUint(u.rollout.ID, 10)}
}

// complete completes a rollback before anything else is done. It returns what the
// apply ends with, unless nobody had to be taken back: then the apply goes on.
func (f *Fleets) complete(ctx context.Context, p *Plan, spec Spec, prior *Prior) (*Applied, error) {
	r, err := f.rollBack(ctx, p.spec, &rollout{room: f, id: p.unfinished.rollout.ID})
	if err != nil {
		return nil, err
	}
	attempted := fmt.Sprintf("Changing fleet `%s`: its rollout to `%s` was being taken back, and no apply had completed that. This one went on with it, and did nothing else",
		spec.Name, p.unfinished.rollout.Template)
	if r.moved > 0 {
		attempted += ": " + isBack(r.moved)
	}
	attempted += "."
	switch {
	case len(r.open) == 0 && r.moved == 0:
		return nil, nil
	case r.moved == 0 && !p.spec.wants(r.open): // the plan says what becomes of them
		return nil, f.record(ctx, p.unfinished.rollout.ID, registry.RolloutReplaced)
	case r.left.tenants() > 0:
		return nil, r.left.problem("Rollout was rolled back in part", attempted+" "+r.remains())
	}
	if prior != nil {
		before := *prior
		before.Fingerprint = "" // this run has changed what it is of
		prior = &before
	}
	after, err := f.plan(ctx, spec, prior)
	if err == nil && !after.HasWork() {
		return f.finish(ctx, after, after.spec, newFailures())
	}
	return nil, landlord.NewProblem(FieldRollout, "Rollout was rolled back", attempted+" What the rollout had added to them is kept aside for `retention`.",
		"Set `template` back before the next apply, else the rollout begins anew.")
}

// wants says whether one of the tenants at least is to have what a rollout brought it.
func (s *Spec) wants(tenants []registry.RolloutTenant) bool {
	return slices.ContainsFunc(tenants, func(t registry.RolloutTenant) bool {
		return slices.ContainsFunc(s.Members, func(m Member) bool {
			return m.Slug == t.Slug && (t.ToTemplate == "" || s.TemplateOf(m) == t.ToTemplate && sameModules(m.Modules, t.ToModules))
		})
	})
}

// takenBack is what came of a rollback.
type takenBack struct {
	back  int       // tenants that are where they were
	moved int       // of them, those that this run has changed for it
	left  *failures // what kept the others from it
	open  []registry.RolloutTenant
}

// remains says what becomes of the tenants that could not be taken back.
func (r *takenBack) remains() string {
	text := landlord.Several(r.left.tenants(), "tenant") + " could not be taken back."
	if len(r.open) > 0 {
		text += " The next apply tries that again before anything else, unless `template`, or the list, wants something else of them than the rollout."
	}
	return text
}

// rollBack takes the tenants that the rollout has changed, or began to change,
// back to what they had before. That it does is recorded before the first of them, so that
// a run that is cut off leaves it to the next apply, and so is one that has to leave tenants
// where they are.
func (f *Fleets) rollBack(ctx context.Context, spec Spec, ro *rollout) (*takenBack, error) {
	rows, err := f.rows(ctx)
	if err != nil {
		return nil, err
	}
	if err := f.record(ctx, ro.id, registry.RolloutRollingBack); err != nil {
		return nil, err
	}
	tenants, err := f.toTakeBack(ctx, spec, ro.id, rows)
	if err != nil {
		return nil, err
	}
	out := &takenBack{left: newFailures()}
	var mu sync.Mutex
	each(&spec.Rollout, tenants, func(t registry.RolloutTenant) []string { return []string{rows[t.Slug].Server} }, func(t registry.RolloutTenant) {
		moved, err := f.takeBack(ctx, spec, t)
		f.Servers.Fault("after taking a tenant back")
		mu.Lock()
		defer mu.Unlock()
		if moved {
			out.moved++
		}
		if err == nil {
			out.back++
			ro.mark(ctx, registry.RolloutRolledBack, "", t.Slug)
			return
		}
		out.left.add(t.Slug, err) // each tenant tells its own failure
		if t.FromTemplate != "" {
			out.open = append(out.open, t)
		}
	})
	if len(out.open) > 0 {
		return out, f.Registry.StopRollback(context.WithoutCancel(ctx), f.Servers.Main(), ro.id)
	}
	return out, ro.end(ctx, registry.RolloutRolledBack)
}

// record records where a rollout that goes back stands, and forgets what was asked of it: that is
// in the record now.
func (f *Fleets) record(ctx context.Context, id uint64, status registry.RolloutStatus) error {
	defer f.Estate.ForgetFleets()
	return f.Jobs.WriteTogether(ctx, f.Servers.Main(), "recording the rollback of a rollout", func(q mysql.Queryer) error {
		if err := f.Registry.EndRollout(ctx, q, id, status); err != nil {
			return err
		}
		return f.Registry.ForgetRolloutWish(ctx, q, id)
	})
}

// toTakeBack returns the tenants of a rollout that it has changed, or began to change,
// and that are still of the fleet.
func (f *Fleets) toTakeBack(ctx context.Context, spec Spec, id uint64, rows map[string]*registry.TenantRow) ([]registry.RolloutTenant, error) {
	tenants, err := f.Registry.ReadRolloutTenants(ctx, f.Servers.Main(), id)
	if err != nil {
		return nil, registry.Unreachable(f.Servers.Main(), "reading the landlord database", err)
	}
	return slices.DeleteFunc(tenants, func(t registry.RolloutTenant) bool {
		return rows[t.Slug] == nil || !hasChanged(rows[t.Slug], t) || !slices.ContainsFunc(spec.Members, func(m Member) bool { return m.Slug == t.Slug })
	}), nil
}

// hasChanged says whether a rollout has changed a tenant, or began to. One that was
// changed by a run that was cut off before its mark is pending, and where the
// rollout leads to.
func hasChanged(row *registry.TenantRow, t registry.RolloutTenant) bool {
	if t.Status != registry.RolloutPending {
		return t.Status == registry.RolloutDone || t.Status == registry.RolloutFailed
	}
	return t.ToTemplate != "" && (t.ToTemplate != t.FromTemplate || !sameModules(t.ToModules, t.FromModules)) && follows(row, t.ToTemplate, t.ToModules)
}

// isBackAlready says whether nothing of a rollout is at a tenant: it is where it was, or
// somebody has brought it elsewhere since.
func isBackAlready(row *registry.TenantRow, t registry.RolloutTenant) bool {
	return row.Running == "" && (follows(row, t.FromTemplate, t.FromModules) || t.ToTemplate != "" && !follows(row, t.ToTemplate, t.ToModules))
}

func follows(row *registry.TenantRow, template string, modules []string) bool {
	return row.AppliedTemplate() == template && sameModules(row.Modules, modules)
}

// takeBack moves one tenant to the template and modules that it had, and says whether it
// had to. What the rollout has added may hold rows by now: it is set aside, never dropped. What
// somebody else has changed stays: nobody has agreed to lose that.
func (f *Fleets) takeBack(ctx context.Context, spec Spec, t registry.RolloutTenant) (moved bool, err error) {
	row, err := f.Estate.Snapshot.Row(ctx, t.Slug)
	if err != nil || row == nil || isBackAlready(row, t) {
		return false, err
	}
	if t.FromTemplate == "" {
		return false, noTemplateBefore(t.Slug)
	}
	want := spec.Policies
	want.Slug, want.Name, want.Metadata, want.Server = row.Slug, row.Name, row.Metadata, row.Server
	want.Template, want.Modules = t.FromTemplate, t.FromModules
	want.UpdatePolicy, want.AllowDestructive, want.DestructiveMode, want.Consents = landlord.UpdateAuto, true, landlord.Retire, nil
	if want.DriftPolicy == landlord.DriftRepair {
		want.DriftPolicy = landlord.DriftReport
	}
	now, err := f.Tenants.UpdateTenant(ctx, want, *priorOf(row, nil), "")
	if err != nil {
		return false, err
	}
	if now.Template != t.FromTemplate {
		return false, noWayBack(t.Slug, now.Template, t.FromTemplate)
	}
	return true, nil
}

// noTemplateBefore is what is said of a tenant that followed no template before a
// rollout: what it had then is nobody's version.
func noTemplateBefore(slug string) error {
	return landlord.NewProblem(FieldRollout, "Tenant could not be taken back",
		fmt.Sprintf("Tenant `%s` followed no template before the rollout, so there is no version to go back to.", slug),
		"Restore it from a checkpoint, or leave it where it is.")
}

// noWayBack is what is said of a tenant that a rollback could not move.
func noWayBack(slug, at, to string) error {
	return landlord.NewProblem(FieldRollout, "Tenant could not be taken back",
		fmt.Sprintf("Tenant `%s` stays at `%s`: the way back to `%s` waits for a decision or an approval.", slug, at, to),
		"Set `template` of the fleet back and plan: the plan shows what waits.")
}

func isBack(n int) string {
	if n == 1 {
		return "1 tenant is back where it was"
	}
	return fmt.Sprintf("%d tenants are back where they were", n)
}

func areLeft(n int) string {
	if n == 1 {
		return "1 tenant has"
	}
	return fmt.Sprintf("%d tenants have", n)
}
