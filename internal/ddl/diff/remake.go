package diff

import (
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
)

// Remake returns the changes that make a view, routine, trigger or event of a
// schema anew as it is, so that it gets another definer. One statement does it
// where the server has one that leaves the object in force; the others drop the
// object and create it, in the place that it has among its kin.
func Remake(s ddl.Schema, o ddl.Object, srv ddl.Server) ([]Change, error) {
	without := s
	without.Objects = nil
	for _, other := range s.Objects {
		if other.Key() != o.Key() {
			without.Objects = append(without.Objects, other)
		}
	}
	create, err := Diff(without, s, srv, Options{})
	if err != nil {
		return nil, err
	}
	made := create.Changes
	switch {
	case len(made) != 1:
	case o.Kind == ddl.KindEvent:
		made[0].Operation, made[0].SQL = OpAlterEvent, "ALTER EVENT "+sqltext.Quote(o.Name)+" "+eventState(o.SQL)
		return made, nil
	case o.Kind == ddl.KindView:
		made[0].Operation, made[0].SQL = OpReplaceView, replaceView(made[0].SQL)
		return made, nil
	case srv.Product == ddl.MariaDB:
		if rest, ok := strings.CutPrefix(made[0].SQL, "CREATE "); ok {
			made[0].SQL = "CREATE OR REPLACE " + rest
			return made, nil
		}
	}
	drop, err := Diff(s, without, srv, Options{})
	if err != nil {
		return nil, err
	}
	return append(drop.Changes, made...), nil
}

// eventState returns the state that a server prints of an event: ENABLE, DISABLE
// or DISABLE ON SLAVE.
func eventState(sql string) string {
	c := sqltext.NewCursor(sql)
	for ; !c.Done(); c.Index++ {
		if !c.Accept("preserve") {
			continue
		}
		switch {
		case c.At("disable", "on"):
			return sqltext.Join(c.Tokens[c.Index : c.Index+3])
		case c.At("disable"):
			return "DISABLE"
		}
		break
	}
	return "ENABLE"
}
