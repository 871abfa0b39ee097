package source_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/source"
)

// TestParseOwn: the own database may stand before a name, and does not reach the
// server.
func TestParseOwn(t *testing.T) {
	t.Parallel()
	others := &ddl.Others{Names: []string{"landlord"}, Prefixes: []string{"shop_"}}
	const alone = "`shop_a` is the tenant's own database, and stands for something else here. Choose another name, or leave the database out where it is named: it is the default."
	cases := map[string]struct {
		text string
		want []string // the SQL of the statements
		bad  []string
	}{
		"nothing to do":      {text: "CREATE TABLE t (id INT)", want: []string{"CREATE TABLE `t` (`id` INT)"}},
		"table":              {text: "CREATE TABLE shop_a.t (id INT PRIMARY KEY)", want: []string{"CREATE TABLE `t` (`id` INT PRIMARY KEY)"}},
		"quoted, with space": {text: "CREATE TABLE `shop_a` /* x */ . `t` (id INT)", want: []string{"CREATE TABLE `t` (`id` INT)"}},
		"foreign key":        {text: "CREATE TABLE t (a INT, FOREIGN KEY (a) REFERENCES shop_a.users (id))", want: []string{"CREATE TABLE `t` (`a` INT, FOREIGN KEY (`a`) REFERENCES `users` (`id`))"}},
		"alter and index":    {text: "ALTER TABLE shop_a.t ADD COLUMN b INT;\nCREATE INDEX i ON shop_a.t (b)", want: []string{"ALTER TABLE `t` ADD COLUMN `b` INT", "ALTER TABLE `t` ADD KEY `i` (`b`)"}},
		"view":               {text: "CREATE VIEW shop_a.v AS SELECT shop_a.notes.id, n.body FROM shop_a.notes, notes AS n", want: []string{"CREATE VIEW `v` AS SELECT `notes`.`id`, `n`.`body` FROM `notes`, `notes` AS `n`"}},
		"trigger":            {text: "CREATE TRIGGER shop_a.x BEFORE INSERT ON shop_a.notes FOR EACH ROW\nUPDATE shop_a.tags SET tags.n = NEW.id", want: []string{"CREATE TRIGGER x BEFORE INSERT ON notes FOR EACH ROW\nUPDATE tags SET tags.n = NEW.id"}},
		"procedure":          {text: "DELIMITER //\nCREATE PROCEDURE shop_a.p()\nBEGIN\n  CALL shop_a . q();\n  SELECT shop_a.f(1), 'shop_a.t' FROM shop_a.notes; -- of shop_a.notes\nEND//\n", want: []string{"CREATE PROCEDURE p()\nBEGIN\n  CALL q();\n  SELECT f(1), 'shop_a.t' FROM notes; -- of shop_a.notes\nEND"}},
		"event":              {text: "CREATE EVENT shop_a.e ON SCHEDULE EVERY 1 DAY DO DELETE FROM shop_a.notes WHERE shop_a.notes.id < 0", want: []string{"CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO DELETE FROM notes WHERE notes.id < 0"}},
		"executed comment":   {text: "CREATE TABLE t (id INT) /*!50100 COMMENT='a' */; CREATE VIEW v AS SELECT id FROM shop_a.t", want: []string{"CREATE TABLE `t` (`id` INT) COMMENT 'a'", "CREATE VIEW `v` AS SELECT `id` FROM `t`"}},
		"in texts only":      {text: "CREATE VIEW v AS SELECT 'shop_a.t' AS a, \"shop_a\" AS b", want: []string{"CREATE VIEW v AS SELECT 'shop_a.t' AS a, \"shop_a\" AS b"}},
		"name of a column":   {text: "CREATE VIEW v AS SELECT n.shop_a FROM shop_a.notes n", want: []string{"CREATE VIEW `v` AS SELECT `n`.`shop_a` FROM `notes` AS `n`"}},
		"alias":              {text: "CREATE VIEW v AS SELECT shop_a.id FROM notes AS shop_a", bad: []string{"1:49 " + alone}},
		"alias in another":   {text: "CREATE VIEW v AS SELECT id FROM shop_a.notes;\nCREATE VIEW w AS SELECT 1 AS shop_a", bad: []string{"2:30 " + alone}},
		"another database": {text: "CREATE VIEW v AS SELECT a.id FROM shop_a.notes a, shop_b.notes b", bad: []string{
			"1:51 `shop_b.notes` names database `shop_b`. Everything has to stay in the tenant's own database: write `notes`."}},
		"in other letters": {text: "CREATE VIEW v AS SELECT id FROM SHOP_A.notes", bad: []string{
			"1:33 `SHOP_A.notes` names database `SHOP_A`. Everything has to stay in the tenant's own database: write `notes`."}},
		"as a column of it": {text: "CREATE VIEW v AS SELECT shop_b.shop_a.id FROM shop_a.notes", bad: []string{
			"1:25 `shop_b.shop_a.id` names database `shop_b`. Everything has to stay in the tenant's own database: write `shop_a.id`."}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := estate(ddl.MySQL)
			srv.Others = others
			statements, faults := source.ParseOwn(c.text, srv, source.Rules{Layer: source.LayerCustomization, Databases: []string{"shop_a"}})
			var got, bad []string
			for _, f := range faults {
				bad = append(bad, f.Position.String()+" "+f.Detail)
			}
			if diff := cmp.Diff(c.bad, bad); diff != "" {
				t.Fatalf("faults (-want +got):\n%s", diff)
			}
			if len(bad) > 0 {
				return
			}
			for _, st := range statements {
				got = append(got, st.SQL)
				if strings.Contains(st.Object, ".") || strings.Contains(st.Table, ".") {
					t.Errorf("object %q of table %q", st.Object, st.Table)
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("statements (-want +got):\n%s", diff)
			}
		})
	}
}

// TestParseOwn_places: what follows the name of the database stays where it is.
func TestParseOwn_places(t *testing.T) {
	t.Parallel()
	text := "CREATE VIEW shop_ä.v AS\nSELECT x.id FROM shop_ä.notes x JOIN `shop_ä`\n.tags y; CREATE TABLE t (id INT)"
	statements, faults := source.ParseOwn(text, estate(ddl.MySQL), source.Rules{Layer: source.LayerCustomization, Databases: []string{"shop_ä"}})
	if len(faults) > 0 || len(statements) != 2 {
		t.Fatalf("%v %v", statements, faults)
	}
	if got := statements[1].Position.String(); got != "3:10" {
		t.Errorf("the second statement begins at %s", got)
	}
	if strings.Index(statements[0].Text, "notes") != strings.Index(text, "notes") {
		t.Errorf("the first one is %q", statements[0].Text)
	}
}
