package migrate

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/diff"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/merge"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/render"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/program"
)

// handOver adds the steps that give the programs of a tenant to the owner account
// of its database. They are the same for all tenants of a class that have the
// same programs in other hands, because the session that sends them names the
// owner.
func (c *change) handOver(ctx context.Context, class string, m *Migration) (*Migration, error) {
	if m.Final == nil || m.Verdict == "merge" {
		return m, nil
	}
	strange, err := c.strange(ctx, m)
	if err != nil || len(strange) == 0 {
		return m, err
	}
	if strange, m = c.keepHands(strange, m); len(strange) == 0 {
		return m, nil
	}
	key := class + "\x00owner\x00" + strings.Join(strange, "\x00")
	over, err := c.e.handOvers.Get(ctx, key, func() (*Migration, error) { return c.remade(context.WithoutCancel(ctx), m, strange) })
	var unlike *TwinError
	switch {
	case errors.As(err, &unlike):
		over = &Migration{States: []string{m.Final.Fingerprint.Whole}, Notes: []landlord.Note{keptDefiners(strange, "the schema cannot be built anew to try it")}}
	case err != nil:
		return nil, migrationProblem(c.want, err)
	}
	with := *m
	with.Notes = append(slices.Clone(m.Notes), over.Notes...)
	with.Steps, with.States = append(slices.Clone(m.Steps), over.Steps...), append(slices.Clone(m.States), over.States[1:]...)
	with.Digest = migrationDigest(&with, c.want)
	return &with, nil
}

// keptDefiners says which programs do not get the owner account, and why.
func keptDefiners(programs []string, why string) landlord.Note {
	names := make([]string, len(programs))
	for i, key := range programs {
		names[i] = landlord.ObjectName(key)
	}
	return landlord.Note{Severity: landlord.Warning, Field: landlord.FieldTemplate, Summary: "Programs keep their definers",
		Detail: fmt.Sprintf("The owner account of the database does not become the definer of %s: %s.\nThey run with the rights of the accounts that made them. Drop them and make them anew to change that.", strings.Join(names, ", "), why)}
}

// strange returns the programs that a tenant has after a migration and that
// belong to somebody else than the owner of its database, by kind and name: to
// the account of the provider, now or before there were owners, unless they are
// drift themselves; to anybody where a database is adopted or drift is repaired.
func (c *change) strange(ctx context.Context, m *Migration) ([]string, error) {
	database := c.e.Estate.DatabaseOf(c.spec, c.row)
	owner, ok := c.e.Accounts.OwnerOf(database)
	if !ok {
		return nil, nil
	}
	definers, err := c.e.Estate.Snapshot.Definers(ctx, c.srv.Key, database)
	if err != nil {
		return nil, err
	}
	all := c.row == nil || c.spec.DriftPolicy == landlord.DriftRepair
	is := map[string]bool{}
	for object, definer := range definers {
		is[object] = definer != owner.User+"@"+owner.Host && (all || definer == c.info.Account || definer == c.info.Definer)
	}
	for _, s := range m.Steps {
		if program.Makes(s.SQL) {
			is[strings.ReplaceAll(s.Object, "`", "")] = false
		}
	}
	var out []string
	for _, o := range m.Final.Schema.Objects {
		if !all && m.Base != nil && m.Base.Fingerprint.Objects[o.Key()] != m.Final.Fingerprint.Objects[o.Key()] {
			continue
		}
		body := o.Kind == ddl.KindPackageBody && is[string(ddl.KindPackage)+" "+o.Name] // it goes with the package
		if is[o.Key()] || body {
			out = append(out, o.Key())
		}
	}
	return out, nil
}

// keepHands leaves out the programs that a decision keeps as the tenant has them, in
// whose hands they are too: where the database is adopted, and where the decision has
// nothing else to be about, so that it is no longer one that is not needed.
func (c *change) keepHands(strange []string, m *Migration) ([]string, *Migration) {
	keeps := func(r merge.Resolution, object string) bool {
		return r.Decision == merge.KeepTenant && r.Element == "" && r.Object == object
	}
	kept := func(object string) bool {
		of := m.Unused
		if c.row == nil {
			of = c.spec.Resolutions
		}
		return slices.ContainsFunc(of, func(r merge.Resolution) bool { return keeps(r, object) })
	}
	with := *m
	with.Unused = slices.DeleteFunc(slices.Clone(m.Unused), func(r merge.Resolution) bool {
		return slices.ContainsFunc(strange, func(object string) bool { return keeps(r, object) })
	})
	return slices.DeleteFunc(slices.Clone(strange), kept), &with
}

// remade returns the steps that give programs to the owner account, tried on a
// twin, with the schema between them. What would not be the same when it is made
// anew keeps its definer.
func (c *change) remade(ctx context.Context, m *Migration, strange []string) (*Migration, error) {
	over, otherwise, err := c.tryRemade(ctx, m, strange)
	if err != nil || len(otherwise) == 0 {
		return over, err
	}
	rest := slices.DeleteFunc(slices.Clone(strange), func(key string) bool { return slices.Contains(otherwise, key) })
	if over, err = c.remade(ctx, m, rest); err != nil {
		return nil, err
	}
	over.Notes = append(over.Notes, keptDefiners(otherwise, "a parameter without a collation takes that of the database, which was another one when they were made"))
	return over, nil
}

// tryRemade tries the steps on a twin of its own, and says which programs came out
// otherwise.
func (c *change) tryRemade(ctx context.Context, m *Migration, strange []string) (over *Migration, otherwise []string, err error) {
	over = &Migration{States: []string{m.Final.Fingerprint.Whole}}
	if len(strange) == 0 {
		return over, nil, nil
	}
	twin, err := c.e.OpenTwin(ctx, c.srv, c.info, m.Final)
	if err != nil {
		return nil, nil, err
	}
	defer twin.Close(ctx)
	layers := c.layersWithCustomizations(ctx)
	for _, o := range m.Final.Schema.Objects {
		if !slices.Contains(strange, o.Key()) {
			continue
		}
		before := over.States[len(over.States)-1]
		changes, err := diff.Remake(m.Final.Schema, o, registry.Dialect(c.info))
		if err != nil {
			return nil, nil, fmt.Errorf("giving %s to its owner: %w", landlord.ObjectName(o.Key()), err)
		}
		if err := twin.giveToOwner(ctx, over, o, ownerSteps(o, changes, layers)); err != nil {
			return nil, nil, err
		}
		if over.States[len(over.States)-1] != before {
			otherwise = append(otherwise, o.Key())
		}
	}
	return over, otherwise, nil
}

// layersWithCustomizations returns where the objects of the tenant come from.
func (c *change) layersWithCustomizations(ctx context.Context) origins {
	layers := c.e.origins(ctx, c.want, c.row, c.info)
	for i := range c.customizations {
		for _, o := range c.customizations[i].Elements() {
			if _, ofTemplate := layers[o.Object]; !ofTemplate {
				layers[o.Object] = origin{level: 3, from: "customization `" + c.customizations[i].Name + "`"}
			}
		}
	}
	return layers
}

// giveToOwner tries the steps for one program. One that no longer works, because
// what it reads is gone, stays where it is.
func (t *Twin) giveToOwner(ctx context.Context, over *Migration, o ddl.Object, steps []landlord.Step) error {
	before, gone := len(over.Steps), false
	for _, step := range steps {
		err := t.Try(ctx, over, step)
		switch {
		case err == nil:
			gone = gone || step.Trial != NoTrial
			continue
		case gone:
			return &TrialError{Step: step, Err: render.WithoutName(err, t.Name)}
		}
		over.Steps, over.States = over.Steps[:before], over.States[:before+1]
		over.Notes = append(over.Notes, landlord.Note{Severity: landlord.Warning, Field: landlord.FieldTemplate, Summary: "Program stays with the account of the provider",
			Detail: fmt.Sprintf("%s cannot be made anew, so it does not get the owner account of its database as its definer: %v\nCorrect or drop it, and plan again.",
				landlord.UpperFirst(landlord.ObjectName(o.Key())), render.WithoutName(err, t.Name))})
		return nil
	}
	return nil
}

// ownerSteps shows the changes that make a program anew as steps. A trigger that
// is dropped and created misses no row, because its table is locked meanwhile.
func ownerSteps(o ddl.Object, changes []diff.Change, layers origins) []landlord.Step {
	var steps []landlord.Step
	for _, change := range changes {
		step := ChangeStep(change)
		step.Level, step.Origin = layers.of(change)
		step.Reversible, step.Reason = true, "it gets the owner account of the database as its definer, and stays as it is"
		steps = append(steps, step)
	}
	if o.Kind != ddl.KindTrigger || len(steps) < 2 {
		return steps
	}
	lock := steps[0]
	lock.Settings = ddl.Settings{}
	lock.Operation, lock.SQL, lock.Trial = landlord.LockTables, "LOCK TABLES "+mysql.Quote(o.Table)+" WRITE", NoTrial
	lock.Locks, lock.Reason = "all", "no row is written while the trigger is away"
	unlock := lock
	unlock.Operation, unlock.SQL, unlock.Locks, unlock.Reason = landlord.UnlockTables, "UNLOCK TABLES", "", "the trigger is back"
	return slices.Concat([]landlord.Step{lock}, steps, []landlord.Step{unlock})
}
