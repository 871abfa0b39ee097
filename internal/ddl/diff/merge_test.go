package diff_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/diff"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

const mergeBase = `
CREATE TABLE users (id INT AUTO_INCREMENT PRIMARY KEY, email VARCHAR(100) NOT NULL, name VARCHAR(50), legacy INT, KEY k_email (email));
CREATE TABLE roles (id INT PRIMARY KEY, title VARCHAR(50));
CREATE TABLE user_roles (uid INT, rid INT, PRIMARY KEY (uid, rid), CONSTRAINT fu FOREIGN KEY (uid) REFERENCES users (id), CONSTRAINT fr FOREIGN KEY (rid) REFERENCES roles (id));
CREATE VIEW vu AS SELECT id, email FROM users;
`

type mergeCase struct {
	before    string            // of base, live and next
	next      map[string]string // replacements in mergeBase
	nextMore  string
	live      string // what the tenant did
	conflicts []string
	want      []string // statements, on MySQL
}

var mergeCases = map[string]mergeCase{
	"no change of the tenant": {
		next: map[string]string{"name VARCHAR(50)": "name VARCHAR(80)"},
		want: []string{"ALTER TABLE `users` MODIFY COLUMN `name` varchar(80) COLLATE utf8mb4_unicode_ci DEFAULT NULL"},
	},
	"columns and keys that have nothing to do with each other": {
		next: map[string]string{"legacy INT": "legacy INT, phone VARCHAR(20)"},
		live: "ALTER TABLE users ADD COLUMN vip TINYINT AFTER email, ADD KEY k_vip (vip)",
		want: []string{"ALTER TABLE `users` ADD COLUMN `phone` varchar(20) COLLATE utf8mb4_unicode_ci DEFAULT NULL"},
	},
	"only the tenant changed": {
		live: "ALTER TABLE users ADD COLUMN x INT; CREATE TABLE ext (id INT PRIMARY KEY); CREATE VIEW vext AS SELECT id FROM ext",
	},
	"one column, two types": {
		next:      map[string]string{"name VARCHAR(50)": "name VARCHAR(80)"},
		live:      "ALTER TABLE users MODIFY name VARCHAR(60)",
		conflicts: []string{"table users: column `name`: both sides changed it, differently"},
	},
	"one column, the same type": {
		next: map[string]string{"name VARCHAR(50)": "name VARCHAR(80)"},
		live: "ALTER TABLE users MODIFY name VARCHAR(80)",
	},
	"a column that the tenant dropped": {
		next:      map[string]string{"legacy INT": "legacy BIGINT"},
		live:      "ALTER TABLE users DROP COLUMN legacy",
		conflicts: []string{"table users: column `legacy`: one side changes what the other took away"},
	},
	"a column that the tenant changed goes": {
		next:      map[string]string{"legacy INT,": ""},
		live:      "ALTER TABLE users MODIFY legacy BIGINT",
		conflicts: []string{"table users: column `legacy`: one side takes away what the other changed"},
	},
	"a column goes": {
		next: map[string]string{"legacy INT,": ""},
		live: "ALTER TABLE users ADD COLUMN x INT",
		want: []string{"ALTER TABLE `users` DROP COLUMN `legacy`"},
	},
	"a table that the tenant altered goes": {
		before:    "CREATE TABLE tags (id INT PRIMARY KEY);",
		next:      map[string]string{"CREATE TABLE tags (id INT PRIMARY KEY);": ""},
		live:      "ALTER TABLE tags ADD COLUMN x INT",
		conflicts: []string{"table tags: : one side takes away what the other changed"},
	},
	"a table goes": {
		before: "CREATE TABLE tags (id INT PRIMARY KEY);",
		next:   map[string]string{"CREATE TABLE tags (id INT PRIMARY KEY);": ""},
		live:   "ALTER TABLE users ADD COLUMN x INT",
		want:   []string{"DROP TABLE `tags`"},
	},
	"both add a table": {
		nextMore:  "CREATE TABLE ext (id INT PRIMARY KEY, a INT)",
		live:      "CREATE TABLE ext (id INT PRIMARY KEY, b INT)",
		conflicts: []string{"table ext: : both sides added it, differently"},
	},
	"both add a key of one name": {
		next:      map[string]string{"KEY k_email (email)": "KEY k_email (email), KEY k_n (name)"},
		live:      "ALTER TABLE users ADD KEY k_n (legacy)",
		conflicts: []string{"table users: key `k_n`: both sides added it, differently"},
	},
	"both change a view": {
		next:      map[string]string{"SELECT id, email FROM users": "SELECT id, email, name FROM users"},
		live:      "CREATE OR REPLACE VIEW vu AS SELECT id, email, legacy FROM users",
		conflicts: []string{"view vu: : both sides changed it, differently"},
	},
	"a view changes over a column of the tenant": {
		next: map[string]string{"SELECT id, email FROM users": "SELECT id, name FROM users"},
		live: "ALTER TABLE users ADD COLUMN x INT",
		want: []string{"CREATE OR REPLACE ALGORITHM=UNDEFINED DEFINER=me SQL SECURITY DEFINER VIEW `vu` AS select `users`.`id` AS `id`,`users`.`name` AS `name` from `users`"},
	},
	"an option": {
		nextMore:  "ALTER TABLE roles COMMENT = 'v2'",
		live:      "ALTER TABLE roles COMMENT = 'mine'",
		conflicts: []string{"table roles: option comment: both sides added it, differently"},
	},
	"the tenant moved a column": {
		next: map[string]string{"name VARCHAR(50),": "name VARCHAR(50), nick VARCHAR(10),"},
		live: "ALTER TABLE users MODIFY name VARCHAR(50) FIRST",
		want: []string{"ALTER TABLE `users` ADD COLUMN `nick` varchar(10) COLLATE utf8mb4_unicode_ci DEFAULT NULL AFTER `name`"},
	},
	"the default collation changes around a column of the tenant": {
		nextMore: "ALTER TABLE roles CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
		live:     "ALTER TABLE roles ADD COLUMN note VARCHAR(9), ADD KEY k_note (note)",
		want:     []string{"ALTER TABLE `roles` MODIFY COLUMN `title` varchar(50) COLLATE utf8mb4_bin DEFAULT NULL, DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin"},
	},
	"checks and foreign keys of both": {
		next: map[string]string{"title VARCHAR(50)": "title VARCHAR(50), CONSTRAINT ct CHECK (title <> '')"},
		live: "ALTER TABLE roles ADD COLUMN boss INT, ADD CONSTRAINT fb FOREIGN KEY (boss) REFERENCES users (id), ADD CONSTRAINT cb CHECK (title <> 'x')",
		want: []string{"ALTER TABLE `roles` ADD CONSTRAINT `ct` CHECK ((`title` <> _utf8mb4''))"},
	},
}

func TestMerge(t *testing.T) {
	t.Parallel()
	writePrinted(t)
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		b := newBench(t, s, s.Prefix)
		for name, c := range mergeCases {
			t.Run(name, func(t *testing.T) {
				next := b.build(t, b.databases[1], c.nextScript(t), "")
				base := b.build(t, b.databases[0], c.baseScript(), "")
				live := b.build(t, b.databases[0], c.baseScript()+c.live, "")
				if merged, ok := c.run(t, b.ddl, base, next, live); ok {
					b.migrate(t, live, merged)
				}
			})
		}
	})
}

// TestMerge_printed does the same with what the servers printed, and migrates
// nothing.
func TestMerge_printed(t *testing.T) {
	t.Parallel()
	onPrinted(t, func(t *testing.T, _ string, p *printedSchemas) {
		for name, c := range mergeCases {
			t.Run(name, func(t *testing.T) {
				c.run(t, p.Server, p.schema(t, c.baseScript()), p.schema(t, c.nextScript(t)), p.schema(t, c.baseScript()+c.live))
			})
		}
	})
}

func (c mergeCase) baseScript() string { return c.before + mergeBase }

func (c mergeCase) nextScript(t *testing.T) string {
	t.Helper()
	changed := c.baseScript()
	for old, text := range c.next {
		if !strings.Contains(changed, old) {
			t.Fatalf("no %q to replace", old)
		}
		changed = strings.ReplaceAll(changed, old, text)
	}
	return changed + c.nextMore
}

// run merges and compares; ok is false when there are conflicts.
func (c mergeCase) run(t *testing.T, srv ddl.Server, base, next, live ddl.Schema) (merged ddl.Schema, ok bool) {
	t.Helper()
	merged, conflicts := diff.Merge(base, next, live, srv, diff.MergeOptions{})
	var got []string
	for _, x := range conflicts {
		got = append(got, x.Object+": "+x.Element+": "+x.Reason)
	}
	if d := cmp.Diff(c.conflicts, got); d != "" {
		t.Errorf("conflicts (-want +got):\n%s", d)
	}
	if len(conflicts) > 0 {
		return merged, false
	}
	m, err := diff.Diff(live, merged, srv, diff.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var statements []string
	for _, sql := range m.Statements() {
		statements = append(statements, definer.ReplaceAllString(sql, "DEFINER=me"))
	}
	if d := cmp.Diff(c.want, statements); d != "" && srv.Product == ddl.MySQL {
		t.Errorf("statements (-want +got):\n%s", d)
	}
	return merged, true
}
