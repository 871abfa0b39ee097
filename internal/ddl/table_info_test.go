package ddl_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
)

func TestDescribeTable(t *testing.T) {
	t.Parallel()
	mysql := ddl.Server{Product: ddl.MySQL, Version: "9.7.0"}
	mariadb := ddl.Server{Product: ddl.MariaDB, Version: "11.8.2-MariaDB"}
	tests := map[string]struct {
		srv  ddl.Server
		sql  string
		want ddl.TableInfo
	}{
		"everything of MySQL": {
			mysql,
			"CREATE TABLE `orders` (\n  `id` int unsigned NOT NULL AUTO_INCREMENT,\n  `customer_id` int NOT NULL,\n" +
				"  `note` varchar(50) CHARACTER SET latin1 COLLATE latin1_swedish_ci DEFAULT 'it''s' COMMENT 'what, (for)',\n" +
				"  `total` decimal(12,2) NOT NULL DEFAULT '0.00',\n  `made` timestamp NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,\n" +
				"  `twice` decimal(13,2) GENERATED ALWAYS AS ((`total` * 2)) STORED,\n  `token` binary(16) DEFAULT (uuid_to_bin(uuid())) /*!80023 INVISIBLE */,\n" +
				"  PRIMARY KEY (`id`),\n  UNIQUE KEY `uq` (`note`(10),`made` DESC) COMMENT 'once',\n  KEY `ix` ((`total` + 1)) /*!80000 INVISIBLE */,\n  FULLTEXT KEY `ft` (`note`),\n" +
				"  CONSTRAINT `fk` FOREIGN KEY (`customer_id`) REFERENCES `customers` (`id`) ON DELETE SET NULL ON UPDATE CASCADE,\n" +
				"  CONSTRAINT `positive` CHECK ((`total` >= 0)) /*!80016 NOT ENFORCED */\n" +
				") ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci ROW_FORMAT=COMPRESSED COMMENT='sold; \\\\ things'\n" +
				"/*!50100 PARTITION BY HASH (`id`)\nPARTITIONS 4 */",
			ddl.TableInfo{
				Name: "orders", Engine: "InnoDB", CharacterSet: "utf8mb4", Collation: "utf8mb4_unicode_ci", Comment: `sold; \ things`,
				Columns: []ddl.ColumnInfo{
					{Name: "id", Type: "int unsigned", AutoIncrement: true, Definition: "int unsigned NOT NULL AUTO_INCREMENT"},
					{Name: "customer_id", Type: "int", Definition: "int NOT NULL"},
					{
						Name: "note", Type: "varchar(50)", Nullable: true, Default: "'it''s'", CharacterSet: "latin1", Collation: "latin1_swedish_ci", Comment: "what, (for)",
						Definition: "varchar(50) CHARACTER SET latin1 COLLATE latin1_swedish_ci DEFAULT 'it''s' COMMENT 'what, (for)'",
					},
					{Name: "total", Type: "decimal(12,2)", Default: "'0.00'", Definition: "decimal(12,2) NOT NULL DEFAULT '0.00'"},
					{
						Name: "made", Type: "timestamp", Nullable: true, Default: "CURRENT_TIMESTAMP", OnUpdate: "CURRENT_TIMESTAMP",
						Definition: "timestamp NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP",
					},
					{
						Name: "twice", Type: "decimal(13,2)", Nullable: true, Generated: "(`total` * 2)", Stored: true,
						Definition: "decimal(13,2) GENERATED ALWAYS AS ((`total` * 2)) STORED",
					},
					{
						Name: "token", Type: "binary(16)", Nullable: true, Default: "(uuid_to_bin(uuid()))", Invisible: true,
						Definition: "binary(16) DEFAULT (uuid_to_bin(uuid())) INVISIBLE",
					},
				},
				Keys: []ddl.KeyInfo{
					{Name: "PRIMARY", Kind: "primary", Parts: []ddl.KeyPartInfo{{Column: "id"}}, Definition: "PRIMARY KEY (`id`)"},
					{
						Name: "uq", Kind: "unique", Parts: []ddl.KeyPartInfo{{Column: "note", Length: 10}, {Column: "made", Descending: true}}, Comment: "once",
						Definition: "UNIQUE KEY `uq` (`note`(10),`made` DESC) COMMENT 'once'",
					},
					{Name: "ix", Kind: "index", Parts: []ddl.KeyPartInfo{{Expression: "`total` + 1"}}, Hidden: true, Definition: "KEY `ix` ((`total` + 1)) INVISIBLE"},
					{Name: "ft", Kind: "fulltext", Parts: []ddl.KeyPartInfo{{Column: "note"}}, Definition: "FULLTEXT KEY `ft` (`note`)"},
				},
				ForeignKeys: []ddl.ForeignKeyInfo{{
					Name: "fk", Columns: []string{"customer_id"}, Table: "customers", References: []string{"id"}, OnDelete: "SET NULL", OnUpdate: "CASCADE",
					Definition: "CONSTRAINT `fk` FOREIGN KEY (`customer_id`) REFERENCES `customers` (`id`) ON DELETE SET NULL ON UPDATE CASCADE",
				}},
				Checks: []ddl.CheckInfo{{
					Name: "positive", Expression: "(`total` >= 0)",
					Definition: "CONSTRAINT `positive` CHECK ((`total` >= 0)) NOT ENFORCED",
				}},
				Options:    map[string]string{"ROW_FORMAT": "COMPRESSED"},
				Partitions: "PARTITION BY HASH (`id`) PARTITIONS 4",
			},
		},
		"a check of a column of MariaDB": {
			mariadb,
			"CREATE TABLE `t` (\n  `a` int(11) DEFAULT NULL CHECK (`a` > 0),\n  `b` text NOT NULL DEFAULT 'x',\n  `c` datetime DEFAULT current_timestamp(),\n" +
				"  CONSTRAINT `fk` FOREIGN KEY (`a`) REFERENCES `other`.`p` (`id`) ON DELETE NO ACTION\n) ENGINE=Aria DEFAULT CHARSET=latin1",
			ddl.TableInfo{
				Name: "t", Engine: "Aria", CharacterSet: "latin1",
				Columns: []ddl.ColumnInfo{
					{Name: "a", Type: "int(11)", Nullable: true, Check: "`a` > 0", Definition: "int(11) DEFAULT NULL CHECK (`a` > 0)"},
					{Name: "b", Type: "text", Default: "'x'", CharacterSet: "latin1", Definition: "text NOT NULL DEFAULT 'x'"},
					{Name: "c", Type: "datetime", Nullable: true, Default: "current_timestamp()", Definition: "datetime DEFAULT current_timestamp()"},
				},
				ForeignKeys: []ddl.ForeignKeyInfo{{
					Name: "fk", Columns: []string{"a"}, Database: "other", Table: "p", References: []string{"id"}, OnDelete: "NO ACTION", OnUpdate: "RESTRICT",
					Definition: "CONSTRAINT `fk` FOREIGN KEY (`a`) REFERENCES `other`.`p` (`id`) ON DELETE NO ACTION",
				}},
			},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := ddl.DescribeTable(ddl.Object{Kind: ddl.KindTable, Name: test.want.Name, SQL: test.sql}, test.srv)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(&test.want, got, cmpopts.IgnoreUnexported(ddl.ColumnInfo{})); diff != "" {
				t.Errorf("table (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDescribeTable_refused(t *testing.T) {
	t.Parallel()
	_, err := ddl.DescribeTable(ddl.Object{Kind: ddl.KindTable, Name: "t", SQL: "CREATE SEQUENCE `t` START WITH 1"}, ddl.Server{Product: ddl.MariaDB})
	if err == nil || err.Error() != "the text is no CREATE TABLE with a list of columns" {
		t.Errorf("error: %v", err)
	}
}

func TestColumnInfo_NeedsValue(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		product ddl.Product
		column  string
		want    bool
	}{
		"nullable":                       {ddl.MySQL, "`a` int DEFAULT NULL", false},
		"not null":                       {ddl.MySQL, "`a` int NOT NULL", true},
		"not null with a default":        {ddl.MySQL, "`a` int NOT NULL DEFAULT '0'", false},
		"counter":                        {ddl.MySQL, "`a` int NOT NULL AUTO_INCREMENT", false},
		"generated":                      {ddl.MySQL, "`a` int GENERATED ALWAYS AS (1) STORED NOT NULL", false},
		"text takes NULL":                {ddl.MySQL, "`a` text", false},
		"default was dropped":            {ddl.MySQL, "`a` int", true},
		"default was dropped on MariaDB": {ddl.MariaDB, "`a` text", true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := ddl.Object{Kind: ddl.KindTable, Name: "t", SQL: "CREATE TABLE `t` (" + test.column + ", KEY `k` (`a`)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4"}
			info, err := ddl.DescribeTable(o, ddl.Server{Product: test.product, Version: "9.7.0"})
			if err != nil {
				t.Fatal(err)
			}
			if got := info.Columns[0].NeedsValue(); got != test.want {
				t.Errorf("%s: needs a value: %t", test.column, got)
			}
		})
	}
}

func TestSameButComment(t *testing.T) {
	t.Parallel()
	table := func(column, key string) ddl.Object {
		return ddl.Object{Kind: ddl.KindTable, Name: "t", SQL: "CREATE TABLE `t` (" + column + ", " + key + ") ENGINE=InnoDB DEFAULT CHARSET=utf8mb4"}
	}
	before := table("`a` int DEFAULT NULL", "FULLTEXT KEY `k` (`a`) WITH PARSER ngram")
	tests := map[string]struct {
		after   ddl.Object
		element string
		want    bool
	}{
		"comment of a column":  {table("`a` int DEFAULT NULL COMMENT 'x'", "FULLTEXT KEY `k` (`a`) WITH PARSER ngram"), "column `a`", true},
		"type of a column":     {table("`a` bigint DEFAULT NULL COMMENT 'x'", "FULLTEXT KEY `k` (`a`) WITH PARSER ngram"), "column `a`", false},
		"comment of a key":     {table("`a` int DEFAULT NULL", "FULLTEXT KEY `k` (`a`) COMMENT 'x' WITH PARSER ngram"), "key `k`", true},
		"parser of a key":      {table("`a` int DEFAULT NULL", "FULLTEXT KEY `k` (`a`) COMMENT 'x'"), "key `k`", false},
		"visibility of a key":  {table("`a` int DEFAULT NULL", "FULLTEXT KEY `k` (`a`) WITH PARSER ngram INVISIBLE"), "key `k`", false},
		"a key that is gone":   {table("`a` int DEFAULT NULL", "KEY `other` (`a`)"), "key `k`", false},
		"an unreadable table":  {ddl.Object{Kind: ddl.KindTable, Name: "t", SQL: "?"}, "key `k`", false},
		"what is no such part": {before, "partitions", false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := ddl.SameButComment(before, test.after, test.element, ddl.Server{Product: ddl.MySQL, Version: "9.7.0"}); got != test.want {
				t.Errorf("same but the comment: %t", got)
			}
		})
	}
}
