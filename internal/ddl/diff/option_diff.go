package diff

import (
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
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
func optionClauses(a, b *ddl.Table) (clauses []string, fixed string) {
	for _, o := range b.Options {
		switch i := slices.IndexFunc(a.Options, func(x ddl.Option) bool { return x.Name == o.Name }); {
		case i >= 0 && a.Options[i].Value == o.Value:
		case o.Name == "DATA DIRECTORY", o.Name == "INDEX DIRECTORY", o.Name == "WITH SYSTEM VERSIONING":
			return nil, o.Name
		case o.Name == "COLLATE" || o.Name == "CHARSET": // together, below
		default:
			clauses = append(clauses, o.Text)
		}
	}
	for _, o := range a.Options {
		if slices.ContainsFunc(b.Options, func(x ddl.Option) bool { return x.Name == o.Name }) || o.Name == "COLLATE" || o.Name == "CHARSET" {
			continue
		}
		reset, ok := resets[o.Name]
		if !ok {
			return nil, o.Name
		}
		clauses = append(clauses, o.Name+"="+reset)
	}
	if a.Collation != b.Collation && b.Charset != "" {
		set := "DEFAULT CHARSET=" + b.Charset
		if !strings.HasSuffix(b.Collation, " default") {
			set += " COLLATE=" + b.Collation
		}
		clauses = append(clauses, set)
	}
	return clauses, ""
}

// partitionStep returns the statement part that turns one partitioning into the
// other by ADD or REORGANIZE PARTITION; "" when only a new PARTITION BY can.
// None of them loses rows: a row without a partition makes the statement fail.
func partitionStep(p, q *ddl.Partitioning) string {
	if p == nil || q == nil || sqltext.Canonical(p.Head) != sqltext.Canonical(q.Head) || len(p.Partitions) == 0 || len(q.Partitions) == 0 {
		return ""
	}
	a, b := p.Partitions, q.Partitions
	start := 0
	for start < len(a) && start < len(b) && a[start].Canon() == b[start].Canon() {
		start++
	}
	end := 0
	for end < len(a)-start && end < len(b)-start && a[len(a)-1-end].Canon() == b[len(b)-1-end].Canon() {
		end++
	}
	if start == len(a) {
		return "ADD PARTITION (" + ddl.PartitionList(b[start:]) + ")"
	}
	if end == 0 || !slices.ContainsFunc(p.Head, func(t sqltext.Token) bool { return t.Is("range") }) {
		return ""
	}
	if start == len(a)-end || start == len(b)-end || !a[len(a)-1-end].SameBound(b[len(b)-1-end]) {
		end-- // nothing to take from, nothing to put it into, or another range as a whole
	}
	var from []string
	for _, x := range a[start : len(a)-end] {
		from = append(from, sqltext.Quote(x.Name))
	}
	return "REORGANIZE PARTITION " + strings.Join(from, ", ") + " INTO (" + ddl.PartitionList(b[start:len(b)-end]) + ")"
}
