package migrate

import (
	"context"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/diff"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/estate"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/template"
)

// tryExplicit runs a statement of a migration script. Of an ALTER of a table it asks
// the twin for the cheapest algorithm that the server takes, which is the one that it
// chooses by itself: the statement stays as it was written. What it does to the table
// then says what the data is asked.
func (t *Twin) tryExplicit(ctx context.Context, m *Migration, st template.Statement, around ddl.Schema, step landlord.Step) error {
	if !st.AltersTable() {
		return t.Try(ctx, m, step)
	}
	if step.Destructive { // what it takes away is agreed to, and not asked of rows that scripts before may bring
		return t.tryAlter(ctx, m, st, step)
	}
	before, err := estate.DumpTable(ctx, t.Session, t.info, t.Name, st.Object)
	if err != nil {
		return err
	}
	if err := t.tryAlter(ctx, m, st, step); err != nil {
		return err
	}
	after, err := estate.DumpTable(ctx, t.Session, t.info, t.Name, st.Object)
	if err != nil {
		return err
	}
	done := &m.Steps[len(m.Steps)-1]
	done.Table, done.Probes = st.Object, t.probesOf(around, before, after, done.Algorithm)
	return nil
}

func (t *Twin) tryAlter(ctx context.Context, m *Migration, st template.Statement, step landlord.Step) error {
	if !st.ChoosesAlgorithm() {
		return t.Try(ctx, m, step)
	}
	for _, a := range algorithms() {
		with := step
		with.Trial, with.Algorithm, with.Locks = step.SQL+"\n"+a.clause, a.algorithm, a.locks // on a line of its own, behind a comment
		err := t.Try(ctx, m, with)
		if err == nil {
			m.Steps[len(m.Steps)-1].Trial = ""
			return nil
		}
		if !mysql.IsAlgorithmUnsupported(err) {
			break // the statement itself says why
		}
	}
	return t.Try(ctx, m, step)
}

// probesOf returns the questions that the comparison would ask before it changed a
// table like this. None of a statement that adds columns and takes others away: it may
// give a column another name, and its values along, which two schemas do not show.
// What the comparison cannot read it does not ask, nor what concerns an algorithm that
// is not known, or that the server may choose another one for.
func (t *Twin) probesOf(around ddl.Schema, before, after ddl.Object, algorithm string) []diff.Probe {
	if before.SQL == "" || after.SQL == "" {
		return nil
	}
	with := func(o ddl.Object) ddl.Schema {
		s := around
		s.Objects = slices.DeleteFunc(slices.Clone(around.Objects), func(other ddl.Object) bool {
			return other.Kind != ddl.KindTable || other.Name == o.Name || !strings.Contains(after.SQL, mysql.Quote(other.Name)) // parents are enough
		})
		s.Objects = append(s.Objects, o)
		return s
	}
	made, err := diff.Diff(with(before), with(after), registry.Dialect(t.info), diff.Options{ZeroDates: t.Order.Zeros})
	if err != nil {
		return nil
	}
	var out []diff.Probe
	adds, drops := false, false
	for _, c := range made.Changes {
		if c.Table != before.Name {
			continue
		}
		drops = drops || len(c.Columns) > 0
		for _, clause := range c.Clauses {
			adds = adds || clause.Operation == diff.OpAddColumn
			drops = drops || clause.Operation == diff.OpDropColumn
		}
		out = append(out, c.Probes...)
	}
	if adds && drops {
		return nil
	}
	return slices.DeleteFunc(probesFor(out, algorithm), func(p diff.Probe) bool { return p.Versions != "" })
}
