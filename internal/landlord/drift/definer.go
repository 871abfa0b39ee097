package drift

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/diff"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/render"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/program"
)

// Definers returns the programs of a tenant that somebody gave another definer
// than the owner account of the database, without the texts. What belongs to the
// account of the provider is none: the next apply gives it to the owner. Nor is
// what was never recorded, by the drift that is known.
func (r *Reader) Definers(ctx context.Context, row *registry.TenantRow, drift []landlord.Difference) ([]landlord.Difference, error) {
	owner, ok := r.Accounts.OwnerOf(row.Database)
	if !ok || row.Running != "" {
		return nil, nil
	}
	definers, err := r.Estate.Snapshot.Definers(ctx, row.Server, row.Database)
	if err != nil || len(definers) == 0 {
		return nil, err
	}
	srv, err := r.Servers.Server(row.Server)
	if err != nil {
		return nil, err
	}
	info, err := srv.Info(ctx)
	if err != nil {
		return nil, registry.Unreachable(srv, "reading a schema", err)
	}
	var out []landlord.Difference
	for _, object := range slices.Sorted(maps.Keys(definers)) {
		if slices.ContainsFunc(drift, func(d landlord.Difference) bool { return d.Key == object && d.Kind == landlord.DifferenceExtra }) {
			continue
		}
		if is := definers[object]; is != owner.User+"@"+owner.Host && is != info.Account && is != info.Definer {
			out = append(out, landlord.Difference{Object: landlord.ObjectName(object), Key: object, Kind: landlord.DifferenceDefiner,
				Detail:   fmt.Sprintf("its definer is `%s`, not the owner account of the database", is),
				Expected: owner.String(), Actual: mysql.AccountName(mysql.SplitAccount(is)),
				Harm: landlord.HarmNone, HarmReason: "It does what was recorded, with the rights of another account."})
		}
	}
	return out, nil
}

// addDefiners adds the programs that have another definer to what differs, and
// where texts are wanted the statements that give them back.
func (r *Reader) addDefiners(ctx context.Context, row *registry.TenantRow, live *ddl.Fingerprint, d *TenantDrift, texts bool) error {
	if d.State != DriftNone && d.State != DriftFound {
		return nil
	}
	list, err := r.Definers(ctx, row, d.Differences)
	if err != nil || len(list) == 0 {
		return err
	}
	d.State = DriftFound
	if texts {
		repair, err := r.repairDefiners(ctx, row, live, d, list)
		if err != nil {
			return err
		}
		if d.RepairSQL != "" && repair != "" {
			d.RepairSQL += "\n"
		}
		d.RepairSQL += repair
	}
	d.Differences = append(d.Differences, list...)
	return nil
}

// repairDefiners writes the statements that give programs to the owner account,
// into the differences and as a whole. What differs in its text too gets its owner
// with it.
func (r *Reader) repairDefiners(ctx context.Context, row *registry.TenantRow, live *ddl.Fingerprint, d *TenantDrift, list []landlord.Difference) (string, error) {
	srv, err := r.Servers.Server(row.Server)
	if err != nil {
		return "", err
	}
	info, err := srv.Info(ctx)
	if err != nil {
		return "", registry.Unreachable(srv, "reading a schema", err)
	}
	has, err := r.Estate.LiveRendering(ctx, srv, info, row.Database, live)
	if err != nil {
		return "", registry.Unreachable(srv, "reading a schema", err)
	}
	objects, whole := ObjectTexts(has.Schema), &render.SQLScript{}
	for i := range list {
		list[i].AdoptObstacle = "A customization has no definers: all programs of a tenant belong to the owner account of its database."
		if at := slices.IndexFunc(d.Differences, func(x landlord.Difference) bool { return x.Key == list[i].Key }); at >= 0 {
			list[i].RepairSQL, list[i].RepairObstacle = d.Differences[at].RepairSQL, d.Differences[at].RepairObstacle
			continue
		}
		o, ok := objects[list[i].Key]
		if !ok {
			list[i].RepairObstacle = "Its text could not be read."
			continue
		}
		changes, err := diff.Remake(has.Schema, o, registry.Dialect(info))
		if err != nil {
			return "", fmt.Errorf("giving %s to its owner: %w", list[i].Object, err)
		}
		for n := range changes {
			changes[n].SQL, _ = program.WithDefiner(changes[n].SQL, list[i].Expected)
		}
		one := &render.SQLScript{}
		addRemade(one, o, changes)
		addRemade(whole, o, changes)
		list[i].RepairSQL = render.ScriptText(one.End())
	}
	return render.ScriptText(whole.End()), nil
}

// addRemade adds the statements that make a program anew. A trigger that is away
// for a moment misses no row, because its table is locked.
func addRemade(s *render.SQLScript, o ddl.Object, changes []diff.Change) {
	lock := o.Kind == ddl.KindTrigger && len(changes) > 1
	if lock {
		s.Statements = append(s.Statements, "LOCK TABLES "+mysql.Quote(o.Table)+" WRITE")
	}
	s.Add(changes...)
	if lock {
		s.Statements = append(s.Statements, "UNLOCK TABLES")
	}
}
