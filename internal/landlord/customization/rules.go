package customization

import (
	"fmt"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/diff"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/source"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/drift"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/merge"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
)

// judgePatch holds what a patch has made against the rules of level 3: nothing
// of what was there changes or goes, frozen tables take nothing, and rows of the
// template's tables can still be inserted by who does not know the patch. The
// rules look at the result and trust no parser.
func judgePatch(target patchTarget, before, after ddl.Schema) error {
	srv := registry.Dialect(target.info)
	there := drift.ObjectTexts(before)
	var touched []string
	for _, c := range merge.Changes(before, after, srv) {
		switch at := (ddl.Place{Object: c.Object, Element: c.Element}); {
		case c.Kind != diff.ChangeExtra:
			touched = append(touched, describeTouch(c))
		case c.Element == "":
			if p := judgeObject(target, drift.ObjectTexts(after)[c.Object]); p != nil {
				return p
			}
		case slices.Contains(target.frozen, there[c.Object].Name):
			return frozenProblem(there[c.Object].Name, landlord.PlaceName(at))
		case !isAddition(c.Element):
			touched = append(touched, fmt.Sprintf("%s would get `%s`.", landlord.UpperFirst(landlord.ObjectName(c.Object)), c.After))
		}
	}
	if len(touched) > 0 {
		return &landlord.Problem{Summary: "Customization changes the template", Detail: slices.Concat(touched, []string{
			"Nothing was run but in a scratch database. What the template makes stays as it is: add columns, indexes, keys and checks to its tables, or objects of your own; or change the template."})}
	}
	return judgeColumns(before, after, srv)
}

// isAddition says whether an element may be added to a table of the template.
func isAddition(element string) bool {
	for _, kind := range []string{"column `", "key `", "foreign key `", "check `"} {
		if strings.HasPrefix(element, kind) {
			return true
		}
	}
	return false
}

// describeTouch says what would become of a thing of the template.
func describeTouch(c diff.ElementChange) string {
	name := landlord.PlaceName(ddl.Place{Object: c.Object, Element: c.Element})
	switch {
	case c.Element == diff.ElementOrder:
		return landlord.UpperFirst(fmt.Sprintf("%s would be another one.", name))
	case c.Kind == diff.ChangeMissing:
		return landlord.UpperFirst(fmt.Sprintf("%s would go.\nTemplate: %s", name, c.Before))
	}
	return landlord.UpperFirst(fmt.Sprintf("%s would be changed.\nTemplate: %s\nCustomization: %s", name, c.Before, c.After))
}

// judgeObject looks at a whole object that a patch has made.
func judgeObject(target patchTarget, o ddl.Object) error {
	switch {
	case o.Kind == ddl.KindTrigger && slices.Contains(target.frozen, o.Table):
		return frozenProblem(o.Table, landlord.ObjectName(landlord.Key(o)))
	case o.Kind == ddl.KindEvent && source.EventEnds(o.SQL):
		return landlord.NewProblem(landlord.FieldNone, "Event ends by itself",
			fmt.Sprintf("Event `%s` has a last run (`AT` or `ENDS`), behind which the server drops or disables it, so that it is no part of a schema.", o.Name),
			"Give it a schedule with `EVERY` and without `ENDS`, or run its statement by hand.")
	}
	return nil
}

func frozenProblem(table, what string) error {
	return landlord.NewProblem(landlord.FieldNone, "Frozen table is extended",
		fmt.Sprintf("%s would be added to table `%s`, which the template has frozen: customizations add nothing to it, and no trigger.", landlord.UpperFirst(what), table),
		fmt.Sprintf("Put what is needed into a table of its own that refers to `%s`.", table))
}

// judgeColumns refuses columns of the template's tables without which rows
// cannot be inserted.
func judgeColumns(before, after ddl.Schema, srv ddl.Server) error {
	there := drift.ObjectTexts(before)
	for _, o := range after.Objects {
		was, ok := there[landlord.Key(o)]
		if !ok || o.Kind != ddl.KindTable {
			continue
		}
		old, err := ddl.DescribeTable(was, srv)
		if err != nil {
			continue // a table that cannot be read takes nothing: Compare reports it as changed
		}
		now, err := ddl.DescribeTable(o, srv)
		if err != nil {
			return fmt.Errorf("reading table `%s`: %w", o.Name, err)
		}
		for i := range now.Columns {
			c := &now.Columns[i]
			is := func(d ddl.ColumnInfo) bool { return d.Element() == c.Element() }
			if c.NeedsValue() && !slices.ContainsFunc(old.Columns, is) {
				return landlord.NewProblem(landlord.FieldNone, "Extension column needs a default",
					fmt.Sprintf("Column `%s` of table `%s` takes no NULL and has no default, so that whoever does not know it could insert no rows any more.", c.Name, o.Name),
					"Let it take NULL, or give it a `DEFAULT`.")
			}
		}
	}
	return nil
}
