package ddl_test

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
)

// printedTables returns the tables of testdata/tables.txt that are understood,
// with the server that printed each.
func printedTables(t *testing.T) map[string]ddl.Server {
	t.Helper()
	file, err := os.ReadFile("testdata/tables.txt")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]ddl.Server{}
	srv := ddl.Server{}
	for block := range strings.SplitSeq(string(file), "\n\n") {
		var text []string
		for line := range strings.Lines(block) {
			line = strings.TrimSuffix(line, "\n")
			switch {
			case strings.HasPrefix(line, "## "):
				product, version, _ := strings.Cut(strings.TrimPrefix(line, "## "), " ")
				srv = ddl.Server{Product: ddl.Product(product), Version: version}
			case strings.HasPrefix(line, "#"), strings.HasPrefix(line, "  = "):
			default:
				text = append(text, line)
			}
		}
		sql := strings.Join(text, "\n")
		if _, err := ddl.ReadTable(sql, srv); err == nil {
			out[sql] = srv
		}
	}
	if len(out) < 15 {
		t.Fatalf("only %d tables are read", len(out))
	}
	return out
}

// TestTable_Create_roundTrip: the statement that is made of a table is read as
// the same table, and made of that it is the same statement: nothing that a
// server prints is lost or changed on the way, whether it is understood or not.
func TestTable_Create_roundTrip(t *testing.T) {
	t.Parallel()
	for sql, srv := range printedTables(t) {
		first, err := ddl.ReadTable(sql, srv)
		if err != nil {
			t.Fatal(err)
		}
		made := first.Create(nil)
		second, err := ddl.ReadTable(made, srv)
		if err != nil {
			t.Errorf("%s\nis not read: %v", made, err)
			continue
		}
		if diff := cmp.Diff(made, second.Create(nil)); diff != "" {
			t.Errorf("made of what was made (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(readLines(sql, srv), readLines(made, srv)); diff != "" {
			t.Errorf("%s\nread (-want +got):\n%s", made, diff)
		}
		sameTables(t, first, second)
	}
}

// sameTables compares by the judgments that migrations go by.
func sameTables(t *testing.T, a, b *ddl.Table) {
	t.Helper()
	if len(a.Columns) != len(b.Columns) || len(a.Keys) != len(b.Keys) || len(a.Checks) != len(b.Checks) || len(a.ForeignKeys) != len(b.ForeignKeys) {
		t.Errorf("%s: parts are missing or added", a.Name)
		return
	}
	for i := range a.Columns {
		if x, y := &a.Columns[i], &b.Columns[i]; !x.Same(y) || x.Signature() != y.Signature() {
			t.Errorf("%s: %s and %s differ", a.Name, x.Text(), y.Text())
		}
	}
	for i := range a.Keys {
		if x, y := &a.Keys[i], &b.Keys[i]; !x.Same(y) || x.Signature() != y.Signature() || x.Name != y.Name || x.Hidden != y.Hidden {
			t.Errorf("%s: %s and %s differ", a.Name, x.Text, y.Text)
		}
	}
	for i := range a.Checks {
		if x, y := &a.Checks[i], &b.Checks[i]; !x.Same(y) || x.Name != y.Name {
			t.Errorf("%s: %s and %s differ", a.Name, x.Text, y.Text)
		}
	}
	for i := range a.ForeignKeys {
		if x, y := &a.ForeignKeys[i], &b.ForeignKeys[i]; !x.Same(y) || x.Name != y.Name {
			t.Errorf("%s: %s and %s differ", a.Name, x.Text, y.Text)
		}
	}
	if !a.Partition.Same(b.Partition) || a.Versioned != b.Versioned || a.Collation != b.Collation || a.Charset != b.Charset {
		t.Errorf("%s: the options differ", a.Name)
	}
}

// TestTable_Create compares whole statements.
func TestTable_Create(t *testing.T) {
	t.Parallel()
	const orders = "CREATE TABLE `orders` (\n  `id` int unsigned NOT NULL AUTO_INCREMENT,\n  `customer` int NOT NULL,\n  `note` varchar(20) DEFAULT 'it''s' COMMENT 'a, (b',\n" +
		"  PRIMARY KEY (`id`),\n  KEY `customer` (`customer`),\n" +
		"  CONSTRAINT `own` FOREIGN KEY (`id`) REFERENCES `orders` (`id`),\n  CONSTRAINT `fk` FOREIGN KEY (`customer`) REFERENCES `customers` (`id`) ON DELETE CASCADE,\n" +
		"  CONSTRAINT `some` CHECK ((`customer` > 0))\n) ENGINE=InnoDB AUTO_INCREMENT=42 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci COMMENT='x'\n" +
		"/*!50100 PARTITION BY RANGE (`id`)\n(PARTITION p0 VALUES LESS THAN (10) ENGINE = InnoDB,\n PARTITION p1 VALUES LESS THAN MAXVALUE ENGINE = InnoDB) */"
	const head = "CREATE TABLE `orders` (`id` int unsigned NOT NULL AUTO_INCREMENT, `customer` int NOT NULL, `note` varchar(20) DEFAULT 'it''s' COMMENT 'a, (b', " +
		"PRIMARY KEY (`id`), KEY `customer` (`customer`)"
	const own = ", CONSTRAINT `own` FOREIGN KEY (`id`) REFERENCES `orders` (`id`)"
	const fk = ", CONSTRAINT `fk` FOREIGN KEY (`customer`) REFERENCES `customers` (`id`) ON DELETE CASCADE"
	const tail = ", CONSTRAINT `some` CHECK ((`customer` > 0))) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci COMMENT='x' " +
		"PARTITION BY RANGE (`id`) (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN MAXVALUE)"
	table, err := ddl.ReadTable(orders, ddl.Server{Product: ddl.MySQL, Version: "9.7.4"})
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		skip func(*ddl.ForeignKey) bool
		want string
	}{
		"all":                    {nil, head + own + fk + tail},
		"none of others":         {func(f *ddl.ForeignKey) bool { return f.Parent != "orders" }, head + own + tail},
		"no foreign keys at all": {func(*ddl.ForeignKey) bool { return true }, head + tail},
	} {
		if diff := cmp.Diff(test.want, table.Create(test.skip)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if got := ddl.PartitionList(table.Partition.Partitions[1:]); got != "PARTITION p1 VALUES LESS THAN MAXVALUE" {
		t.Errorf("a partition: %s", got)
	}
}

// TestTable_parts finds parts by name, in any case, and none that is not there.
func TestTable_parts(t *testing.T) {
	t.Parallel()
	table := readTable(t, "PRIMARY KEY (`a`), UNIQUE KEY `Uq` (`c`), CONSTRAINT `Fk` FOREIGN KEY (`a`) REFERENCES `p` (`id`), CONSTRAINT `Ck` CHECK ((`c` > 0))")
	for name, found := range map[string]bool{
		"column a": table.Column("A") == &table.Columns[0], "column c": table.Column("c") == &table.Columns[2], "no column": table.Column("uq") == nil,
		"key": table.Key("uQ") == &table.Keys[1], "no key": table.Key("a") == nil, "the primary key has no name": table.Key("") == &table.Keys[0],
		"foreign key": table.ForeignKey("FK") == &table.ForeignKeys[0], "no foreign key": table.ForeignKey("ck") == nil,
		"check": table.Check("cK") == &table.Checks[0], "no check": table.Check("fk") == nil,
		"primary": table.Primary() == &table.Keys[0], "no primary": readTable(t, "KEY `k` (`a`)").Primary() == nil,
		"engine": table.Option("ENGINE") == "InnoDB", "no option": table.Option("COMMENT") == "",
		"unique": table.Keys[0].Unique() && table.Keys[1].Unique(), "not unique": !readTable(t, "KEY `k` (`a`)").Keys[0].Unique(),
		"needs the key of the column": table.ForeignKeys[0].Needs([]string{"a"}), "needs none of another": !table.ForeignKeys[0].Needs([]string{"c"}),
	} {
		if !found {
			t.Errorf("%s: it is not so", name)
		}
	}
}

// TestTable_Clone: what is added to, taken from or put in order in the lists of a
// copy is not so in the table.
func TestTable_Clone(t *testing.T) {
	t.Parallel()
	table := readTable(t, "PRIMARY KEY (`a`), CONSTRAINT `f` FOREIGN KEY (`a`) REFERENCES `p` (`id`), CONSTRAINT `k` CHECK ((`c` > 0))")
	before := table.Create(nil)
	n := table.Clone()
	if n.Create(nil) != before {
		t.Errorf("the copy is %s", n.Create(nil))
	}
	n.Columns[0], n.Columns[1] = n.Columns[1], n.Columns[0]
	n.Keys[0].Text, n.Checks[0].Text, n.ForeignKeys[0].Text, n.Options[0].Text = "KEY", "CHECK", "FOREIGN KEY", "OPTION"
	n.Name = "other"
	if got := table.Create(nil); got != before {
		t.Errorf("the table is now %s", got)
	}
}

// TestReadTable_refused: what is no table, or has a part that nobody knows, is
// compared as text only, and the reason says what is not understood.
func TestReadTable_refused(t *testing.T) {
	t.Parallel()
	const none = "the text is no CREATE TABLE with a list of columns"
	for sql, want := range map[string]string{
		"":                                    none,
		"SELECT 1":                            none,
		"CREATE VIEW `v` AS select 1":         none,
		"CREATE TABLE `t`":                    none,
		"CREATE TABLE `t` LIKE `u`":           none,
		"CREATE TABLE `t` (`a` int":           none,
		"CREATE TABLE `t` () ENGINE=InnoDB":   none,
		"CREATE TABLE `t` (KEY `k` (`a`))":    none,
		"CREATE TEMPORARY VIEW `t` (`a`)":     none,
		"CREATE TABLE `t` (`a`)":              "column `a`: it has no type",
		"CREATE TABLE `t` (`a` 'int')":        "column `a`: it has no type",
		"CREATE TABLE `t` (`a` int, bogus)":   "bogus is not understood",
		"CREATE TABLE `t` (`a` int, KEY)":     "key KEY: it has no list of columns",
		"CREATE TABLE `t` (`a` int, KEY `k`)": "key KEY `k`: it has no list of columns",
		"CREATE TABLE `t` (`a` timestamp(6) GENERATED ALWAYS AS ROW START, `b` int)":            "column `a`: a column of system versioning is not understood",
		"CREATE TABLE `t` (`a` int GENERATED ALWAYS, `b` int)":                                  "column `a`: a column of system versioning is not understood",
		"CREATE TABLE `t` (`a` int, CONSTRAINT `f` FOREIGN KEY REFERENCES `p` (`a`))":           "CONSTRAINT `f` FOREIGN KEY REFERENCES `p` (`a`): it has no list of columns",
		"CREATE TABLE `t` (`a` int, CONSTRAINT `f` FOREIGN KEY (`a`) REFERENCES `p`)":           "CONSTRAINT `f` FOREIGN KEY (`a`) REFERENCES `p`: it has no list of columns",
		"CREATE TABLE `t` (`a` int, CONSTRAINT `f` FOREIGN KEY (`a`) REFERENCES `p` (`x`,`y`))": "CONSTRAINT `f` FOREIGN KEY (`a`) REFERENCES `p` (`x`,`y`): it has no list of columns",
		"CREATE TABLE `t` (`a` int) PARTITION BY LIST (`a`) (PARTITION)":                        "it has no list of columns",
	} {
		_, err := ddl.ReadTable(sql, ddl.Server{Product: ddl.MariaDB, Version: "11.8.2-MariaDB"})
		if err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", sql, err, want)
		}
	}
}
