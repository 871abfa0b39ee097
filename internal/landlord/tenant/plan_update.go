package tenant

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/apply"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/checkpointing"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/estate"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/migrate"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/render"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// planning is a database that exists and is planned: what is wanted of it, what
// there is, and the plan that is being made.
type planning struct {
	srv  *registry.Server
	spec landlord.TenantSpec
	want *estate.Target
	row  *registry.TenantRow // nil for a database that is being adopted
	live *ddl.Fingerprint
	plan *apply.TenantPlan
	seen string // by the refresh before, see estate.Estate.Seen
}

// planUpdate plans a change of a database that exists: the way from live to
// what the specification wants, or the rest of a migration that was
// interrupted.
func (t *Tenants) planUpdate(ctx context.Context, p *planning, prior *landlord.PriorTenant) error {
	if prior.Fingerprint != "" && prior.Fingerprint != p.live.Whole {
		return t.Drifts.ChangedSince(ctx, p.spec.Slug, p.row, p.live)
	}
	p.plan.Adopt = p.row == nil
	if err := t.checkRow(p.spec, p.row); err != nil {
		return err
	}
	row, err := t.recall(ctx, p, prior)
	if err != nil {
		return err
	}
	p.row = row
	if err := t.noteLock(ctx, p); err != nil {
		return err
	}
	if p.row != nil {
		if pending, err := t.Restores.PlanPending(ctx, p.srv, p.plan, p.row); err != nil || pending {
			return err
		}
	}
	if p.want.Rendered == nil {
		t.planUnrendered(p)
		return nil
	}
	if p.row != nil && p.row.Running != "" {
		taken, err := t.planRest(ctx, p.srv, p.spec, p.plan, p.want, p.row, p.live)
		if err != nil || taken {
			return err
		}
	}
	m, err := t.Planner.Change(ctx, p.srv, p.spec, p.want, p.row, p.live)
	var denied *render.ScratchError
	if errors.As(err, &denied) && mysql.IsAccessDenied(err) { // another account has rendered the template
		t.planUnrendered(p)
		return nil
	}
	if err != nil {
		return err
	}
	p.plan.Migration = m
	return t.judge(ctx, p, m)
}

// noteLock says what a tenant that is to be locked out does not lose.
func (t *Tenants) noteLock(ctx context.Context, p *planning) error {
	if p.row == nil || p.row.Status != landlord.StatusActive || p.spec.Status == "" || p.spec.Status == landlord.StatusActive {
		return nil
	}
	notes, err := t.Accesses.LockNotes(ctx, p.srv, p.spec.Slug)
	p.plan.Notes = append(p.plan.Notes, notes...)
	return err
}

// checkRow refuses what cannot be changed while it is on its way out.
func (t *Tenants) checkRow(spec landlord.TenantSpec, row *registry.TenantRow) error {
	if row != nil && row.Status == landlord.StatusDropping {
		return landlord.NewProblem(landlord.FieldDeletionPolicy, "Tenant is being dropped",
			fmt.Sprintf("The dropping of tenant `%s` was interrupted.", spec.Slug), "Destroy it again to complete it.")
	}
	return nil
}

// planUnrendered plans without a scratch database: what is recorded decides.
func (t *Tenants) planUnrendered(p *planning) {
	if p.row == nil || p.row.Composition != p.want.Composition.Digest || p.row.Running != "" {
		t.unseen(p.plan, fmt.Sprintf("Database `%s` is to move to template `%s`.", p.plan.DatabaseName, p.want.ID))
		return
	}
	if p.spec.DriftPolicy == landlord.DriftRepair && p.row.CurrentSchema != p.live.Whole {
		t.unseen(p.plan, fmt.Sprintf("Database `%s` has drifted, and is to go back to template `%s`.", p.plan.DatabaseName, p.want.ID))
		return
	}
	p.plan.Fingerprint = p.row.CurrentSchema
}

// unseen makes a plan of which the parser alone cannot tell the statements.
func (t *Tenants) unseen(plan *apply.TenantPlan, what string) {
	plan.Unseen, plan.Fingerprint, plan.Verdict = true, "", ""
	plan.Notes = append(plan.Notes, landlord.Note{Severity: landlord.Warning, Field: landlord.FieldTemplate, Summary: "Statements are not seen by the parser alone",
		Detail: what + " What a server makes of it shows only when it is tried in a scratch database, and there is none: `plan_rendering` is `parser`, or the account may create none. So the statements are not in this plan. They are in the plan of whoever applies it, with the account of the provider."})
}

// RefuseUnseen refuses to apply what nobody could see.
func (t *Tenants) RefuseUnseen(plan *apply.TenantPlan) error {
	if !plan.Unseen {
		return nil
	}
	return landlord.NewProblem(landlord.FieldTemplate, "Migration needs a scratch database",
		fmt.Sprintf("Database `%s` is to move to template `%s`, and what a server makes of it shows only in a scratch database: `plan_rendering` is `parser`, or the account may create none.", plan.DatabaseName, plan.Template),
		"Nothing was run. Apply with `plan_rendering = \"server\"` and the account of the provider, which may create databases `"+t.Registry.ScratchPrefix()+"…`.")
}

// gate refuses a plan that loses data without leave, and says how the loss is
// softened.
func (t *Tenants) gate(ctx context.Context, srv *registry.Server, spec landlord.TenantSpec, plan *apply.TenantPlan) error {
	if migrate.NeedsRetirement(plan.Steps) {
		info, err := srv.Info(ctx)
		if err != nil {
			return registry.Unreachable(srv, "planning a migration", err)
		}
		plan.Notes = append(plan.Notes, migrate.SchedulerNote(info)...)
	}
	if spec.AllowDestructive {
		return nil
	}
	open := slices.DeleteFunc(slices.Clone(plan.Steps), func(s landlord.Step) bool { return s.Destructive && spec.Agrees(s) })
	lost, err := t.Planner.Losses(ctx, srv, plan.DatabaseName, open)
	if err != nil || len(lost) == 0 {
		return err
	}
	return wouldLose(spec, plan, lost...)
}

func wouldLose(spec landlord.TenantSpec, plan *apply.TenantPlan, lost ...landlord.Step) error {
	kept := "the object"
	if len(lost) > 1 {
		kept = "the objects"
	}
	detail := append([]string{fmt.Sprintf("Tenant `%s` is to move to template `%s`.", spec.Slug, plan.Template)}, landlord.LossText(lost)...)
	return landlord.NewProblem(landlord.FieldAllowDestructive, "Migration would lose data", append(detail,
		"Set `allow_destructive = true` to agree"+alone(lost)+"; what is lost is then set aside for the `retention`, unless `destructive_mode = \"drop\"`. Or keep "+kept+" in the template.")...)
}

// alone says how a configuration lets steps take what they take and nothing else. A
// statement on rows of a script has no name that it could be agreed to by.
func alone(lost []landlord.Step) string {
	var out []string
	for _, s := range lost {
		if len(s.Takes) == 0 {
			return ""
		}
		for _, p := range s.Takes {
			if agreed := fmt.Sprintf("%q = %q", p.String(), landlord.Retire); !slices.Contains(out, agreed) {
				out = append(out, agreed)
			}
		}
	}
	what := "this"
	if len(lost) > 1 {
		what = "these"
	}
	return ", or `destructive_objects = { " + strings.Join(out, ", ") + " }` to agree to " + what + " alone"
}

// planRest plans what is left of an interrupted migration, when the
// configuration still wants what that migration was for.
func (t *Tenants) planRest(ctx context.Context, srv *registry.Server, spec landlord.TenantSpec, plan *apply.TenantPlan, want *estate.Target, row *registry.TenantRow, live *ddl.Fingerprint) (bool, error) {
	old, err := t.Registry.ReadRunning(ctx, srv, row.ID)
	if err != nil || old == nil || old.To != want.ID.String() || old.Composition != want.Composition.Digest {
		return false, err
	}
	steps, err := t.Registry.ReadSteps(ctx, srv, old.ID)
	if err != nil {
		return false, err
	}
	next := migrate.Position(steps, live.Whole)
	if next < 0 || (spec.DestructiveMode != landlord.Drop && apply.Destroys(steps, next)) {
		return false, nil // it is planned anew
	}
	plan.Rest = &apply.Rest{Running: old, Steps: steps, Next: next}
	info, err := srv.Info(ctx)
	if err != nil {
		return false, registry.Unreachable(srv, "planning a migration", err)
	}
	if next < len(steps) {
		plan.Notes = append(plan.Notes, t.Servers.StillRunning(ctx, srv, info, old, spec.Slug, steps[next].SQL)...)
	}
	plan.Verdict, plan.UpdateStatus, plan.Fingerprint = "auto", landlord.UpdateCurrent, old.ToSchema
	plan.Steps = append(plan.Steps, registry.StepsOf(steps[next:])...)
	plan.Digest = landlord.Digest("rest", old.Digest, fmt.Sprint(next))
	if err := t.cross(ctx, srv, spec, plan, checkpointing.Crossing{Row: row, Steps: registry.StepsOf(steps), Begun: true}); err != nil {
		return false, err
	}
	return true, t.gate(ctx, srv, spec, plan)
}
