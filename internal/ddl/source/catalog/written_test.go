package catalog_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/source/catalog"
)

// TestWrittenTables finds the tables that a program changes, and no other that it reads.
func TestWrittenTables(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"CREATE PROCEDURE p() SELECT 1": nil,
		"CREATE PROCEDURE p() SELECT REPLACE(a, 'x', 'y'), INSERT(a, 1, 1, 'x'), TRUNCATE(b, 1) FROM t":                                                 nil,
		"CREATE PROCEDURE p() SELECT a.update, a.`delete` FROM t AS a FOR UPDATE":                                                                       nil,
		"CREATE TRIGGER x BEFORE UPDATE ON t FOR EACH ROW SET NEW.a = 1":                                                                                nil,
		"CREATE OR REPLACE TRIGGER x AFTER DELETE ON t FOR EACH ROW INSERT INTO log VALUES (OLD.a)":                                                     {"log"},
		"CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO DELETE FROM users":                                                                                   {"users"},
		"CREATE PROCEDURE p() INSERT IGNORE INTO `a b` (x) SELECT x FROM t ON DUPLICATE KEY UPDATE x = 1":                                               {"a b"},
		"CREATE PROCEDURE p() REPLACE LOW_PRIORITY t SET a = 1":                                                                                         {"t"},
		"CREATE PROCEDURE p() INSERT t VALUES (1)":                                                                                                      {"t"},
		"CREATE PROCEDURE p() INSERT INTO `shop` . `t` VALUES (1)":                                                                                      {"t"},
		"CREATE PROCEDURE p() BEGIN TRUNCATE t; TRUNCATE TABLE u; END":                                                                                  {"t", "u"},
		"CREATE PROCEDURE p() UPDATE t SET a = (SELECT MAX(u.a) FROM u), b = 2 WHERE id = 1":                                                            {"t"},
		"CREATE PROCEDURE p() UPDATE shop.t SET a = 1":                                                                                                  {"t"},
		"CREATE PROCEDURE p() UPDATE notes n JOIN users u ON u.id = n.id SET n.body = u.email":                                                          {"notes"},
		"CREATE PROCEDURE p() UPDATE notes AS n, users AS u SET n.body = 1, u.email = '' WHERE u.id = n.id":                                             {"notes", "users"},
		"CREATE PROCEDURE p() UPDATE notes JOIN users USING (id) SET body = 1":                                                                          {"notes", "users"},
		"CREATE PROCEDURE p() UPDATE notes n LEFT JOIN (SELECT id FROM users) d ON d.id = n.id SET n.a = CONCAT(d.id, 1), n.b = 2":                      {"notes"},
		"CREATE PROCEDURE p() UPDATE (notes n JOIN users u ON u.id = n.id) SET u.b = 2":                                                                 {"users"},
		"CREATE PROCEDURE p() UPDATE notes n JOIN users u SET .u.a = 1":                                                                                 {"users"},
		"CREATE PROCEDURE p() BEGIN DECLARE after CONDITION FOR SQLSTATE '45000'; DECLARE EXIT HANDLER FOR after UPDATE t SET a = 1; SIGNAL after; END": {"t"},
		"CREATE PROCEDURE p() UPDATE notes, users SET shop.notes.a = 1":                                                                                 {"notes"},
		"CREATE PROCEDURE p() DELETE QUICK FROM t WHERE id IN (SELECT id FROM u)":                                                                       {"t"},
		"CREATE PROCEDURE p() DELETE n FROM notes AS n JOIN users u ON u.id = n.id":                                                                     {"notes"},
		"CREATE PROCEDURE p() DELETE n.*, u.* FROM notes AS n, users u WHERE u.id = n.id":                                                               {"notes", "users"},
		"CREATE PROCEDURE p() DELETE FROM u USING notes n, users AS u":                                                                                  {"users"},
		"CREATE PROCEDURE p() WITH c AS (SELECT 1 AS id) DELETE FROM t WHERE id IN (SELECT id FROM c)":                                                  {"t"},
		"CREATE PROCEDURE p() BEGIN IF 1 THEN DELETE FROM t; ELSE UPDATE u SET a = 1; END IF; END":                                                      {"t", "u"},
	} {
		if diff := cmp.Diff(want, catalog.WrittenTables(text)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
}
