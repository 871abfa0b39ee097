package source_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/source"
)

// TestSplit_nesting: where a body ends without a DELIMITER. `┃` stands where the
// text is cut; each text is also read with another delimiter at these places.
func TestSplit_nesting(t *testing.T) {
	t.Parallel()
	for name, marked := range map[string]string{
		"block in a block":                   "CREATE PROCEDURE p() BEGIN BEGIN SELECT 1; END; SELECT 2; END┃ SELECT 3",
		"five deep":                          "CREATE PROCEDURE p() BEGIN BEGIN BEGIN BEGIN BEGIN END; END; END; END; END┃ SELECT 3",
		"empty block":                        "CREATE PROCEDURE p() BEGIN END┃ SELECT 3",
		"labels of blocks":                   "CREATE PROCEDURE p() a: BEGIN b: BEGIN LEAVE a; END b; END a┃ SELECT 3",
		"label like a word":                  "CREATE PROCEDURE p() `end`: BEGIN SELECT 1; END `end`┃ SELECT 3",
		"IF":                                 "CREATE PROCEDURE p() IF 1 THEN SELECT 1; END IF┃ SELECT 3",
		"IF with all its parts":              "CREATE PROCEDURE p() IF a THEN SELECT 1; ELSEIF b THEN SELECT 2; ELSE SELECT 3; END IF┃ SELECT 3",
		"IF in ELSE":                         "CREATE PROCEDURE p() IF a THEN SELECT 1; ELSE IF b THEN SELECT 2; END IF; END IF┃ SELECT 3",
		"IF of a CASE":                       "CREATE PROCEDURE p() IF CASE 1 WHEN 1 THEN 2 END THEN SELECT 1; END IF┃ SELECT 3",
		"IF of a function IF":                "CREATE PROCEDURE p() IF IF(1, 2, 3) THEN SELECT 1; END IF┃ SELECT 3",
		"IF in parentheses":                  "CREATE PROCEDURE p() IF (a > 1) THEN SELECT 1; END IF┃ SELECT 3",
		"IF of a query":                      "CREATE PROCEDURE p() IF EXISTS (SELECT 1 FROM t) THEN SELECT 1; END IF┃ SELECT 3",
		"CASE":                               "CREATE PROCEDURE p() CASE a WHEN 1 THEN SELECT 1; END CASE┃ SELECT 3",
		"CASE without a value":               "CREATE PROCEDURE p() CASE WHEN a THEN SELECT 1; SELECT 2; ELSE SELECT 3; END CASE┃ SELECT 3",
		"CASE in CASE":                       "CREATE PROCEDURE p() CASE a WHEN 1 THEN CASE b WHEN 1 THEN SELECT 1; END CASE; END CASE┃ SELECT 3",
		"CASE of a CASE":                     "CREATE PROCEDURE p() CASE CASE a WHEN 1 THEN 2 END WHEN 2 THEN SELECT 1; END CASE┃ SELECT 3",
		"expression CASE in a block":         "CREATE PROCEDURE p() BEGIN SET a = CASE b WHEN 1 THEN 2 ELSE 3 END; SELECT 1; END┃ SELECT 3",
		"expression CASE with an alias":      "CREATE PROCEDURE p() BEGIN SELECT CASE a WHEN 1 THEN 2 END AS `case`, CASE WHEN b THEN 1 END c; END┃ SELECT 3",
		"LOOP":                               "CREATE PROCEDURE p() LOOP SELECT 1; SELECT 2; END LOOP┃ SELECT 3",
		"LOOP with a label":                  "CREATE PROCEDURE p() l: LOOP LEAVE l; END LOOP l┃ SELECT 3",
		"WHILE":                              "CREATE PROCEDURE p() WHILE a < 3 DO SET a = a + 1; END WHILE┃ SELECT 3",
		"WHILE of a function":                "CREATE PROCEDURE p() WHILE REPEAT('a', b) <> '' DO SET b = b - 1; END WHILE┃ SELECT 3",
		"REPEAT":                             "CREATE PROCEDURE p() REPEAT SET a = 1; UNTIL a END REPEAT┃ SELECT 3",
		"REPEAT until a CASE":                "CREATE PROCEDURE p() REPEAT SET a = 1; UNTIL CASE a WHEN 1 THEN TRUE END END REPEAT┃ SELECT 3",
		"FOR over numbers":                   "CREATE PROCEDURE p() FOR i IN 1..3 DO SELECT i; END FOR┃ SELECT 3",
		"FOR over a query":                   "CREATE PROCEDURE p() FOR r IN (SELECT CASE a WHEN 1 THEN 2 END FROM t) DO SELECT r.a; END FOR┃ SELECT 3",
		"each in each":                       "CREATE PROCEDURE p() BEGIN WHILE a DO REPEAT LOOP IF a THEN CASE a WHEN 1 THEN BEGIN END; END CASE; END IF; END LOOP; UNTIL a END REPEAT; END WHILE; END┃ SELECT 3",
		"handler of a block":                 "CREATE PROCEDURE p() BEGIN DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN ROLLBACK; END; SELECT 1; END┃ SELECT 3",
		"handler of an IF":                   "CREATE PROCEDURE p() BEGIN DECLARE EXIT HANDLER FOR NOT FOUND IF a THEN SELECT 1; END IF; SELECT 1; END┃ SELECT 3",
		"handler of a condition":             "CREATE PROCEDURE p() BEGIN DECLARE c CONDITION FOR SQLSTATE '42000'; DECLARE EXIT HANDLER FOR c, 1051, SQLWARNING BEGIN END; SELECT 1; END┃ SELECT 3",
		"transaction in a body":              "CREATE PROCEDURE p() BEGIN START TRANSACTION; COMMIT; END┃ SELECT 3",
		"comments in a body":                 "CREATE PROCEDURE p() BEGIN -- END;\n SELECT 1; /* END; */ # END;\n SELECT 2; END┃ SELECT 3",
		"quotes in a body":                   "CREATE PROCEDURE p() BEGIN SELECT 'END;', \"END;\", `END;`; END┃ SELECT 3",
		"columns called like words":          "CREATE PROCEDURE p() BEGIN SELECT t.`begin`, t.loop, `case`, end FROM t; END┃ SELECT 3",
		"table called begin":                 "CREATE PROCEDURE p() BEGIN INSERT INTO begin VALUES (1); DELETE FROM `end`; END┃ SELECT 3",
		"trigger with an IF":                 "CREATE TRIGGER x BEFORE UPDATE ON t FOR EACH ROW IF NEW.a THEN SET NEW.b = 1; END IF┃ SELECT 3",
		"trigger behind another":             "CREATE TRIGGER x AFTER DELETE ON t FOR EACH ROW PRECEDES y BEGIN SELECT 1 INTO @a; END┃ SELECT 3",
		"trigger with a definer":             "CREATE DEFINER = 'a'@'%' TRIGGER x BEFORE INSERT ON t FOR EACH ROW BEGIN SET NEW.a = 1; END┃ SELECT 3",
		"event with all its clauses":         "CREATE EVENT e ON SCHEDULE EVERY 1 DAY STARTS '2020-01-01' ENDS '2021-01-01' ON COMPLETION PRESERVE DISABLE COMMENT 'DO BEGIN' DO BEGIN SELECT 1; END┃ SELECT 3",
		"event of one statement":             "CREATE EVENT e ON SCHEDULE AT NOW() DO DELETE FROM t┃ SELECT 3",
		"event at a CASE":                    "CREATE EVENT e ON SCHEDULE AT CASE 1 WHEN 1 THEN NOW() END DO SELECT 1┃ SELECT 3",
		"function of one RETURN":             "CREATE FUNCTION f(a INT) RETURNS INT NO SQL RETURN CASE a WHEN 1 THEN 2 END┃ SELECT 3",
		"function with characteristics":      "CREATE FUNCTION f() RETURNS CHAR(5) CHARSET latin1 LANGUAGE SQL NOT DETERMINISTIC MODIFIES SQL DATA SQL SECURITY DEFINER COMMENT 'x' BEGIN RETURN 1; END┃ SELECT 3",
		"routine of one statement":           "CREATE PROCEDURE p(IN a INT, OUT b DECIMAL(5, 2)) UPDATE t SET c = a┃ SELECT 3",
		"routine in its database":            "CREATE PROCEDURE d.p() BEGIN SELECT 1; END┃ SELECT 3",
		"routine called like a word":         "CREATE PROCEDURE `begin`() BEGIN SELECT 1; END┃ SELECT 3",
		"routine if it is not there":         "CREATE PROCEDURE IF NOT EXISTS p() BEGIN SELECT 1; END┃ SELECT 3",
		"package":                            "CREATE PACKAGE p AS PROCEDURE a(); FUNCTION b() RETURNS INT; END┃ SELECT 3",
		"block outside of a body":            "BEGIN NOT ATOMIC IF 1 THEN SELECT 1; END IF; END┃ SELECT 3",
		"IF outside of a body":               "IF 1 THEN SELECT 1; END IF┃ SELECT 3",
		"CASE outside of a body":             "CASE 1 WHEN 1 THEN SELECT 1; END CASE┃ SELECT 3",
		"loop with a label outside":          "a: LOOP LEAVE a; END LOOP a┃ SELECT 3",
		"alter of a procedure has no body":   "ALTER PROCEDURE p COMMENT 'x'┃ SELECT 3",
		"drop of a procedure has no body":    "DROP PROCEDURE IF EXISTS p┃ SELECT 3",
		"view of words":                      "CREATE VIEW v AS SELECT IF(a, 1, 2) AS `if`, CASE a WHEN 1 THEN 2 END AS `case` FROM t┃ SELECT 3",
		"table of words":                     "CREATE TABLE `procedure` (`begin` INT, `case` INT DEFAULT (CASE 1 WHEN 1 THEN 2 END))┃ SELECT 3",
		"generated column of a CASE":         "CREATE TABLE t (a INT, b INT AS (CASE a WHEN 1 THEN 2 END))┃ ALTER TABLE t ADD CHECK (IF(a, 1, 0))┃ SELECT 3",
		"transactions outside of a body":     "BEGIN┃ SELECT 1┃ COMMIT┃ START TRANSACTION┃ ROLLBACK┃ SELECT 3",
		"account with a word of a body":      "CREATE USER procedure@localhost┃ SELECT 3",
		"XA transaction":                     "XA BEGIN 'x'┃ XA END 'x'┃ SELECT 3",
		"several bodies behind one another":  "CREATE PROCEDURE p() BEGIN SELECT 1; END┃ CREATE PROCEDURE q() IF 1 THEN SELECT 1; END IF┃ SELECT 3",
		"executed comment around a body":     "/*!50003 CREATE PROCEDURE p() BEGIN SELECT 1; SELECT 2; END */┃ SELECT 3",
		"executed comments within the heads": "CREATE /*!50017 DEFINER=`a`@`b` */ /*!50003 TRIGGER x BEFORE INSERT ON t FOR EACH ROW BEGIN SET @a = 1; END */┃ SELECT 3",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var want []string
			for part := range strings.SplitSeq(marked, "┃") {
				want = append(want, strings.TrimSpace(part))
			}
			for way, text := range map[string]string{
				"semicolons":             strings.ReplaceAll(marked, "┃", ";"),
				"another delimiter":      "DELIMITER $$\n" + strings.ReplaceAll(marked, "┃", "$$"),
				"delimiter of a dump":    "DELIMITER ;;\n" + strings.ReplaceAll(marked, "┃", " ;;\n") + " ;;\nDELIMITER ;\n",
				"carriage returns":       strings.ReplaceAll(marked, "┃", ";\r\n"),
				"comments between":       strings.ReplaceAll(marked, "┃", "; -- it's\n/* ; */ # `\n"),
				"semicolons and a slash": "delimiter //\n" + strings.ReplaceAll(marked, "┃", ";\n//\n"),
			} {
				statements, err := source.Split(text)
				if err != nil {
					t.Errorf("%s: %v", way, err)
					continue
				}
				var got []string
				for _, st := range statements {
					got = append(got, st.Text)
					checkPosition(t, text, st)
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%s (-want +got):\n%s", way, diff)
				}
			}
		})
	}
}
