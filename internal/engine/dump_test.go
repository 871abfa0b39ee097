package engine_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/source"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/fleet"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
	"github.com/landlord-db/terraform-provider-landlord/tools/shared"
)

// dumps are files as people have them. `shipped` is the database that they name.
var dumps = map[string]string{
	"mysqldump": "/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */;\n" +
		"/*!40014 SET @OLD_FOREIGN_KEY_CHECKS=@@FOREIGN_KEY_CHECKS, FOREIGN_KEY_CHECKS=0 */;\n" +
		"/*!40103 SET TIME_ZONE='+00:00' */;\n" +
		"DROP TABLE IF EXISTS `a_child`;\n/*!50503 SET character_set_client = utf8mb4 */;\n" +
		"CREATE TABLE `a_child` (`id` int NOT NULL AUTO_INCREMENT, `parent` int DEFAULT NULL, `at` timestamp NOT NULL DEFAULT '0000-00-00 00:00:00', PRIMARY KEY (`id`), KEY `p` (`parent`), CONSTRAINT `c` FOREIGN KEY (`parent`) REFERENCES `parent` (`id`)) ENGINE=InnoDB DEFAULT CHARSET=latin1;\n" +
		"LOCK TABLES `a_child` WRITE;\n/*!40000 ALTER TABLE `a_child` DISABLE KEYS */;\nINSERT INTO `a_child` VALUES (0,7,'0000-00-00 00:00:00'),(1,7,'2020-01-01 10:00:00');\n/*!40000 ALTER TABLE `a_child` ENABLE KEYS */;\nUNLOCK TABLES;\n" +
		"CREATE TABLE `parent` (`id` int NOT NULL, PRIMARY KEY (`id`));\nINSERT INTO `parent` VALUES (7);\n" +
		"SET @saved_sql_mode = @@sql_mode;\nSET sql_mode = 'STRICT_TRANS_TABLES';\nDELIMITER ;;\n" +
		"/*!50003 CREATE*/ /*!50017 DEFINER=`root`@`localhost`*/ /*!50003 TRIGGER t BEFORE INSERT ON a_child FOR EACH ROW BEGIN SET NEW.parent = NEW.parent + 0; END */;;\nDELIMITER ;\n" +
		"SET sql_mode = @saved_sql_mode;\n" +
		"/*!50001 CREATE VIEW `a_view` AS SELECT 1 AS `id`*/;\n/*!50001 CREATE VIEW `b_view` AS SELECT 1 AS `id`*/;\n" +
		"/*!50001 DROP VIEW IF EXISTS `a_view`*/;\n/*!50001 CREATE ALGORITHM=UNDEFINED */\n/*!50013 DEFINER=`root`@`localhost` SQL SECURITY DEFINER */\n/*!50001 VIEW `a_view` AS select `b_view`.`id` AS `id` from `b_view` */;\n" +
		"/*!50001 DROP VIEW IF EXISTS `b_view`*/;\n/*!50001 CREATE VIEW `b_view` AS select `parent`.`id` AS `id` from `parent` */;\n" +
		"/*!40101 SET SQL_MODE=@OLD_SQL_MODE */;\n",
	"phpMyAdmin": "SET SQL_MODE = \"NO_AUTO_VALUE_ON_ZERO\";\nSTART TRANSACTION;\nSET time_zone = \"+00:00\";\n" +
		"CREATE TABLE `orders` (`id` int NOT NULL, `customer` int NOT NULL, `note` varchar(20)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;\nINSERT INTO `orders` (`id`, `customer`, `note`) VALUES (1, 3, 'a\\\nb');\n" +
		"CREATE TABLE `people` (`id` int NOT NULL) ENGINE=InnoDB;\nINSERT INTO people VALUES (3);\n" +
		"ALTER TABLE `orders` ADD PRIMARY KEY (`id`), ADD KEY `c` (`customer`);\nALTER TABLE `people` ADD PRIMARY KEY (`id`);\nALTER TABLE `orders` MODIFY `id` int NOT NULL AUTO_INCREMENT, AUTO_INCREMENT=20;\n" +
		"ALTER TABLE `orders` ADD CONSTRAINT `o` FOREIGN KEY (`customer`) REFERENCES `people` (`id`);\nCOMMIT;\n",
	"workbench": "DROP SCHEMA IF EXISTS `shipped` ;\nCREATE SCHEMA IF NOT EXISTS `shipped` DEFAULT CHARACTER SET latin1 COLLATE latin1_bin ;\nUSE `shipped` ;\n" +
		"CREATE TABLE IF NOT EXISTS `shipped`.`a` (\n  `id` INT NOT NULL, \\\n  `t` VARCHAR(20) NULL,\n  PRIMARY KEY (`id`))\nENGINE = InnoDB;\n" +
		"CREATE TABLE IF NOT EXISTS `shipped`.`b` (`id` INT NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `x` FOREIGN KEY (`id`) REFERENCES `shipped`.`a` (`id`)) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4;\n" +
		"CREATE OR REPLACE VIEW `shipped`.`v` AS SELECT `shipped`.`a`.`id` FROM `shipped`.`a`;\nSELECT 'done' AS result;\n",
	"by hand": "CREATE TABLE base (id INT PRIMARY KEY, n INT, KEY n (n));\nCREATE TABLE copy LIKE base;\nCREATE TABLE picked (PRIMARY KEY (id)) AS SELECT id, n FROM base;\n" +
		"SET @first = 5;\nINSERT INTO base VALUES (@first, 1);\nINSERT INTO copy SELECT id + 1, n FROM base;\nUPDATE base SET n = n + 1;\n" +
		"CREATE TABLE old (id INT);\nINSERT INTO old VALUES (1);\nDROP TABLE old;\nCREATE TABLE old (id INT PRIMARY KEY, x INT);\nINSERT INTO old VALUES (2, 2);\n" +
		"DROP PROCEDURE IF EXISTS p;\nDELIMITER //\nCREATE DEFINER=CURRENT_USER PROCEDURE p() BEGIN SELECT 1; END//\nDELIMITER ;\n",
	"installer": "USE shipped\nSET @n = 5, FOREIGN_KEY_CHECKS = 0;\nSET SESSION wait_timeout = 600, group_concat_max_len = 100000;\nSET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED;\n" +
		"CREATE TABLE groups_ (id INT AUTO_INCREMENT PRIMARY KEY, parent INT, name VARCHAR(20), FOREIGN KEY (parent) REFERENCES groups_ (id))\\g\n" +
		"START TRANSACTION;\nSAVEPOINT one;\nINSERT INTO groups_ (parent, name) VALUES (NULL, 'first'), (@n + 2, 'second');\nSELECT @first := id FROM groups_ WHERE name = 'first';\n" +
		"SELECT id, name INTO @gid, @gname FROM groups_ WHERE name = 'second';\nSET @both = CONCAT(@gname, @first);\nINSERT INTO groups_ VALUES (5, @first, @both), (7, @gid, NULL);\nRELEASE SAVEPOINT one;\nCOMMIT;\nROLLBACK;\n" +
		"CREATE TABLE emptied (id INT);\nTRUNCATE emptied;\nINSERT INTO emptied VALUES (1);\nTRUNCATE TABLE emptied;\nINSERT INTO emptied VALUES (2);\nSELECT COUNT(*) FROM groups_\\G\nDO 1;\n(SELECT 2);\nCHECKSUM TABLE emptied;\n\x1a",
	"Sequel Ace": "SET @OLD_SQL_MODE='NO_AUTO_VALUE_ON_ZERO', SQL_MODE='NO_AUTO_VALUE_ON_ZERO';\nCREATE TABLE a (id INT AUTO_INCREMENT PRIMARY KEY, d DATE) /*!50100 TABLESPACE `innodb_file_per_table` */;\n" +
		"INSERT INTO a VALUES (0, '0000-00-00'), (5, '2020-00-01');\nSET SQL_MODE=@OLD_SQL_MODE;\nINSERT INTO a VALUES (6, '0000-00-00');\n",
	"engines":   "SET default_storage_engine=MyISAM;\nCREATE TABLE a (id INT, KEY (id));\nCREATE TABLE b (id INT) ENGINE=InnoDB;\nCREATE TABLE c (KEY (id)) SELECT id FROM a;\nCREATE TABLE d LIKE a;\nCREATE TABLE e AS SELECT id FROM b;\nSET default_storage_engine=DEFAULT;\nCREATE TABLE f (id INT);\nINSERT INTO a VALUES (1);\n",
	"sequences": "CREATE SEQUENCE s START WITH 5;\nDO SETVAL(`s`, 1001, 0);\nCREATE TABLE a (id INT);\nINSERT INTO a VALUES (NEXTVAL(s));\nSELECT SETVAL(`s`, 2000, 1);\n",
	"functions": "CREATE TABLE a (id INT);\nDELIMITER $$\nCREATE FUNCTION fill() RETURNS INT DETERMINISTIC BEGIN INSERT INTO a VALUES (4); RETURN 1; END$$\nDELIMITER ;\nSELECT fill();\nDO fill();\n" +
		"INSERT INTO a WITH x AS (SELECT 9 AS i) SELECT i FROM x;\n",
	"update behind WITH": "CREATE TABLE a (id INT);\nINSERT INTO a VALUES (1);\nWITH x AS (SELECT 9 AS i) UPDATE a, x SET a.id = a.id + x.i;\n",
	"triggers behind rows": "CREATE TABLE film (id INT PRIMARY KEY, title VARCHAR(20));\nINSERT INTO film VALUES (1, 'a'), (2, 'b');\nCREATE TABLE film_text (id INT PRIMARY KEY, title VARCHAR(20));\n" +
		"INSERT INTO film_text VALUES (1, 'a'), (2, 'b');\nDELIMITER ;;\nCREATE TRIGGER ins_film AFTER INSERT ON film FOR EACH ROW BEGIN INSERT INTO film_text VALUES (NEW.id, NEW.title); END;;\nDELIMITER ;\n" +
		"INSERT INTO film VALUES (3, 'c');\nCREATE TABLE customer (id INT PRIMARY KEY, create_date DATETIME, film INT, FOREIGN KEY (film) REFERENCES film (id));\nINSERT INTO customer VALUES (1, '2006-02-14 22:04:36', 3);\n" +
		"CREATE TRIGGER customer_create_date BEFORE INSERT ON customer FOR EACH ROW SET NEW.create_date = '2000-01-01';\nCREATE VIEW v AS SELECT * FROM customer;\n",
	"triggers that set off others": "CREATE TABLE a (id INT PRIMARY KEY);\nCREATE TABLE log (n INT);\nCREATE TABLE counts (n INT);\nINSERT INTO counts VALUES (0);\nCREATE TRIGGER a_log AFTER INSERT ON a FOR EACH ROW INSERT INTO log VALUES (NEW.id);\n" +
		"INSERT INTO a VALUES (1);\nCREATE TRIGGER log_counts AFTER INSERT ON log FOR EACH ROW UPDATE counts SET n = n + 1;\nINSERT INTO a VALUES (2);\n",
	"structure between rows": "CREATE TABLE t (a INT PRIMARY KEY, b INT DEFAULT 1);\nINSERT INTO t VALUES (1, 1);\nINSERT INTO t (a) VALUES (2);\nALTER TABLE t ADD COLUMN m INT NOT NULL DEFAULT 7;\nALTER TABLE t ALTER b SET DEFAULT 9;\n" +
		"INSERT INTO t (a) VALUES (3);\nUPDATE t SET m = m + a;\nALTER TABLE t DROP COLUMN b;\nINSERT INTO t VALUES (4, 4);\n",
	"table made of rows": "SET @n = 1;\nCREATE TABLE a (id INT PRIMARY KEY);\nINSERT INTO a VALUES (1), (2);\nCREATE TABLE c (PRIMARY KEY (id)) AS SELECT id FROM a WHERE id > @n;\nINSERT INTO a VALUES (3);\n",
	"rows and keys in the order of the file": "SET FOREIGN_KEY_CHECKS = 0;\nCREATE TABLE child (id INT PRIMARY KEY, parent INT, FOREIGN KEY (parent) REFERENCES parent (id));\nINSERT INTO child VALUES (1, 7);\nCREATE TABLE parent (id INT PRIMARY KEY);\nINSERT INTO parent VALUES (7);\n" +
		"CREATE TRIGGER t BEFORE INSERT ON child FOR EACH ROW SET NEW.parent = 8;\nSET FOREIGN_KEY_CHECKS = 1;\nINSERT INTO parent VALUES (8);\nINSERT INTO child VALUES (2, 7);\n",
}

// TestDumps: a template whose core is a dump, or a file as it is shipped, makes a
// tenant that has what the standard client makes of the same file.
func TestDumps(t *testing.T) {
	t.Parallel()
	likeTheClient(t, dumps)
}

// TestDumps_cases does the same with files that once were refused.
func TestDumps_cases(t *testing.T) {
	t.Parallel()
	files := map[string]string{}
	for _, name := range shared.Paths(t, "cases", "dumps", "*.sql") {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		files[filepath.Base(name)] = strings.ReplaceAll(string(text), "shopdb", "shipped")
	}
	likeTheClient(t, files)
}

// TestDumps_structureOfRows refuses a core whose structure is another one behind its
// rows: nobody could tell what tenants are to have.
func TestDumps_structureOfRows(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		if s.Kind[:7] != "mariadb" {
			t.Skip("a server with enforce_gtid_consistency takes no CREATE TABLE … SELECT")
		}
		_, err := engineOn(t, s).PlanTemplate(t.Context(), landlord.TemplateSpec{Name: "odd", Version: "1.0.0", Core: map[string]string{
			"001.sql": "CREATE TABLE a (id INT PRIMARY KEY);\nINSERT INTO a VALUES (1);\nSELECT CONCAT('x', id) INTO @n FROM a;\nCREATE TABLE c (PRIMARY KEY (id)) AS SELECT id, @n AS n FROM a;\n"}})
		refuses(t, s, err, "Structure depends on rows []\nBehind the rows that stand above it, the structure of the cores becomes another one than without them.\n\n"+
			"table `c`: changed\n\nWrite the columns of such a table with their types, and its rows as `INSERT … SELECT`.")
	})
}

// TestCreateTenant_ordered: a creation with rows among the structure that is cut off is
// never taken for a whole one, and begins anew.
func TestCreateTenant_ordered(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		e := engineOn(t, s)
		publish(t, e, landlord.TemplateSpec{Name: "ordered", Version: "1.0.0", Core: map[string]string{"001.sql": "CREATE TABLE a (id INT PRIMARY KEY);\n" +
			"INSERT INTO a VALUES (1);\nINSERT INTO a VALUES (2);\nCREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW SET NEW.id = NEW.id + 100;\nINSERT INTO a VALUES (3);\n"},
			Seeds: map[string]string{"001.sql": "INSERT INTO a VALUES (4);"}})
		rows := func(slug string) string {
			return fmt.Sprint(s.QueryRows(t, "SELECT id FROM `"+s.Prefix+slug+"`.a ORDER BY 1"))
		}
		const whole = "[[1] [2] [103] [104]]"
		if _, err := e.ApplyFleet(t.Context(), fleet.Spec{Name: "all", Template: "ordered@1.0.0", Members: []fleet.Member{{Slug: "f1", Name: "F1"}, {Slug: "f2", Name: "F2"}}}, nil, ""); err != nil {
			t.Fatal(explain(err))
		}
		if rows("f1") != whole || rows("f2") != whole {
			t.Errorf("fleet: %s, %s", rows("f1"), rows("f2"))
		}
		for slug, at := range map[string]string{"k1": "before insert table `a`", "k2": "after insert table `a`"} {
			spec := landlord.TenantSpec{Slug: slug, Name: slug, Template: "ordered@1.0.0"}
			if v := (victim{Config: configOf(s), Spec: spec, KillAt: at}); !v.run(t) {
				t.Fatalf("nobody was killed %s", at)
			}
			again := func() error {
				e := engineOn(t, s)
				plan, err := e.PlanTenant(t.Context(), spec, nil)
				if err != nil {
					return err
				}
				_, err = e.CreateTenant(t.Context(), spec, plan.Digest)
				return err
			}
			if slug == "k2" {
				refuses(t, s, again(), "Interrupted creation cannot go on [slug]\nThe creation of database `tenant_k2` was interrupted among statements that change rows, which cannot be told apart, and table `a` holds rows.\n\n"+
					"Nothing was touched.\n\nEither take it over as it is (delete the row of database `tenant_k2` from `tenants` of the landlord database and import the tenant), or drop the database yourself and apply again.")
				s.Exec(t, "DROP DATABASE `"+s.Prefix+"k2`")
			}
			if err := again(); err != nil {
				t.Fatalf("%s: %s", slug, explain(err))
			}
			if rows(slug) != whole {
				t.Errorf("%s: %s", slug, rows(slug))
			}
		}
	})
}

// likeTheClient compares tenants of templates that are files with what the client
// makes of them.
func likeTheClient(t *testing.T, files map[string]string) {
	t.Helper()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		e := engineOn(t, s)
		n := 0
		for name, text := range files {
			n++
			db, slug := s.Prefix+fmt.Sprintf("client%d", n), fmt.Sprintf("t%d", n)
			if err := loadAsClient(t.Context(), s, db, strings.ReplaceAll(text, "shipped", db)); err != nil {
				t.Logf("%s: the client cannot load it here either: %v", name, err)
				continue
			}
			id := fmt.Sprintf("dump%d@1.0.0", n)
			publish(t, e, landlord.TemplateSpec{Name: fmt.Sprintf("dump%d", n), Version: "1.0.0", Core: map[string]string{"001.sql": text}})
			create(t, e, landlord.TenantSpec{Slug: slug, Name: name, Template: id})
			if d := cmp.Diff(databaseContents(t, s, db), databaseContents(t, s, s.Prefix+slug)); d != "" {
				t.Errorf("%s: (-client +tenant)\n%s", name, d)
			}
			again := engineOn(t, s)
			now, err := again.Tenant(t.Context(), slug)
			if err != nil {
				t.Fatal(explain(err))
			}
			p := prior(now)
			if plan, err := again.PlanTenant(t.Context(), landlord.TenantSpec{Slug: slug, Name: name, Template: id}, &p); err != nil || plan.HasWork() || len(now.Drift) > 0 {
				t.Errorf("%s: second plan: %+v, drift %+v, %v", name, plan, now.Drift, err)
			}
		}
	})
}

// loadAsClient does what the standard client does with a file: one statement after the
// other, on a connection of its own.
func loadAsClient(ctx context.Context, s *mysqltest.Server, db, text string) error {
	c, err := s.DB().Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = c.Raw(func(any) error { return sql.ErrConnDone }) }() // its settings are nobody else's
	mode, collation := mysql.PinnedSettings()
	charset, _, _ := strings.Cut(collation, "_")
	first := []string{"CREATE DATABASE `" + db + "`" + landlord.WithTenantCharacters, "USE `" + db + "`",
		"SET sql_mode = '" + mode + "', time_zone = '+00:00'", "SET NAMES " + charset + " COLLATE " + collation}
	statements, err := source.Split(text)
	if err != nil {
		return err
	}
	for _, st := range statements {
		first = append(first, st.Text)
	}
	for _, statement := range first {
		if _, err := c.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
	}
	return nil
}

// databaseContents is what a database holds, with nothing of its own name.
func databaseContents(t *testing.T, s *mysqltest.Server, db string) map[string]string {
	t.Helper()
	got := map[string]string{}
	for _, row := range s.QueryRows(t, "SELECT TABLE_NAME, TABLE_TYPE FROM information_schema.TABLES WHERE TABLE_SCHEMA = '"+db+"'") {
		name := row[0]
		if row[1] == "VIEW" {
			got["view "+name] = fmt.Sprint(s.QueryRows(t, "SELECT REPLACE(VIEW_DEFINITION, '`"+db+"`.', ''), SECURITY_TYPE FROM information_schema.VIEWS WHERE TABLE_SCHEMA = '"+db+"' AND TABLE_NAME = '"+name+"'"))
			continue
		}
		got["table "+name] = s.QueryRows(t, "SHOW CREATE TABLE `"+db+"`.`"+name+"`")[0][1]
		got["rows "+name] = fmt.Sprint(s.QueryRows(t, "SELECT * FROM `"+db+"`.`"+name+"` ORDER BY 1"))
	}
	for _, row := range s.QueryRows(t, "SELECT ROUTINE_TYPE, ROUTINE_NAME, ROUTINE_DEFINITION, SQL_MODE, CHARACTER_SET_CLIENT FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = '"+db+"' "+
		"UNION ALL SELECT 'TRIGGER', TRIGGER_NAME, ACTION_STATEMENT, SQL_MODE, CHARACTER_SET_CLIENT FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = '"+db+"'") {
		got[row[0]+" "+row[1]] = strings.TrimSpace(row[2]) + " " + row[3] + " " + row[4]
	}
	return got
}
