package drift

import (
	"fmt"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/merge"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/render"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// adopt says for each difference how a customization would take it in.
func (s *driftSides) adopt(d *TenantDrift, customizations []registry.Customization) {
	live := ObjectTexts(s.live)
	tables := s.tables(live)
	for i := range d.Differences {
		diff := &d.Differences[i]
		diff.Adoption, diff.AdoptObstacle = s.adoption(diff, live[diff.Key], tables[diff.Key], customizations)
		if diff.Adoption != nil {
			d.Adoption = d.Adoption.With(diff.Adoption)
		}
	}
}

// tables describes the live tables that differ.
func (s *driftSides) tables(live map[string]ddl.Object) map[string]*ddl.TableInfo {
	out := map[string]*ddl.TableInfo{}
	for _, c := range s.changes {
		if o, ok := live[c.Object]; ok && o.Kind == ddl.KindTable && out[c.Object] == nil {
			if info, err := ddl.DescribeTable(o, s.srv); err == nil {
				out[c.Object] = info
			}
		}
	}
	return out
}

// adoption returns the customization that takes a difference in, or why there
// is none.
func (s *driftSides) adoption(d *landlord.Difference, live ddl.Object, table *ddl.TableInfo, customizations []registry.Customization) (patch *landlord.CustomizationPatch, obstacle string) {
	owner := merge.Owner(registry.ForMerge(customizations), ddl.Place{Object: d.Key, Element: d.Element})
	switch {
	case d.Kind != landlord.DifferenceExtra && owner != "":
		return nil, fmt.Sprintf("Customization `%s` made it: change its definition, or remove it from there.", owner)
	case d.Kind == landlord.DifferenceMissing:
		return nil, "A customization only adds. Repair it, or take it out of the template."
	case d.Kind == landlord.DifferenceChanged:
		return nil, "A customization changes nothing that others made. Repair it, or take the change into the template."
	}
	return TakeIn(d, live, table)
}

// TakeIn returns the customization that declares something additional as it is, or
// why there is none. live is the object that it is, or is a part of, and table that
// one, read; nil for a whole object.
func TakeIn(d *landlord.Difference, live ddl.Object, table *ddl.TableInfo) (patch *landlord.CustomizationPatch, obstacle string) {
	if d.Element != "" {
		return adoptElement(d, table)
	}
	kind, name, _ := strings.Cut(d.Key, " ")
	switch ddl.Kind(kind) {
	case ddl.KindTable:
		return &landlord.CustomizationPatch{Tables: map[string]string{name: d.Actual}}, ""
	case ddl.KindView:
		if query, ok := ddl.ViewQuery(d.Actual); ok {
			return &landlord.CustomizationPatch{Views: map[string]string{name: query}}, ""
		}
		return &landlord.CustomizationPatch{SQL: render.ScriptText([]string{ddl.WithoutDefiner(d.Actual)})}, ""
	case ddl.KindTrigger, ddl.KindProcedure, ddl.KindFunction, ddl.KindEvent:
		plain, mode := live.Plain()
		if mode != "" {
			return nil, OtherMode(mode) + " Make it anew without that mode first, or take it into the template in other words."
		}
		return &landlord.CustomizationPatch{SQL: render.ScriptText([]string{ddl.WithoutDefiner(plain.SQL)})}, ""
	}
	return nil, "A customization cannot hold objects of this kind. Repair it, or take it into the template."
}

// OtherMode says in words why a program cannot be declared as it is.
func OtherMode(mode string) string {
	return fmt.Sprintf("It was made under the mode `%s`, in which its text means something else than in that of the provider.", mode)
}

// adoptElement returns the customization for an additional part of a table.
func adoptElement(d *landlord.Difference, table *ddl.TableInfo) (patch *landlord.CustomizationPatch, obstacle string) {
	if table == nil {
		return nil, "The table is not understood."
	}
	for _, c := range table.Columns {
		if c.Element() != d.Element {
			continue
		}
		if c.NeedsValue() {
			return nil, "A column of a customization takes NULL or has a default, so that the template's statements go on working. Change it so first."
		}
		return &landlord.CustomizationPatch{Columns: []landlord.CustomizationColumn{{Table: table.Name, Name: c.Name, Definition: c.Definition}}}, ""
	}
	for _, k := range table.Keys {
		if k.Element() == d.Element && k.Kind != "primary" {
			return adoptKey(table.Name, k), ""
		}
	}
	for _, f := range table.ForeignKeys {
		if f.Element() == d.Element {
			return addTo(table.Name, f.Definition), ""
		}
	}
	for _, c := range table.Checks {
		if c.Element() == d.Element {
			return addTo(table.Name, c.Definition), ""
		}
	}
	return nil, "A customization adds columns, keys and constraints to a table, and nothing else. Repair it, or take it into the template."
}

func addTo(table, definition string) *landlord.CustomizationPatch {
	return &landlord.CustomizationPatch{SQL: render.ScriptText([]string{"ALTER TABLE " + mysql.Quote(table) + " ADD " + definition})}
}

// adoptKey returns a structured index where that says everything.
func adoptKey(table string, k ddl.KeyInfo) *landlord.CustomizationPatch {
	plain := (k.Kind == "index" || k.Kind == "unique") && !k.Hidden && k.Comment == "" && strings.HasSuffix(k.Definition, ")") &&
		!slices.ContainsFunc(k.Parts, func(p ddl.KeyPartInfo) bool { return p.Column == "" })
	if !plain {
		return addTo(table, k.Definition)
	}
	index := landlord.CustomizationIndex{Table: table, Name: k.Name, Unique: k.Kind == "unique"}
	for _, p := range k.Parts {
		column := p.Column
		if p.Length > 0 {
			column += fmt.Sprintf("(%d)", p.Length)
		}
		if p.Descending {
			column += " DESC"
		}
		index.Columns = append(index.Columns, column)
	}
	return &landlord.CustomizationPatch{Indexes: []landlord.CustomizationIndex{index}}
}
