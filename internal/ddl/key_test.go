package ddl_test

import (
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
)

func readTable(t *testing.T, elements string) *ddl.Table {
	t.Helper()
	table, err := ddl.ReadTable("CREATE TABLE `t` (`a` int, `b` text, `c` int, "+elements+") ENGINE=InnoDB", ddl.Server{Product: ddl.MySQL, Version: "9.7.4"})
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func TestKey_Serves(t *testing.T) {
	t.Parallel()
	for key, want := range map[string]struct {
		columns []string
		serves  bool
	}{
		"KEY `k` (`a`)":                       {[]string{"a"}, true},
		"KEY `k` (`a` DESC,`c`)":              {[]string{"a"}, true},
		"KEY `k` (`a`,`c`,`b`(10))":           {[]string{"a", "c"}, true},
		"UNIQUE KEY `k` (`A`,`b`(10))":        {[]string{"a"}, true},
		"PRIMARY KEY (`a`,`b`(3))":            {[]string{"a"}, true},
		"KEY `k` (`a`,((`c` + 1)))":           {[]string{"a"}, true},
		"KEY `k` (`b`(10))":                   {[]string{"b"}, false},
		"KEY `k` (`a`,`b`(10),`c`)":           {[]string{"a", "c"}, false},
		"KEY `k` (((`a` + 1)),`a`)":           {[]string{"a"}, false},
		"KEY `k` (`c`,`a`)":                   {[]string{"a"}, false},
		"FULLTEXT KEY `k` (`b`)":              {[]string{"b"}, false},
		"SPATIAL KEY `k` (`a`)":               {[]string{"a"}, false},
		"KEY `k` (`a`) /*!80000 INVISIBLE */": {[]string{"a"}, true},
	} {
		table := readTable(t, key)
		if got := table.Keys[0].Serves(want.columns); got != want.serves {
			t.Errorf("%s serves %v: %t", key, want.columns, got)
		}
		if got := table.Supports(want.columns); got != want.serves {
			t.Errorf("%s supports %v: %t", key, want.columns, got)
		}
	}
}

func TestForeignKey_Same(t *testing.T) {
	t.Parallel()
	const head = "CONSTRAINT `f` FOREIGN KEY (`a`) REFERENCES `p` (`id`)"
	for _, x := range []struct {
		a, b string
		same bool
	}{
		{"", " ON DELETE RESTRICT", true},
		{"", " ON DELETE NO ACTION ON UPDATE RESTRICT", true},
		{" ON UPDATE CASCADE", " ON DELETE RESTRICT ON UPDATE CASCADE", true},
		{" ON DELETE SET NULL", " ON DELETE SET NULL ON UPDATE NO ACTION", true},
		{"", " ON DELETE CASCADE", false},
		{" ON DELETE RESTRICT", " ON DELETE SET NULL", false},
		{" ON DELETE SET NULL", " ON DELETE SET DEFAULT", false},
		{" ON DELETE CASCADE", " ON UPDATE CASCADE", false},
	} {
		a, b := readTable(t, head+x.a), readTable(t, head+x.b)
		if got := a.ForeignKeys[0].Same(&b.ForeignKeys[0]); got != x.same {
			t.Errorf("%q and %q: the same %t", x.a, x.b, got)
		}
	}
}

func TestKey_Same_blockSize(t *testing.T) {
	t.Parallel()
	for engine, same := range map[string]bool{"InnoDB": true, "MyISAM": false} {
		var keys []ddl.Key
		for _, option := range []string{"", " KEY_BLOCK_SIZE=8", " KEY_BLOCK_SIZE=8 COMMENT 'x'", " COMMENT 'x'"} {
			table, err := ddl.ReadTable("CREATE TABLE `t` (`a` int, KEY `k` (`a`)"+option+") ENGINE="+engine, ddl.Server{Product: ddl.MariaDB, Version: "10.11.6"})
			if err != nil {
				t.Fatal(err)
			}
			keys = append(keys, table.Keys[0])
		}
		if keys[0].Same(&keys[1]) != same || keys[2].Same(&keys[3]) != same || keys[1].Same(&keys[2]) {
			t.Errorf("%s: options %q, %q, %q, %q", engine, keys[0].Options, keys[1].Options, keys[2].Options, keys[3].Options)
		}
	}
}
