package drift

import (
	"errors"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/diff"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/merge"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/render"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/program"
)

// addTexts adds the ways out of drift: back to what was recorded, or into a
// customization. The owner is the definer of programs that are made anew, empty
// for whoever runs the statements.
func (s *driftSides) addTexts(d *TenantDrift, customizations []registry.Customization, owner string) {
	if s.unread {
		for i := range d.Differences {
			d.Differences[i].RepairObstacle = "The texts could not be read: the account may not see them, or they are not stored."
			d.Differences[i].AdoptObstacle = d.Differences[i].RepairObstacle
		}
		return
	}
	texts := map[string]repairText{}
	for i := range d.Differences {
		object := d.Differences[i].Key
		text, ok := texts[object]
		if !ok {
			text = s.repair(object, owner)
			texts[object] = text
		}
		d.Differences[i].RepairSQL, d.Differences[i].RepairObstacle = text.sql, text.obstacle
	}
	d.RepairSQL, d.RepairObstacles = s.repairAll(customizations, owner)
	s.adopt(d, customizations)
}

// repairText is the way back to what was recorded, or why there is none.
type repairText struct{ sql, obstacle string }

// repair returns the way back for one object, everything else staying as it is.
func (s *driftSides) repair(object, owner string) repairText {
	target := s.live
	if object == landlord.DatabaseObject {
		target.CharacterSet, target.Collation = s.base.CharacterSet, s.base.Collation
	} else {
		target.Objects = exchange(s.live.Objects, s.base.Objects, object)
	}
	m, err := diff.Diff(s.live, target, s.srv, diff.Options{})
	if err != nil {
		return repairText{obstacle: landlord.Sentence(repairObstacle(err))}
	}
	if m.Empty() {
		return repairText{obstacle: "No statement is known that changes this; make the object anew by hand."}
	}
	return repairText{sql: repairScript(m, owner)}
}

// exchange returns a list of objects in which one object is as in another list.
func exchange(objects, others []ddl.Object, object string) []ddl.Object {
	out := slices.DeleteFunc(slices.Clone(objects), func(o ddl.Object) bool { return landlord.Key(o) == object })
	for _, o := range others {
		if landlord.Key(o) == object {
			out = append(out, o)
		}
	}
	return out
}

func repairObstacle(err error) string {
	var unsupported *diff.UnsupportedError
	if !errors.As(err, &unsupported) {
		return err.Error()
	}
	var reasons []string
	for _, o := range unsupported.Objects {
		reasons = append(reasons, landlord.ObjectName(o.Object)+": "+o.Reason)
	}
	return strings.Join(reasons, "; ")
}

// repairAll returns the whole way back in order. What no statement can change
// is left out and named; what an interrupted customization works on is left to it.
func (s *driftSides) repairAll(customizations []registry.Customization, owner string) (sql string, obstacles []string) {
	target := s.base
	for _, c := range s.changes {
		if merge.Interrupted(registry.ForMerge(customizations), c, false) {
			target.Objects = exchange(target.Objects, s.live.Objects, c.Object)
		}
	}
	m, err := diff.Diff(s.live, target, s.srv, diff.Options{})
	var unsupported *diff.UnsupportedError
	if errors.As(err, &unsupported) {
		for _, o := range unsupported.Objects {
			obstacles = append(obstacles, landlord.Sentence(landlord.ObjectName(o.Object)+": "+o.Reason))
			target.Objects = exchange(target.Objects, s.live.Objects, o.Object)
		}
		m, err = diff.Diff(s.live, target, s.srv, diff.Options{})
	}
	if err != nil {
		return "", append(obstacles, landlord.Sentence(repairObstacle(err)))
	}
	return repairScript(m, owner), obstacles
}

// repairScript writes statements for the standard client. What a statement
// loses stands in front of it, and programs get the owner for their definer.
func repairScript(m *diff.Migration, owner string) string {
	s := &render.SQLScript{}
	for _, c := range m.Changes {
		if c.Destructive {
			s.Statements = append(s.Statements, "-- Loses "+strings.Join(strings.Fields(c.Lost), " ")+".")
		}
		if owner != "" {
			c.SQL, _ = program.WithDefiner(c.SQL, owner)
		}
		s.Add(c)
	}
	return render.ScriptText(s.End())
}
