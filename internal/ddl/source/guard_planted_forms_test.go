package source_test

// This file holds the rarer forms of the grammar of planter: what one product has
// alone, and what moves the dot, the qualifier or the place of a table.

// dots are the ways to write the dot of a qualified name. The last are those of
// MySQL, which reads over a number without the digits of its exponent.
var dots = []string{
	".", " . ", "./**/", "/* x */.", "\n.\t", " # x\n.", ".-- x\n", "/*!40000 . */", " /*!50000*/ .", "\v.\f", "/**/./**/", "/*M! . */", " /*!99999 . */", "/*/*/./*/*/",
	" 1.e.", " .5E.", " 1.5e+.", "/**/2.e-.",
}

// literal is a value that is written down, with names in it that name nothing.
func (p *planter) literal() string {
	return p.pick("_utf8mb4'shop_b.x'", "N'landlord.t'", "_utf8mb4 \"shop_b.t\" COLLATE utf8mb4_bin", "x'41'", "0x41", "b'01'", ".5", "1.", "1.5e3", ".5e-3", "'shop_b''s.t'", "'a\\'shop_b.t'", "'a' 'shop_b.t'",
		"{d '2020-01-01'}", "{t '10:00:00'}", "{ts '2020-01-01 10:00:00'}", "DATE '2020-01-01'", "TRUE", "'`shop_b`.t'", "/*!40000 1 */", "1/*shop_b.t*/", "1 -- shop_b.t\n", "1 # shop_b.t\n", "''", "'/*'", "'--'")
}

// rareValue is an expression of the rarer forms.
func (p *planter) rareValue() string {
	switch p.r.IntN(22) {
	case 0:
		return "{fn " + p.value() + "}"
	case 1:
		return "{x (SELECT " + p.value() + " FROM " + p.tables() + " LIMIT 1)}"
	case 2:
		return "SUM(id) OVER (ORDER BY " + p.value() + " ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)"
	case 3:
		return "FIRST_VALUE(" + p.value() + ") OVER (PARTITION BY id ORDER BY " + p.value() + " RANGE UNBOUNDED PRECEDING)"
	case 4:
		return "EXISTS (TABLE " + p.table() + ")"
	case 5:
		return "(id IN (TABLE " + p.table() + " ORDER BY id LIMIT 1))"
	case 6:
		return "(id, 1) IN (VALUES ROW(1, " + p.value() + "), ROW(2, 3))"
	case 7:
		return "CAST(" + p.value() + " AS CHAR(9) CHARACTER SET utf8mb4)"
	case 8:
		return "CONVERT(" + p.value() + " USING utf8mb4)"
	case 9:
		return "EXTRACT(DAY FROM " + p.value() + ")"
	case 10:
		return "SUBSTRING(" + p.value() + " FROM 1 FOR " + p.value() + ")"
	case 11:
		return "(" + p.value() + " BETWEEN " + p.value() + " AND " + p.value() + ")"
	case 12:
		return "(" + p.value() + " COLLATE utf8mb4_bin IS NOT NULL)"
	case 13:
		return "INTERVAL " + p.value() + " DAY + NOW()"
	case 14:
		return "(NOT " + p.value() + " OR id > ALL (SELECT " + p.value() + " FROM " + p.oneTable() + "))"
	case 15:
		return "(ROW(1, " + p.value() + ") = ROW(id, body))"
	case 16:
		return "JSON_EXTRACT(" + p.value() + ", '$.shop_b')"
	case 17:
		return "(body->'$.shop_b.t' = body->>'$.x')"
	case 18:
		return "(SELECT " + p.value() + " UNION SELECT id FROM " + p.table() + " ORDER BY 1 LIMIT 1)"
	case 19:
		return "(SELECT 1 FROM DUAL WHERE " + p.value() + ")"
	case 20:
		return "(" + p.value() + " MEMBER OF ('[1]'))"
	default:
		return "LAST_DAY(" + p.value() + ")"
	}
}

// hint is what may stand behind the name of a table and its alias.
func (p *planter) hint() string {
	return p.pick("", "", " USE INDEX (id)", " IGNORE INDEX FOR JOIN (id, PRIMARY)", " FORCE KEY FOR ORDER BY (id)", " USE INDEX (), IGNORE KEY (id)", " USE INDEX (id) IGNORE INDEX (id)")
}

// rareTable is a table of a FROM in the rarer forms.
func (p *planter) rareTable() string {
	p.depth++
	defer func() { p.depth-- }()
	switch p.r.IntN(12) {
	case 0:
		return p.table() + " PARTITION (p0, p1)" + p.pick("", " AS "+p.alias()) + p.hint()
	case 1:
		return p.table() + p.pick(" AS x1", " x1") + p.hint()
	case 2:
		return "JSON_TABLE(" + p.value() + ", '$.shop_b[*]' COLUMNS (a FOR ORDINALITY, b INT PATH '$.shop_b.t' DEFAULT '1' ON EMPTY NULL ON ERROR, NESTED PATH '$.x' COLUMNS (c INT EXISTS PATH '$'))) AS " + p.alias()
	case 3:
		return "(VALUES ROW(1, 2), ROW(" + p.value() + ", 3)) AS " + p.alias() + " (c1, c2)"
	case 4:
		return "(TABLE " + p.table() + ") AS " + p.alias()
	case 5:
		return "(" + p.plainQuery() + ") " + p.pick("", "AS ") + p.alias() + " (c1)"
	case 6:
		return "(" + p.table() + ", " + p.table() + ")"
	case 7:
		return "((" + p.table() + ") " + p.pick("CROSS JOIN", "INNER JOIN", "NATURAL JOIN", "NATURAL LEFT OUTER JOIN") + " " + p.table() + ")"
	case 8:
		return p.table() + " AS x1 RIGHT OUTER JOIN " + p.table() + " AS x2 USING (id)"
	case 9:
		return p.table() + " FOR SYSTEM_TIME " + p.moment() + p.pick(" AS x1", " x1")
	case 10:
		return ".notes" + p.pick("", " AS x1") + ", " + p.table()
	default:
		return "LATERAL (SELECT " + p.value() + " FROM " + p.tables() + ") " + p.alias() + " (c1)"
	}
}

// moment is what follows FOR SYSTEM_TIME.
func (p *planter) moment() string {
	return p.pick("ALL", "AS OF NOW()", "AS OF '2020-01-01'", "AS OF TIMESTAMP '2020-01-01'", "BETWEEN '2020-01-01' AND NOW()", "FROM '2020-01-01' TO '2021-01-01'", "AS OF (NOW() - INTERVAL 1 DAY)")
}

// schedule is that of an event: moments and intervals. Whoever makes an event computes
// it, so anything else is refused, whatever it names.
func (p *planter) schedule() string {
	every := p.pick("EVERY 1 DAY", "EVERY '1:30' HOUR_MINUTE", "EVERY (1 + 1) MONTH", "EVERY 5 MINUTE STARTS {ts '2035-01-01 00:00:00'}", "EVERY 1 WEEK STARTS CURDATE() + INTERVAL 7 - WEEKDAY(NOW()) DAY")
	if p.chance == 0 || p.r.IntN(p.chance) > 0 {
		return every + p.pick("", " STARTS '2035-01-01'", " STARTS TIMESTAMP(CURRENT_DATE) + INTERVAL 27 HOUR ENDS NOW() + INTERVAL 5 YEAR", " ENDS '2036-01-01'") + p.pick("", " ON COMPLETION PRESERVE", " ON COMPLETION NOT PRESERVE DISABLE COMMENT 'shop_b.t'")
	}
	text := p.pick("ASCII(LOAD_FILE('/etc/passwd'))", "@a", "@@server_id", "(SELECT MAX(id) FROM notes)", "ext_f(1)", "`release_all_locks`()", "sys_eval('id')", "shop_a.ext_f(1)", "BENCHMARK(1, 1)", "id")
	p.planted = append(p.planted, text)
	return p.pick("EVERY "+text+" DAY", every+" ENDS NOW() + INTERVAL "+text+" DAY", "AT NOW() + INTERVAL "+text+" SECOND")
}

// rareQuery is a query of the rarer forms.
func (p *planter) rareQuery() string {
	switch p.r.IntN(13) {
	case 11:
		return "SELECT m1.id, " + p.value() + " FROM " + p.table() + " FOR SYSTEM_TIME " + p.moment() + p.pick(" AS m1", " m1") + ", " + p.tables() + " WHERE m1.id = 1"
	case 12:
		return "VALUES (1, " + p.value() + "), (" + p.value() + ", 2)"
	case 10: // a number ends where a word begins
		return "SELECT id, " + p.pick("1e1", "1E+2", "1.5", ".5", "2e-3", "'a'", "x'41'", "`id`", "@`a`") + "FROM " + p.tables() + " WHERE " + p.value()
	case 0:
		return "TABLE " + p.table() + p.pick("", " ORDER BY id", " LIMIT 1")
	case 1:
		return "VALUES ROW(1, " + p.value() + "), ROW(" + p.value() + ", 2) ORDER BY column_0 LIMIT 1"
	case 2:
		return p.plainQuery() + p.pick(" INTERSECT ", " EXCEPT ", " EXCEPT ALL ", " UNION ALL ") + "SELECT 1 FROM " + p.tables()
	case 3:
		return "SELECT RANK() OVER w, SUM(id) OVER (w ROWS 1 PRECEDING) FROM " + p.tables() + " WINDOW w AS (PARTITION BY " + p.value() + " ORDER BY " + p.value() + "), w2 AS (w)"
	case 4:
		return "SELECT " + p.value() + " FROM " + p.tables() + " GROUP BY " + p.value() + " WITH ROLLUP"
	case 5:
		return "SELECT ALL " + p.pick("HIGH_PRIORITY ", "SQL_NO_CACHE ", "SQL_SMALL_RESULT ", "SQL_BUFFER_RESULT ") + p.value() + " AS " + p.alias() + ", x1.* FROM " + p.table() + " x1, " + p.tables() + " LIMIT 1 OFFSET 2"
	case 6:
		return "SELECT x1.id FROM " + p.table() + " AS x1 JOIN (" + p.table() + " AS x2 LEFT JOIN " + p.table() + " AS x3 ON x3.id = x2.id) ON x1.id = x2.id AND " + p.value()
	case 7:
		return "(SELECT 1 FROM " + p.tables() + " ORDER BY " + p.value() + " LIMIT 1) UNION (TABLE " + p.table() + ") ORDER BY 1"
	case 8:
		return "SELECT (WITH c1 AS (" + p.plainQuery() + ") SELECT 1 FROM c1 LIMIT 1) AS x FROM " + p.oneTable()
	default:
		return "SELECT 1 FROM (WITH c1 (a) AS (SELECT " + p.value() + " FROM " + p.table() + ") SELECT c1.a FROM c1) AS " + p.alias()
	}
}

// rareRows is a statement about rows of the rarer forms.
func (p *planter) rareRows() string {
	switch p.r.IntN(14) {
	case 0:
		return "INSERT INTO " + p.table() + " TABLE " + p.table()
	case 1:
		return "INSERT INTO " + p.table() + " (id, body) VALUES ROW(1, " + p.value() + "), ROW(2, 3)"
	case 2:
		return "INSERT INTO " + p.table() + " (id) VALUES (1) AS new (a) ON DUPLICATE KEY UPDATE id = new.a + " + p.value()
	case 3:
		return "REPLACE INTO " + p.table() + " SET id = " + p.value() + ", body = DEFAULT"
	case 4:
		return "INSERT INTO " + p.table() + " PARTITION (p0) (id) SELECT " + p.value() + " FROM " + p.tables()
	case 5:
		return "DELETE FROM " + p.table() + " PARTITION (p0) WHERE " + p.value() + " ORDER BY " + p.value() + " LIMIT 1"
	case 6:
		return "UPDATE " + p.table() + " AS x1 " + p.pick("", "FORCE INDEX (id) ") + "JOIN " + p.table() + " AS x2 USING (id) SET x1.id = " + p.value() + ", x2.id = DEFAULT(x2.id)"
	case 7:
		return "DELETE LOW_PRIORITY QUICK IGNORE x1, x2 FROM " + p.table() + " AS x1 INNER JOIN " + p.table() + " AS x2 WHERE " + p.value()
	case 8:
		return "WITH c1 AS (" + p.plainQuery() + ") UPDATE " + p.table() + " SET id = (SELECT 1 FROM c1 LIMIT 1) WHERE " + p.value()
	case 9:
		return "WITH c1 AS (" + p.plainQuery() + ") DELETE FROM " + p.table() + " WHERE id IN (SELECT 1 FROM c1, " + p.table() + ")"
	case 10:
		return "INSERT INTO " + p.table() + " (id) VALUES (" + p.value() + ") RETURNING id, " + p.value()
	case 11:
		return "DELETE FROM " + p.table() + " WHERE id = 1 RETURNING (SELECT " + p.value() + " FROM " + p.table() + " LIMIT 1)"
	case 12:
		return "INSERT INTO " + p.table() + " (id) (" + p.plainQuery() + ")"
	default:
		return "INSERT INTO " + p.table() + " () VALUES ()"
	}
}

// rareBody is a statement of a body of the rarer forms.
func (p *planter) rareBody() string {
	switch p.r.IntN(16) {
	case 14: // columns called like what is refused
		return "UPDATE " + p.table() + " SET execute = " + p.value() + ", flush = 1 WHERE restart = " + p.value() + " AND prepare IS NULL"
	case 15:
		return "SELECT execute, shutdown AS a, " + p.value() + " INTO @a, @b, @c FROM " + p.tables() + " WHERE flush < 1 OR binlog > 2 ORDER BY restart DESC LIMIT 1"
	case 12:
		return p.shown()
	case 13: // what arises when the own database is left out
		return "SELECT id-shop_a.notes.id, id*shop_a.f(1), 1/`shop_a`.notes.id FROM shop_a.notes, " + p.table()
	case 0:
		return "FOR i IN " + p.pick("1..10", "REVERSE 1..10", "1 .. 10") + " DO " + p.body() + "; END FOR"
	case 1:
		return "DO " + p.value()
	case 2:
		return "SELECT " + p.value() + ", id INTO @a, @b FROM " + p.tables() + " LIMIT 1"
	case 3:
		return "SELECT " + p.value() + " FROM " + p.tables() + " LIMIT 1 INTO @a"
	case 4:
		if p.chance > 0 && p.r.IntN(p.chance) == 0 {
			return "CALL " + p.foreign("p") + "(" + p.value() + ")"
		}
		return "CALL ext_q(" + p.value() + ")"
	case 5:
		return "BEGIN DECLARE x INT; DECLARE EXIT HANDLER FOR SQLSTATE '23000', NOT FOUND, SQLWARNING BEGIN " + p.body() + "; END; " + p.body() + "; END"
	case 6:
		return "SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'shop_b.t', MYSQL_ERRNO = 1644"
	case 7:
		return "shop_b: BEGIN " + p.body() + "; LEAVE shop_b; END shop_b"
	case 8:
		return "BEGIN DECLARE x TYPE OF notes.id; DECLARE y ROW TYPE OF " + p.table() + "; " + p.body() + "; END"
	case 9:
		return "BEGIN DECLARE c CURSOR FOR " + p.rareQuery() + "; DECLARE CONTINUE HANDLER FOR NOT FOUND SET @done = 1; OPEN c; CLOSE c; END"
	case 10:
		return "lp: REPEAT ITERATE lp; UNTIL id > " + p.value() + " END REPEAT lp"
	default:
		return p.rareRows()
	}
}

// shown is a SHOW, which names a database without a dot. It may stand in the body of
// a template's procedure; a customization may have none.
func (p *planter) shown() string {
	if p.chance == 0 || p.r.IntN(p.chance) > 0 {
		return "SET @a = " + p.value()
	}
	text := p.pick("SHOW TABLES FROM ", "SHOW FULL TABLES IN ", "SHOW COLUMNS FROM secrets IN ", "SHOW INDEX IN secrets FROM ", "SHOW TABLE STATUS FROM ", "SHOW CREATE DATABASE ", "SHOW TRIGGERS IN ", "SHOW OPEN TABLES FROM ") +
		p.pick("shop_b", "`landlord`", "mysql")
	p.planted = append(p.planted, text)
	return text
}

// outside is a table of which something is in no database: an option that a template
// may not have either, in a statement of its own and in a body.
func (p *planter) outside() string {
	table := "CREATE " + p.pick("", "OR REPLACE ") + p.pick("TABLE ext_t (id INT)", "TABLE IF NOT EXISTS `ext_t` (id INT, connection INT, KEY (connection)) COMMENT 'x'", "SEQUENCE ext_s", "TABLE ext_t (id INT) AUTO_INCREMENT=1")
	if p.chance > 0 {
		option := p.pick(" DATA DIRECTORY '/tmp/x'", " DATA DIRECTORY = '/tmp/x'", " ENGINE=MyISAM INDEX DIRECTORY='/tmp/x'", " CONNECTION='mysql://x'", " ENGINE=FEDERATED", " ENGINE 'connect'", " ENGINE = Elsewhere")
		p.planted = append(p.planted, option)
		table += option
	} else {
		table += p.pick("", " ENGINE=InnoDB", " ENGINE = MyISAM COMMENT 'DATA DIRECTORY'")
	}
	return p.pick(table, "CREATE PROCEDURE ext_p() "+table, "CREATE PROCEDURE ext_p() BEGIN DECLARE connection INT; IF connection = 1 THEN "+table+"; END IF; END", "CREATE EVENT ext_e ON SCHEDULE EVERY 1 DAY DO "+table)
}

// rareDefinition changes the structure in the rarer forms.
func (p *planter) rareDefinition() string {
	switch p.r.IntN(13) {
	case 9:
		return "ALTER TABLE " + p.dot("ext_t") + " ADD PARTITION (PARTITION shop_b VALUES LESS THAN (20), PARTITION mysql VALUES LESS THAN (" + p.call() + "))"
	case 10:
		return "ALTER TABLE " + p.dot("ext_t") + " ADD (a INT, b INT DEFAULT (" + p.call() + "), KEY shop_b (a), FOREIGN KEY (b) REFERENCES " + p.table() + " (id))"
	case 11:
		return "ALTER TABLE " + p.dot("ext_t") + " REORGANIZE PARTITION p0, p1 INTO (PARTITION a VALUES LESS THAN (1), PARTITION b VALUES LESS THAN MAXVALUE)"
	case 12:
		return "ALTER EVENT " + p.dot("ext_e") + " ON SCHEDULE " + p.schedule()
	case 0:
		return "CREATE TABLE " + p.dot("ext_t") + " (id INT, g INT GENERATED ALWAYS AS (" + p.call() + ") VIRTUAL, CHECK (" + p.call() + " > 0))"
	case 1:
		return "CREATE TABLE " + p.dot("ext_t") + " (id INT DEFAULT (" + p.call() + "), KEY ((" + p.call() + ")), FOREIGN KEY (id) REFERENCES " + p.table() + " (id) ON DELETE CASCADE ON UPDATE SET NULL)"
	case 2:
		return "CREATE TABLE " + p.dot("ext_t") + " (id INT REFERENCES " + p.table() + " (id))"
	case 3:
		return "ALTER TABLE " + p.dot("ext_t") + " ADD FOREIGN KEY f (id) REFERENCES " + p.table() + " (id), DROP COLUMN shop_b"
	case 4:
		return "CREATE UNIQUE INDEX shop_b ON " + p.dot("ext_t") + " (id DESC, (" + p.call() + "))"
	case 5:
		return "CREATE ALGORITHM = MERGE SQL SECURITY DEFINER VIEW " + p.dot("ext_v") + " (a, b) AS " + p.rareQuery() + " WITH CASCADED CHECK OPTION"
	case 6:
		return "CREATE TRIGGER ext_t BEFORE UPDATE ON " + p.table() + " FOR EACH ROW " + p.pick("FOLLOWS", "PRECEDES") + " ext_u SET NEW.id = OLD.id + " + p.value()
	case 7:
		return "DROP INDEX shop_b ON " + p.dot("ext_t")
	default:
		return "ALTER TABLE " + p.dot("ext_t") + " MODIFY id INT COMMENT 'shop_b.t', ALTER COLUMN id SET DEFAULT (" + p.call() + ")"
	}
}

// call is a call of a function in an expression of a table.
func (p *planter) call() string {
	if p.chance > 0 && p.r.IntN(p.chance) == 0 {
		return p.foreign("f") + p.pick("(1)", " (id)", "/**/(id)")
	}
	return p.pick("ABS(id)", "id + 1", "(id * 2)")
}
