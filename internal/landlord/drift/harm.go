package drift

import (
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/diff"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/merge"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
)

// harmJudge says what differences break. The rule: what was recorded and is
// missing or another one breaks whoever made it, unless nothing but words or
// storage differ; what came in addition is harmless, unless it refuses rows or
// acts by itself.
type harmJudge struct {
	s              *driftSides
	customizations []registry.Customization
	base, live     map[string]ddl.Object
}

func (s *driftSides) judge(customizations []registry.Customization) *harmJudge {
	return &harmJudge{s: s, customizations: customizations, base: ObjectTexts(s.base), live: ObjectTexts(s.live)}
}

// of returns the harm of a difference, the reason in a sentence, and the
// customization that is broken.
func (j *harmJudge) of(c diff.ElementChange) (harm landlord.Harm, reason, broken string) {
	kind, _, _ := strings.Cut(c.Object, " ")
	owner := merge.Owner(registry.ForMerge(j.customizations), ddl.Place{Object: c.Object, Element: c.Element})
	switch {
	case c.Kind == diff.ChangeExtra:
		return j.extra(ddl.Kind(kind), c)
	case c.Kind == diff.ChangeMissing:
		reason = missingReason(ddl.Kind(kind), c.Element)
	case j.s.unread:
		return "", "", "" // it may be a comment
	case j.cosmetic(c):
		return landlord.HarmNone, "Only words or the way of storing differ.", ""
	default:
		reason = changedReason(ddl.Kind(kind), c)
	}
	if owner != "" {
		return landlord.HarmCustomization, reason, owner
	}
	return landlord.HarmCore, reason, ""
}

// missingReason says what does not work any more.
func missingReason(kind ddl.Kind, element string) string {
	part, _, _ := strings.Cut(element, " `")
	switch part {
	case "column":
		return "Statements that name the column fail."
	case "primary key":
		return "Nothing refuses duplicates any more, and rows are not found by it."
	case "key":
		return "Queries that the key serves become slow; a unique one refuses no duplicates any more."
	case "check":
		return "Rows that it refused are accepted."
	case "foreign key":
		return "Rows without a parent are accepted."
	case "":
	default:
		return "The table is not the one that was recorded; the next migration would build on something else."
	}
	switch kind {
	case ddl.KindTrigger:
		return "What it did with each write is not done any more."
	case ddl.KindEvent:
		return "What it did on schedule is not done any more."
	case ddl.KindSequence:
		return "Defaults and statements that draw from it fail."
	default:
		return "Statements that name it fail."
	}
}

// changedReason says what may not work any more.
func changedReason(kind ddl.Kind, c diff.ElementChange) string {
	part, _, _ := strings.Cut(c.Element, " `")
	switch {
	case c.Object == landlord.DatabaseObject:
		return "Tables and routines that are created from now on take other defaults than the template's."
	case part == "column":
		return "Values may be refused, cut or compared in another way than the template's author has seen."
	case part == diff.ElementOrder:
		return "Statements without a list of columns put values into the wrong ones."
	case part == "key", part == "primary key":
		return "Other rows are refused, or other queries are served, than recorded."
	case part == "check", part == "foreign key", part == "partitions":
		return "Other rows are refused than recorded."
	case kind == ddl.KindTable:
		return "The table is not the one that was recorded; the next migration would build on something else."
	}
	return "It does something else than recorded, or under another account."
}

// extra judges what came in addition.
func (j *harmJudge) extra(kind ddl.Kind, c diff.ElementChange) (harm landlord.Harm, reason, broken string) {
	if j.s.unread && (c.Element != "" || kind == ddl.KindTable || kind == ddl.KindTrigger || kind == ddl.KindEvent) {
		return "", "", ""
	}
	table := c.Object
	switch {
	case c.Element != "":
		reason = j.elementRefuses(c)
	case kind == ddl.KindTable:
		table, reason = j.holdsParent(c.Object)
	case kind == ddl.KindTrigger:
		table = string(ddl.KindTable) + " " + j.live[c.Object].Table
		if _, recorded := j.base[table]; recorded {
			reason = "It runs with every write to the table, and can change or refuse it."
		}
	case kind == ddl.KindEvent:
		reason = "It runs by itself and can change any row."
	}
	if reason == "" {
		return landlord.HarmNone, "Nothing that was recorded needs it or is refused by it.", ""
	}
	if owner := merge.Owner(registry.ForMerge(j.customizations), ddl.Place{Object: table}); owner != "" {
		return landlord.HarmCustomization, reason, owner
	}
	return landlord.HarmCore, reason, ""
}

// elementRefuses says why an additional element of a recorded table makes
// writes fail, empty when it does not.
func (j *harmJudge) elementRefuses(c diff.ElementChange) string {
	info, err := ddl.DescribeTable(j.live[c.Object], j.s.srv)
	if err != nil {
		return "Its effect is not known: " + err.Error() + "."
	}
	part, _, _ := strings.Cut(c.Element, " `")
	switch part {
	case "column":
		at := slices.IndexFunc(info.Columns, func(col ddl.ColumnInfo) bool { return col.Element() == c.Element })
		if at >= 0 && !info.Columns[at].NeedsValue() {
			return ""
		}
		return "It has no default and takes no NULL: an INSERT that does not name it fails."
	case "primary key":
		return "It refuses duplicates and NULL."
	case "key":
		at := slices.IndexFunc(info.Keys, func(k ddl.KeyInfo) bool { return k.Element() == c.Element })
		if at >= 0 && info.Keys[at].Kind != "unique" {
			return ""
		}
		return "It refuses duplicates."
	case "check":
		return "It refuses rows."
	case "foreign key":
		return "It refuses rows without a parent."
	case "partitions":
		return "It refuses rows that fit no partition, and unique keys without its columns."
	}
	if j.cosmetic(c) {
		return ""
	}
	return "The table is not the one that was recorded; the next migration would build on something else."
}

// holdsParent looks for a foreign key of an additional table that keeps rows of
// a recorded table from being deleted.
func (j *harmJudge) holdsParent(object string) (parent, reason string) {
	info, err := ddl.DescribeTable(j.live[object], j.s.srv)
	if err != nil {
		return object, ""
	}
	for _, f := range info.ForeignKeys {
		parent = string(ddl.KindTable) + " " + f.Table
		_, recorded := j.base[parent]
		if recorded && f.Database == "" && f.OnDelete != "CASCADE" && f.OnDelete != "SET NULL" {
			return parent, "Its foreign key `" + f.Name + "` refuses to delete rows of `" + f.Table + "` that it refers to."
		}
	}
	return object, ""
}

// cosmeticOptions are the options of a table that change neither rows nor
// statements.
func cosmeticOptions() []string {
	return []string{
		"comment", "row_format", "key_block_size", "stats_persistent", "stats_auto_recalc", "stats_sample_pages", "avg_row_length",
		"max_rows", "min_rows", "pack_keys", "checksum", "page_checksum", "delay_key_write", "compression", "page_compressed",
		"page_compression_level", "autoextend_size", "transactional",
	}
}

// cosmetic says whether a difference is one of words or of storage.
func (j *harmJudge) cosmetic(c diff.ElementChange) bool {
	if name, ok := strings.CutPrefix(c.Element, "option "); ok {
		return slices.Contains(cosmeticOptions(), name)
	}
	return c.Kind == diff.ChangeDiffers && ddl.SameButComment(j.base[c.Object], j.live[c.Object], c.Element, j.s.srv)
}
