package engine_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest/instance"
)

// shapes are further files as people ship them, each of another sort.
var shapes = map[string]string{
	"BOM and CRLF":                                 "\ufeff-- Installer\r\nCREATE TABLE a (\r\n  id INT NOT NULL,\r\n  t VARCHAR(20) DEFAULT 'x',\r\n  PRIMARY KEY (id)\r\n);\r\nINSERT INTO a VALUES (1,'line\r\nbreak');\r\nDELIMITER $$\r\nCREATE PROCEDURE p()\r\nBEGIN\r\n  SELECT 1;\r\nEND$$\r\nDELIMITER ;\r\n",
	"DELIMITERs of all sorts":                      "DELIMITER //\nCREATE TABLE a (id INT PRIMARY KEY)//\nCREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW BEGIN IF NEW.id < 0 THEN SET NEW.id = 0; END IF; END//\nDELIMITER $$\nCREATE FUNCTION f(x INT) RETURNS INT DETERMINISTIC NO SQL RETURN x + 1$$\ndelimiter ;\nINSERT INTO a VALUES (1);\nDELIMITER |\nCREATE PROCEDURE p() BEGIN SELECT ';' AS a; END|\nDELIMITER ;\n",
	"comments in all places":                       "# hash; comment\n-- dash; comment\n--\n/* block; */ CREATE TABLE a ( -- why; not\n id INT PRIMARY KEY, /* in ; side */ t VARCHAR(9) # last ;\n);\n/* */;\n;;\nINSERT INTO a VALUES (1, '-- no'), (2, '# no'), (3, '/* no'); -- done\n",
	"executed comments":                            "/*!40101 SET NAMES utf8mb4 */;\n/*!40000 DROP TABLE IF EXISTS a*/;\nCREATE TABLE a (id INT /*!80000 NOT NULL */, b INT /*!99999 UNIQUE */, PRIMARY KEY (id)) /*!40100 DEFAULT CHARACTER SET latin1 */;\n/*!50003 CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW SET NEW.b = 1 */;\n/*!40000 ALTER TABLE a DISABLE KEYS */;\nINSERT INTO a VALUES (1, 2);\n/*!40000 ALTER TABLE a ENABLE KEYS */;\n",
	"old MyISAM":                                   "CREATE TABLE a (id int(11) NOT NULL auto_increment, n tinyint(1) unsigned zerofill NOT NULL default '0', t text, d double(10,2), y year(4), PRIMARY KEY (id), KEY t (t(10)), FULLTEXT KEY f (t)) ENGINE=MyISAM DEFAULT CHARSET=latin1 AUTO_INCREMENT=5 PACK_KEYS=1 CHECKSUM=1 DELAY_KEY_WRITE=1 ROW_FORMAT=DYNAMIC;\nINSERT INTO a (n, t, d, y) VALUES (3, 'ä', 1.239, 1999);\n",
	"TYPE instead of ENGINE":                       "CREATE TABLE a (id int) TYPE=MyISAM;\n",
	"utf8 and collations":                          "SET NAMES utf8;\nCREATE TABLE a (id INT PRIMARY KEY, t VARCHAR(190) CHARACTER SET utf8 COLLATE utf8_bin, u VARCHAR(20) CHARACTER SET ascii, b VARBINARY(5), n NATIONAL VARCHAR(5)) CHARSET=utf8 COLLATE=utf8_general_ci;\nALTER TABLE a CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;\nINSERT INTO a VALUES (1, 'ä€', 'a', 0x00ff, 'é');\n",
	"zero dates":                                   "SET SQL_MODE='';\nCREATE TABLE a (id INT PRIMARY KEY, d DATE NOT NULL DEFAULT '0000-00-00', t DATETIME NOT NULL DEFAULT '0000-00-00 00:00:00', n INT NOT NULL);\nINSERT INTO a (id) VALUES (1);\nINSERT INTO a VALUES (2, '2020-02-31', '2020-13-01 00:00:00', 'x'), (3, '', '', 99999999999);\n",
	"reserved words as names":                      "CREATE TABLE `groups` (`rank` INT PRIMARY KEY, `system` INT, `window` INT, `order` INT, KEY `key` (`order`));\nINSERT INTO `groups` (`rank`, `system`) VALUES (1, 2);\nCREATE VIEW `rows` AS SELECT `rank`, `groups`.`system` FROM `groups`;\n",
	"reserved words that are bare":                 "CREATE TABLE a (rank INT, system INT);\n",
	"ON UPDATE and defaults of functions":          "CREATE TABLE a (id INT PRIMARY KEY, c TIMESTAMP DEFAULT CURRENT_TIMESTAMP, u TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP, l DATETIME DEFAULT NOW() ON UPDATE NOW(), x INT DEFAULT (1 + 1), g INT AS (id * 2) STORED, v INT GENERATED ALWAYS AS (id + 1) VIRTUAL);\nINSERT INTO a (id, c, u, l) VALUES (1, '2020-01-01', '2020-01-01', '2020-01-01');\n",
	"KEY_BLOCK_SIZE and the like":                  "CREATE TABLE a (id INT, t VARCHAR(20), PRIMARY KEY (id) USING BTREE, KEY t (t) KEY_BLOCK_SIZE=4 COMMENT 'k') ENGINE=InnoDB ROW_FORMAT=COMPRESSED KEY_BLOCK_SIZE=8 AVG_ROW_LENGTH=10 MAX_ROWS=100 MIN_ROWS=1 STATS_PERSISTENT=0 COMMENT='c';\n",
	"partitions":                                   "CREATE TABLE a (id INT NOT NULL, y INT NOT NULL, PRIMARY KEY (id, y)) ENGINE=InnoDB\n/*!50100 PARTITION BY RANGE (y)\n(PARTITION p0 VALUES LESS THAN (2000) ENGINE = InnoDB,\n PARTITION p1 VALUES LESS THAN MAXVALUE ENGINE = InnoDB) */;\nINSERT INTO a VALUES (1, 1999), (2, 2010);\nCREATE TABLE b (id INT PRIMARY KEY) PARTITION BY HASH(id) PARTITIONS 3;\nCREATE TABLE c (id INT PRIMARY KEY) PARTITION BY LIST (id) (PARTITION x VALUES IN (1,2), PARTITION y VALUES IN (3));\n",
	"programs with definers":                       "CREATE TABLE a (id INT PRIMARY KEY);\nDELIMITER ;;\nCREATE DEFINER=`app`@`%` PROCEDURE `p`(IN x INT, OUT y INT)\n    READS SQL DATA\n    SQL SECURITY INVOKER\n    COMMENT 'it''s'\nBEGIN\n  DECLARE done INT DEFAULT FALSE;\n  DECLARE cur CURSOR FOR SELECT id FROM a;\n  DECLARE CONTINUE HANDLER FOR NOT FOUND SET done = TRUE;\n  OPEN cur;\n  l: LOOP\n    FETCH cur INTO y;\n    IF done THEN LEAVE l; END IF;\n  END LOOP;\n  CLOSE cur;\nEND ;;\n/*!50106 CREATE*/ /*!50117 DEFINER=`app`@`%`*/ /*!50106 EVENT `e` ON SCHEDULE EVERY 1 DAY STARTS '2030-01-01 00:00:00' ON COMPLETION PRESERVE DISABLE DO DELETE FROM a WHERE id < 0 */ ;;\nDELIMITER ;\n/*!50001 CREATE ALGORITHM=MERGE DEFINER=`app`@`%` SQL SECURITY INVOKER VIEW v AS SELECT id FROM a WHERE id > 0 WITH CASCADED CHECK OPTION */;\n",
	"GRANTs behind":                                "CREATE DATABASE IF NOT EXISTS shipped;\nUSE shipped;\nCREATE TABLE a (id INT);\nGRANT ALL ON shipped.* TO 'app'@'localhost' IDENTIFIED BY 'x';\nFLUSH PRIVILEGES;\n",
	"header of a database":                         "--\n-- Database: `shipped`\n--\nDROP DATABASE IF EXISTS `shipped`;\nCREATE DATABASE /*!32312 IF NOT EXISTS*/ `shipped` /*!40100 DEFAULT CHARACTER SET latin1 */;\nUSE `shipped`;\nCREATE TABLE `shipped`.`a` (`id` INT, `t` VARCHAR(200)) ENGINE=InnoDB;\nCREATE TABLE IF NOT EXISTS a2 LIKE shipped.a;\nINSERT INTO `shipped`.`a` VALUES (1, 'a.b');\nALTER TABLE `shipped`.`a` ADD INDEX t (t);\nCREATE VIEW `shipped`.`v` AS SELECT `shipped`.`a`.`id` AS `id` FROM `shipped`.`a`;\n",
	"prefix of an installer":                       "CREATE TABLE `#__users` (`id` int(11) NOT NULL AUTO_INCREMENT, `name` varchar(400) NOT NULL DEFAULT '', PRIMARY KEY (`id`), KEY `idx_name` (`name`(100))) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 DEFAULT COLLATE=utf8mb4_unicode_ci;\nINSERT INTO `#__users` (`name`) VALUES ('admin');\nINSERT IGNORE INTO `#__users` VALUES (1, 'x'), (2, 'y');\n",
	"prefix in braces":                             "CREATE TABLE {$prefix}users (id INT);\n",
	"values that need care":                        "CREATE TABLE a (id INT PRIMARY KEY, t TEXT, b BLOB, j JSON, f DOUBLE, n DECIMAL(20,10), bt BIT(8));\nINSERT INTO a VALUES (1, 'it''s \\'q\\' \\\\ \\n \\0 \\Z %\\_', _binary '\\0\\'\\\\', '{\"a\": [1, 2]}', 1e-300, 0.1, b'101'), (2, \"dou\"\"ble\", X'ff00', NULL, -1.5E+10, 1, 0x05), (3, 'a' 'b', '', 'null', 0, .5, 1);\nREPLACE INTO a (id, t) VALUES (3, 'new');\nINSERT INTO a (id, t) VALUES (1, 'dup') ON DUPLICATE KEY UPDATE t = CONCAT(t, VALUES(t));\nINSERT INTO a SET id = 9, t = 'set';\nDELETE FROM a WHERE id = 2;\n",
	"rows that read the last number":               "CREATE TABLE p (id INT AUTO_INCREMENT PRIMARY KEY, n VARCHAR(9));\nCREATE TABLE c (id INT AUTO_INCREMENT PRIMARY KEY, p INT, FOREIGN KEY (p) REFERENCES p (id));\nINSERT INTO p (n) VALUES ('a');\nINSERT INTO c (p) VALUES (LAST_INSERT_ID());\nSET @p = LAST_INSERT_ID();\nINSERT INTO p (n) SELECT CONCAT('x', id) FROM c;\nINSERT INTO c (p) SELECT MAX(id) FROM p;\nINSERT INTO c (id, p) VALUES (@p + 10, 1);\n",
	"keys that are added behind":                   "CREATE TABLE a (id INT, n INT, t VARCHAR(9));\nCREATE TABLE b (id INT PRIMARY KEY);\nINSERT INTO b VALUES (1);\nINSERT INTO a VALUES (1, 1, 'x');\nCREATE UNIQUE INDEX u ON a (t);\nALTER TABLE a ADD PRIMARY KEY (id), ADD CONSTRAINT fk FOREIGN KEY (n) REFERENCES b (id) ON DELETE CASCADE ON UPDATE NO ACTION;\nALTER TABLE a COMMENT 'later', AUTO_INCREMENT = 7;\n",
	"column that a row gets by a later ALTER":      "CREATE TABLE a (id INT, n INT);\nINSERT INTO a VALUES (5, 1), (6, 2);\nALTER TABLE a ADD COLUMN pk INT NOT NULL AUTO_INCREMENT PRIMARY KEY FIRST;\nALTER TABLE a CHANGE n m BIGINT;\nUPDATE a SET m = m * 10;\n",
	"character set of the session":                 "SET NAMES latin1;\nCREATE TABLE a (id INT, t VARCHAR(9) CHARACTER SET latin1);\nINSERT INTO a VALUES (1, 'abc');\nSET NAMES utf8mb4;\nINSERT INTO a VALUES (2, 'ä');\n",
	"nonstandard spellings":                        "create table if not exists a (id integer primary key auto_increment, b bool default true, t long varchar, i int4, f float8, e enum('a','b') not null default 'a', st set('x','y'), c char byte);\ninsert a (e) values ('b');\ninsert into a(e) value ('a');\n",
	"views on views, and replaced":                 "CREATE TABLE a (id INT PRIMARY KEY);\nCREATE OR REPLACE VIEW v1 AS SELECT 1 AS id;\nCREATE OR REPLACE VIEW v2 AS SELECT id FROM v1;\nCREATE OR REPLACE VIEW v1 AS SELECT id FROM a;\n",
	"drop and make again":                          "DROP TABLE IF EXISTS b, a;\nDROP VIEW IF EXISTS v;\nDROP TRIGGER IF EXISTS t;\nDROP FUNCTION IF EXISTS f;\nDROP EVENT IF EXISTS e;\nCREATE TABLE a (id INT PRIMARY KEY);\nCREATE TABLE b (id INT PRIMARY KEY);\nCREATE VIEW v AS SELECT 1 AS x;\nDROP TABLE IF EXISTS a;\nCREATE TABLE a (id INT PRIMARY KEY, x INT);\n",
	"checks":                                       "CREATE TABLE a (id INT PRIMARY KEY, n INT CHECK (n > 0), CONSTRAINT c CHECK (n < 100), s POINT NOT NULL, SPATIAL KEY s (s), UNIQUE (n));\nINSERT INTO a VALUES (1, 1, ST_GeomFromText('POINT(1 2)'));\n",
	"USE in lower case, by line":                   "use shipped\ncreate table a (id int);\n",
	"transaction of a tool":                        "SET AUTOCOMMIT = 0;\nSTART TRANSACTION;\nSET time_zone = \"+00:00\";\n/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */;\n/*!40101 SET NAMES utf8mb4 */;\nCREATE TABLE a (id INT(11) NOT NULL) ENGINE=InnoDB;\nTRUNCATE TABLE a;\nINSERT INTO a VALUES (1);\nCOMMIT;\n/*!40101 SET CHARACTER_SET_CLIENT=@OLD_CHARACTER_SET_CLIENT */;\nSET AUTOCOMMIT = 1;\n",
	"recursive rows":                               "CREATE TABLE n (i INT PRIMARY KEY);\nINSERT INTO n WITH RECURSIVE s AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM s WHERE i < 50) SELECT i FROM s;\n",
	"prepared statement":                           "SET @s = 'CREATE TABLE a (id INT)';\nPREPARE x FROM @s;\nEXECUTE x;\nDEALLOCATE PREPARE x;\n",
	"called procedure":                             "CREATE TABLE a (id INT);\nDELIMITER //\nCREATE PROCEDURE fill() BEGIN INSERT INTO a VALUES (1); END//\nDELIMITER ;\nCALL fill();\nDROP PROCEDURE fill;\n",
	"temporary table":                              "CREATE TABLE n (i INT PRIMARY KEY);\nCREATE TEMPORARY TABLE tmp (i INT);\nINSERT INTO tmp VALUES (1);\nINSERT INTO n SELECT i FROM tmp;\n",
	"dump of a server with GTIDs":                  "SET @MYSQLDUMP_TEMP_LOG_BIN = @@SESSION.SQL_LOG_BIN;\nSET @@SESSION.SQL_LOG_BIN= 0;\nSET @@GLOBAL.GTID_PURGED=/*!80000 '+'*/ '';\nCREATE TABLE a (id INT);\nINSERT INTO a VALUES (1);\nSET @@SESSION.SQL_LOG_BIN = @MYSQLDUMP_TEMP_LOG_BIN;\n",
	"sandbox of MariaDB":                           "/*M!999999\\- enable the sandbox mode */ \n/*M!100616 SET @OLD_NOTE_VERBOSITY=@@NOTE_VERBOSITY, NOTE_VERBOSITY=0 */;\n/*!40101 SET @saved_cs_client     = @@character_set_client */;\n/*!40101 SET character_set_client = utf8mb4 */;\nCREATE TABLE a (id INT) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;\n/*!40101 SET character_set_client = @saved_cs_client */;\n/*M!100616 SET NOTE_VERBOSITY=@OLD_NOTE_VERBOSITY */;\n",
	"triggers in an order":                         "CREATE TABLE a (id INT, t VARCHAR(20));\nCREATE TRIGGER t1 BEFORE INSERT ON a FOR EACH ROW SET NEW.t = CONCAT(NEW.t, '1');\nCREATE TRIGGER t3 BEFORE INSERT ON a FOR EACH ROW FOLLOWS t1 SET NEW.t = CONCAT(NEW.t, '3');\nINSERT INTO a VALUES (1, 'x');\nCREATE TRIGGER t0 BEFORE INSERT ON a FOR EACH ROW PRECEDES t1 SET NEW.t = CONCAT(NEW.t, '0');\nINSERT INTO a VALUES (2, 'y');\n",
	"rows that are ignored":                        "CREATE TABLE a (id INT PRIMARY KEY, n INT, UNIQUE KEY n (n));\nINSERT IGNORE INTO a VALUES (1, 1), (2, 1), (3, 3);\nDROP INDEX n ON a;\nINSERT IGNORE INTO a VALUES (4, 3);\n",
	"locks":                                        "CREATE TABLE a (id INT);\nCREATE TABLE b (id INT);\nLOCK TABLES a WRITE, b READ LOCAL;\nINSERT INTO a VALUES (1);\nUNLOCK TABLES;\nFLUSH TABLES;\nANALYZE TABLE a, b;\n",
	"columns and keys of new servers":              "CREATE TABLE a (id INT PRIMARY KEY, j JSON, n INT INVISIBLE DEFAULT 3, h INT AS (id % 7) VIRTUAL, KEY h (h), KEY d (n DESC));\nINSERT INTO a (id, j) VALUES (9, '{}');\n",
	"installer that asks first":                    "SELECT COUNT(*) INTO @there FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'a' AND COLUMN_NAME = 'x';\nCREATE TABLE IF NOT EXISTS a (id INT PRIMARY KEY);\nSET @q = IF(@there = 0, 'ALTER TABLE a ADD x INT', 'DO 0');\nPREPARE s FROM @q;\nEXECUTE s;\nDEALLOCATE PREPARE s;\n",
	"rows by way of a view":                        "CREATE TABLE a (id INT PRIMARY KEY, n INT);\nCREATE VIEW v AS SELECT id, n FROM a WHERE n > 0;\nINSERT INTO v VALUES (1, 5);\nCREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW SET NEW.n = 9;\nINSERT INTO v VALUES (2, 5);\n",
	"keys in a circle":                             "SET FOREIGN_KEY_CHECKS=0;\nCREATE TABLE a (id INT PRIMARY KEY, b INT, CONSTRAINT ab FOREIGN KEY (b) REFERENCES b (id));\nCREATE TABLE b (id INT PRIMARY KEY, a INT, CONSTRAINT ba FOREIGN KEY (a) REFERENCES a (id));\nINSERT INTO a VALUES (1, 1), (2, NULL);\nINSERT INTO b VALUES (1, 1);\nSET FOREIGN_KEY_CHECKS=1;\nUPDATE a JOIN b ON a.id = b.id SET a.b = NULL, b.a = 2;\nDELETE a FROM a LEFT JOIN b ON b.a = a.id WHERE b.id IS NULL;\n",
	"audit triggers behind the rows of each table": "CREATE TABLE a (id INT PRIMARY KEY);\nINSERT INTO a VALUES (1);\nCREATE TRIGGER a_i AFTER INSERT ON a FOR EACH ROW INSERT INTO log (t) VALUES ('a');\nCREATE TABLE b (id INT PRIMARY KEY);\nINSERT INTO b VALUES (1), (2);\nCREATE TRIGGER b_i AFTER INSERT ON b FOR EACH ROW CALL note('b');\nCREATE TABLE log (id INT AUTO_INCREMENT PRIMARY KEY, t VARCHAR(9));\nINSERT INTO log VALUES (1, 'a'), (2, 'b'), (3, 'b');\nCREATE PROCEDURE note(x VARCHAR(9)) INSERT INTO log (t) VALUES (x);\n",
	"automatic column without the mode":            "CREATE TABLE a (id INT NOT NULL, t INT);\nINSERT INTO a VALUES (0, 1), (5, 2);\nALTER TABLE a ADD PRIMARY KEY (id);\nALTER TABLE a MODIFY id INT NOT NULL AUTO_INCREMENT;\nINSERT INTO a VALUES (0, 3);\n",
	"mode that reads otherwise":                    "SET sql_mode = 'ANSI_QUOTES';\nCREATE TABLE \"a\" (\"id\" INT DEFAULT '1');\n",
	"setting of the server":                        "SET GLOBAL max_allowed_packet = 67108864;\nCREATE TABLE a (id INT);\n",
	"defaults of the database, changed":            "ALTER DATABASE `shipped` CHARACTER SET latin1 COLLATE latin1_general_cs;\nCREATE TABLE a (id INT, t VARCHAR(9));\nCREATE TABLE b (t VARCHAR(9)) CHARSET=ascii;\n",
	"functions of the moment":                      "CREATE TABLE a (id INT PRIMARY KEY, t DATETIME, u CHAR(36), d DATE, c VARCHAR(80));\nSET timestamp = 1600000000;\nINSERT INTO a VALUES (1, NOW(), NULL, CURDATE(), DATABASE());\n",
}

// refusedShapes are what the provider says of those that it does not take.
var refusedShapes = map[string]string{
	"GRANTs behind": "core/001.sql:4:1: error: Accounts are no part of a schema: `GRANT` changes accounts. The accounts of a server are looked after elsewhere. Leave the statement out.",
	"prepared statement": "core/001.sql:2:1: error: SQL that cannot be seen beforehand: `PREPARE` makes SQL of a text that nobody can check beforehand. Write the statement itself.\n\n" +
		"core/001.sql:3:1: error: SQL that cannot be seen beforehand: `EXECUTE` runs SQL of a text that nobody can check beforehand. Write the statement itself.\n\n" +
		"core/001.sql:4:1: error: SQL that cannot be seen beforehand: `DEALLOCATE` belongs to SQL of a text that nobody can check beforehand. Write the statement itself.",
	"installer that asks first": "core/001.sql:4:1: error: SQL that cannot be seen beforehand: `PREPARE` makes SQL of a text that nobody can check beforehand. Write the statement itself.\n\n" +
		"core/001.sql:5:1: error: SQL that cannot be seen beforehand: `EXECUTE` runs SQL of a text that nobody can check beforehand. Write the statement itself.\n\n" +
		"core/001.sql:6:1: error: SQL that cannot be seen beforehand: `DEALLOCATE` belongs to SQL of a text that nobody can check beforehand. Write the statement itself.",
	"called procedure": "core/001.sql:5:1: error: Statement has no place in this layer: `CALL` runs a routine, whose effect cannot be seen beforehand. Write the statements themselves.\n\n" +
		"core/001.sql:6:16: error: Object is dropped again: Procedure `fill` is defined in line 3. To be rid of it remove its definition; for tenants that have it write the `DROP` into a file in `migrations/`.",
	"setting of the server":     "core/001.sql:1:5: error: Settings cannot be changed: `max_allowed_packet` is a setting of the whole server. Run it by hand, outside of Terraform, if it is needed.",
	"functions of the moment":   "core/001.sql:2:5: error: Settings cannot be changed: `timestamp` is a setting of the session. The settings of the session are fixed, so that every tenant gets the same schema. Leave the statement out.",
	"mode that reads otherwise": "core/001.sql:2:1: error: Text of another sql_mode: The file sets `ANSI_QUOTES`, under which the same text means something else. Write what stands behind it for a server without that mode.",
	"temporary table":           "core/001.sql:2:1: error: Temporary table cannot be kept: Table `tmp` would end with the session that makes it. Write `CREATE TABLE`.",
}

// TestDumps_shapes: what the client of the product loads makes the same tenant, with
// the same rows, or is refused with a text that says what to do.
func TestDumps_shapes(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		client, err := instance.FetchClient(t.Context(), s.Kind, os.Stderr)
		must(t, err)
		e := engineOn(t, s)
		n := 0
		for name, text := range shapes {
			n++
			db, slug, id := s.Prefix+fmt.Sprintf("client%d", n), fmt.Sprintf("t%d", n), fmt.Sprintf("dump%d@1.0.0", n)
			if problem := shell(t, client, s, db, strings.ReplaceAll(text, "shipped", db)); problem != "" {
				t.Logf("%s: the client cannot load it here either: %s", name, problem)
				continue
			}
			_, err := e.PublishTemplate(t.Context(), landlord.TemplateSpec{Name: fmt.Sprintf("dump%d", n), Version: "1.0.0", Core: map[string]string{"001.sql": text}})
			if why := refusedShapes[name]; why != "" {
				refuses(t, s, err, "Template does not fit together []\n"+why)
				continue
			}
			if err != nil {
				t.Errorf("%s: %s", name, explain(err))
				continue
			}
			create(t, e, landlord.TenantSpec{Slug: slug, Name: name, Template: id})
			if d := cmp.Diff(databaseContents(t, s, db), databaseContents(t, s, s.Prefix+slug)); d != "" {
				t.Errorf("%s: (-client +tenant)\n%s", name, d)
			}
		}
	})
}

// shell loads a file with the standard client into a new database, and returns why it
// stopped.
func shell(t *testing.T, client *instance.Client, s *mysqltest.Server, db, text string) string {
	t.Helper()
	mode, collation := mysql.PinnedSettings()
	s.Exec(t, "CREATE DATABASE `"+db+"`"+landlord.WithTenantCharacters)
	command, err := client.Shell(t.Context(), "--host="+s.Host, "--port="+s.Port, "--user="+s.Username, "--password="+s.Password, "--default-character-set=utf8mb4",
		"--init-command=SET sql_mode = '"+mode+"', time_zone = '+00:00', collation_connection = '"+collation+"'", db)
	must(t, err)
	command.Stdin = strings.NewReader(text)
	var out strings.Builder
	command.Stderr = &out
	if err := command.Run(); err != nil {
		return out.String()
	}
	return ""
}
