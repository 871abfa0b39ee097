package survey

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/adopt"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/estate"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/catalog"
)

// text names the text of an object: its key and its fingerprint.
type text struct{ key, hash string }

// structures reads the schemas of the databases: all fingerprints in a constant
// number of statements, and each text once.
func (r *reading) structures(ctx context.Context) error {
	var names []string
	for _, d := range r.free() {
		names = append(names, d.Name)
	}
	prints, err := r.Estate.Snapshot.Standing(ctx, r.key, names)
	if err != nil {
		return err
	}
	texts := map[text]ddl.Object{}
	for _, d := range r.free() {
		f := prints[d.Name]
		if f == nil {
			d.Problem, d.Next = "it was dropped while it was read", "Nothing is left to do for it."
			continue
		}
		if err := r.texts(ctx, d, f, texts); err != nil {
			return err
		}
	}
	schemas := map[string]*ddl.Schema{}
	for _, d := range r.free() {
		f := prints[d.Name]
		if schemas[f.Whole] == nil {
			schemas[f.Whole] = assemble(f, texts)
		}
		d.Schema = schemas[f.Whole]
	}
	return nil
}

// texts reads those texts of a database that no other one has shown before.
func (r *reading) texts(ctx context.Context, d *adopt.Database, f *ddl.Fingerprint, texts map[text]ddl.Object) error {
	fresh := map[string]bool{}
	for key, hash := range f.Objects {
		if _, known := texts[text{key, hash}]; !known && key != landlord.DatabaseObject {
			fresh[key] = true
		}
	}
	if len(fresh) == 0 {
		return nil
	}
	dump, err := catalog.DumpObjects(ctx, r.srv, r.info, d.Name, func(kind, name string) bool { return fresh[kind+" "+name] })
	switch {
	case err != nil && ctx.Err() != nil:
		return ctx.Err()
	case broken(err):
		return registry.Unreachable(r.srv, "reading the schemas", err)
	case err != nil:
		d.Problem, d.Next = fmt.Sprintf("its structure cannot be read: %s", mysql.Message(err)), "Repair or drop what the server names, and run this again."
		return nil
	}
	for _, o := range estate.SchemaOf(dump).Objects {
		texts[text{o.Key(), f.Objects[o.Key()]}] = o
		delete(fresh, o.Key())
	}
	if len(fresh) > 0 {
		d.Problem, d.Next = "somebody changed it while it was read", "Run this again."
	}
	return nil
}

// assemble makes the schema of a fingerprint of the texts.
func assemble(f *ddl.Fingerprint, texts map[text]ddl.Object) *ddl.Schema {
	s := &ddl.Schema{CharacterSet: landlord.TenantCharacterSet, Collation: landlord.TenantCollation}
	for key, hash := range f.Objects {
		if o, ok := texts[text{key, hash}]; ok {
			s.Objects = append(s.Objects, o)
		}
	}
	slices.SortFunc(s.Objects, func(a, b ddl.Object) int {
		if a.Kind != b.Kind {
			return strings.Compare(string(a.Kind), string(b.Kind))
		}
		return strings.Compare(a.Name, b.Name)
	})
	return s
}

// broken says whether the server, and not the database, is at fault.
func broken(err error) bool {
	class, _ := mysql.ClassOf(err)
	return class == mysql.ClassLost || class == mysql.ClassSilent || class == mysql.ClassUnreached || class == mysql.ClassStopped
}
