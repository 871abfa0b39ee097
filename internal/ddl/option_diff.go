package ddl

import (
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
)

// resets says how an option goes back to what a table has that never had it.
// Options that are not listed cannot be taken back.
var resets = map[string]string{
	"AVG_ROW_LENGTH": "0", "CHECKSUM": "0", "COMMENT": "''", "COMPRESSION": "''", "CONNECTION": "''", "DELAY_KEY_WRITE": "0",
	"ENCRYPTION": "'N'", "INSERT_METHOD": "NO", "KEY_BLOCK_SIZE": "0", "MAX_ROWS": "0", "MIN_ROWS": "0", "PACK_KEYS": "DEFAULT",
	"ROW_FORMAT": "DEFAULT", "STATS_AUTO_RECALC": "DEFAULT", "STATS_PERSISTENT": "DEFAULT", "STATS_SAMPLE_PAGES": "DEFAULT",
	"PAGE_CHECKSUM": "DEFAULT", "TRANSACTIONAL": "DEFAULT", "PAGE_COMPRESSED": "DEFAULT", "PAGE_COMPRESSION_LEVEL": "DEFAULT",
	"ENCRYPTED": "DEFAULT", "ENCRYPTION_KEY_ID": "DEFAULT", "SECONDARY_ENGINE": "NULL", "ENGINE_ATTRIBUTE": "''",
	"SECONDARY_ENGINE_ATTRIBUTE": "''", "AUTOEXTEND_SIZE": "0",
}

// optionClauses returns the options that change, and the name of one that
// cannot ("" when all can).
func optionClauses(a, b *table) (clauses []string, fixed string) {
	for _, o := range b.options {
		switch i := slices.IndexFunc(a.options, func(x option) bool { return x.name == o.name }); {
		case i >= 0 && a.options[i].value == o.value:
		case o.name == "DATA DIRECTORY", o.name == "INDEX DIRECTORY", o.name == "WITH SYSTEM VERSIONING":
			return nil, o.name
		case o.name == "COLLATE" || o.name == "CHARSET": // together, below
		default:
			clauses = append(clauses, o.text)
		}
	}
	for _, o := range a.options {
		if slices.ContainsFunc(b.options, func(x option) bool { return x.name == o.name }) || o.name == "COLLATE" || o.name == "CHARSET" {
			continue
		}
		reset, ok := resets[o.name]
		if !ok {
			return nil, o.name
		}
		clauses = append(clauses, o.name+"="+reset)
	}
	if a.collation != b.collation && b.charset != "" {
		set := "DEFAULT CHARSET=" + b.charset
		if !strings.HasSuffix(b.collation, " default") {
			set += " COLLATE=" + b.collation
		}
		clauses = append(clauses, set)
	}
	return clauses, ""
}

// partitionStep returns the statement part that turns one partitioning into the
// other by ADD or REORGANIZE PARTITION; "" when only a new PARTITION BY can.
// None of them loses rows: a row without a partition makes the statement fail.
func partitionStep(p, q *partitioning) string {
	if p == nil || q == nil || sqltext.Canonical(p.head) != sqltext.Canonical(q.head) || len(p.partitions) == 0 || len(q.partitions) == 0 {
		return ""
	}
	a, b := p.partitions, q.partitions
	start := 0
	for start < len(a) && start < len(b) && a[start].canon() == b[start].canon() {
		start++
	}
	end := 0
	for end < len(a)-start && end < len(b)-start && a[len(a)-1-end].canon() == b[len(b)-1-end].canon() {
		end++
	}
	if start == len(a) {
		return "ADD PARTITION (" + partitionList(b[start:]) + ")"
	}
	if end == 0 || !slices.ContainsFunc(p.head, func(t sqltext.Token) bool { return t.Is("range") }) {
		return ""
	}
	if start == len(a)-end || start == len(b)-end { // nothing to take from, or nothing to put it into
		end--
	}
	var from []string
	for _, x := range a[start : len(a)-end] {
		from = append(from, sqltext.Quote(x.name))
	}
	return "REORGANIZE PARTITION " + strings.Join(from, ", ") + " INTO (" + partitionList(b[start:len(b)-end]) + ")"
}
