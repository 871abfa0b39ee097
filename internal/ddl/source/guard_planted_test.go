package source_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/source"
)

// planter writes statements of a grammar. Wherever one may stand it can plant a
// mention of another database, so that the answer of the guard is known.
type planter struct {
	r       *rand.Rand
	chance  int // one mention in so many places; 0: none
	planted []string
	depth   int
}

func (p *planter) pick(texts ...string) string { return texts[p.r.IntN(len(texts))] }

// maybe writes a text or not: what is not written plants nothing.
func (p *planter) maybe(text func() string) string {
	if p.r.IntN(3) > 0 {
		return ""
	}
	return text()
}

// words that are names on MySQL and MariaDB, and that mislead.
var misleading = []string{"begin", "end", "do", "after", "a", "b", "`window`", "`returning`", "`loop`", "`then`", "quick", "x1", "`case`", "`select`", "start"}

func (p *planter) alias() string { return p.pick(misleading...) }

// foreign is a name with another database before it.
func (p *planter) foreign(name string) string {
	database := p.pick("shop_b", "SHOP_c", "landlord", "`billing`", "`shop_``x`", "mysql", "Information_Schema", "`sys`", "Shop_B", "`LANDLORD`", "performance_schema")
	dot := p.pick(dots...)
	text := database + dot + p.pick(name, "`"+name+"`")
	p.planted = append(p.planted, text)
	return text
}

// dot is a name that may be planted.
func (p *planter) dot(name string) string {
	if p.chance > 0 && p.r.IntN(p.chance) == 0 {
		return p.foreign(name)
	}
	return p.pick(name, name, "`"+name+"`", "shop_a."+name, "`shop_a`.`"+name+"`", "shop_a . "+name, "`shop_a`./**/"+name, "shop_a/* x */.\t`"+name+"`")
}

func (p *planter) table() string { return p.dot(p.pick("notes", "tags", "users")) }

func (p *planter) value() string {
	p.depth++
	defer func() { p.depth-- }()
	if p.depth > 4 {
		return p.pick("1", "'shop_b.x'", "id", "NULL", p.literal())
	}
	switch p.r.IntN(23) {
	case 18, 19, 20:
		return p.rareValue()
	case 21:
		return p.literal()
	case 12:
		return "(" + p.value() + " LIKE " + p.value() + " ESCAPE '|')"
	case 13:
		return "NOW() - INTERVAL (SELECT 1 FROM " + p.table() + " LIMIT 1) DAY"
	case 14:
		return "ROW_NUMBER() OVER (PARTITION BY " + p.value() + " ORDER BY " + p.value() + ")"
	case 15:
		return "(id, body) = (SELECT " + p.value() + ", 1 FROM " + p.oneTable() + " LIMIT 1)"
	case 16:
		return "IF(" + p.value() + ", {d '2020-01-01'}, " + p.value() + ")"
	case 17:
		return "GROUP_CONCAT(" + p.value() + " ORDER BY " + p.value() + " SEPARATOR 'shop_b.x')"
	case 0:
		return "(SELECT " + p.value() + " FROM " + p.tables() + " LIMIT 1)"
	case 1:
		return "CASE WHEN " + p.value() + " THEN " + p.value() + " ELSE " + p.value() + " END"
	case 2:
		return "CASE " + p.value() + " WHEN " + p.value() + " LIKE " + p.value() + " THEN {d '2020-01-01'} END"
	case 3:
		return "COALESCE(" + p.value() + ", " + p.value() + ")"
	case 4:
		return "(" + p.value() + " + " + p.value() + ")"
	case 5:
		return "EXISTS (SELECT 1 FROM " + p.tables() + ")"
	case 6:
		return "TRIM(BOTH 'x' FROM " + p.value() + ")"
	case 7:
		return "id IN (SELECT id FROM " + p.tables() + " WHERE " + p.value() + ")"
	case 8:
		if p.chance > 0 && p.r.IntN(p.chance) == 0 {
			return p.foreign("f") + "(1)"
		}
		return "ABS(1)"
	default:
		return p.pick("1", "'landlord.t'", "id", "body", "NULL", "-1.5", "\"shop_b.t\"", "/* shop_b.t */ 2")
	}
}

// tables is a list of tables of a FROM.
func (p *planter) tables() string {
	p.depth++
	defer func() { p.depth-- }()
	out := p.oneTable()
	for range p.r.IntN(3) {
		switch p.r.IntN(4) {
		case 0:
			out += " JOIN " + p.oneTable() + " ON " + p.value()
		case 1:
			out += " LEFT JOIN " + p.oneTable() + " ON " + p.value()
		case 2:
			out += " STRAIGHT_JOIN " + p.oneTable()
		default:
			out += ", " + p.oneTable()
		}
	}
	return out
}

func (p *planter) oneTable() string {
	if p.depth < 4 && p.r.IntN(5) == 0 {
		return p.rareTable()
	}
	if p.depth < 4 && p.r.IntN(6) == 0 {
		return p.pick("", "LATERAL ") + "(SELECT 1 FROM " + p.tables() + ") AS " + p.alias()
	}
	if p.depth < 4 && p.r.IntN(10) == 0 {
		return "{" + p.pick("oj ", "OJ ") + p.table() + " LEFT JOIN " + p.table() + " AS " + p.alias() + " ON 1}"
	}
	return p.table() + p.pick("", " "+p.alias(), " AS "+p.alias())
}

func (p *planter) query() string {
	if p.depth < 3 && p.r.IntN(4) == 0 {
		p.depth++
		defer func() { p.depth-- }()
		return p.compound()
	}
	if p.depth < 4 && p.r.IntN(4) == 0 {
		p.depth++
		defer func() { p.depth-- }()
		return p.rareQuery()
	}
	return p.plainQuery()
}

// compound is a query of several.
func (p *planter) compound() string {
	switch p.r.IntN(4) {
	case 0:
		return "WITH c1 AS (" + p.plainQuery() + "), c2 (x) AS (" + p.plainQuery() + ") SELECT c1.* FROM c1, c2, " + p.oneTable()
	case 1:
		return "WITH RECURSIVE c1 (n) AS (SELECT 1 UNION ALL SELECT c1.n + 1 FROM c1 JOIN " + p.oneTable() + " ON c1.n < 3) SELECT c1.n FROM c1"
	case 2:
		return "(" + p.plainQuery() + ") UNION ALL (" + p.plainQuery() + ")"
	default:
		return p.plainQuery() + " UNION DISTINCT SELECT 1 FROM " + p.tables()
	}
}

func (p *planter) plainQuery() string {
	return "SELECT " + p.pick("", "DISTINCT ", "STRAIGHT_JOIN ") + p.value() + " FROM " + p.tables() + p.maybe(func() string { return " WHERE " + p.value() }) +
		p.maybe(func() string { return " GROUP BY " + p.value() + " HAVING " + p.value() }) + p.maybe(func() string { return " ORDER BY " + p.value() })
}

func (p *planter) rows() string {
	switch p.r.IntN(13) {
	case 10, 11, 12:
		return p.rareRows()
	case 6:
		return "INSERT INTO " + p.table() + " SET id = " + p.value() + " ON DUPLICATE KEY UPDATE id = " + p.value()
	case 7:
		return "DELETE FROM id1 USING " + p.table() + " AS id1, " + p.tables()
	case 8:
		return "UPDATE LOW_PRIORITY IGNORE " + p.table() + " SET id = " + p.value() + " ORDER BY " + p.value() + " LIMIT 1"
	case 9:
		return p.pick("REPLACE LOW_PRIORITY INTO ", "INSERT HIGH_PRIORITY ") + p.table() + " (id, body) VALUES (" + p.value() + ", " + p.value() + "), (1, " + p.value() + ")"
	case 0:
		return "INSERT INTO " + p.table() + " (id) " + p.query()
	case 1:
		return p.pick("INSERT ", "INSERT IGNORE ", "REPLACE ") + p.table() + " VALUES (" + p.value() + ")"
	case 2:
		return "UPDATE " + p.tables() + " SET id = " + p.value()
	case 3:
		return "DELETE FROM " + p.table() + " WHERE " + p.value()
	case 4:
		return "DELETE id1 FROM " + p.table() + " AS id1, " + p.tables()
	default:
		return "UPDATE " + p.table() + " SET id = " + p.value() + " WHERE " + p.value()
	}
}

// body is a statement of a body.
func (p *planter) body() string {
	p.depth++
	defer func() { p.depth-- }()
	switch p.r.IntN(19) {
	case 15, 16, 17, 18:
		return p.rareBody()
	case 5:
		return "BEGIN DECLARE do, x INT DEFAULT " + p.value() + "; DECLARE c CURSOR FOR " + p.query() + "; OPEN c; FETCH c INTO x; " + p.body() + "; END"
	case 6:
		return "WHILE id < " + p.value() + " DO " + p.body() + "; END WHILE"
	case 7:
		return "REPEAT " + p.body() + "; UNTIL id > " + p.value() + " END REPEAT"
	case 8:
		return "FOR v IN (" + p.query() + ") DO " + p.body() + "; END FOR"
	case 9:
		return "BEGIN SELECT " + p.value() + " INTO @a FROM " + p.tables() + "; END"
	case 10:
		return "CASE WHEN " + p.value() + " THEN " + p.body() + "; WHEN " + p.value() + " THEN BEGIN END; END CASE"
	case 11:
		return "IF " + p.value() + " THEN BEGIN END; ELSEIF " + p.value() + " THEN " + p.body() + "; END IF"
	case 0:
		return "IF " + p.value() + " THEN " + p.body() + "; ELSE " + p.body() + "; END IF"
	case 1:
		return "CASE " + p.value() + " WHEN 1 THEN " + p.body() + "; ELSE " + p.body() + "; END CASE"
	case 2:
		return "BEGIN DECLARE after CONDITION FOR SQLSTATE '45000'; DECLARE CONTINUE HANDLER FOR after " + p.rows() + "; " + p.body() + "; END"
	case 3:
		return "r: LOOP " + p.body() + "; LEAVE r; END LOOP"
	case 4:
		return "SET @a = " + p.value()
	default:
		return p.rows()
	}
}

// statement returns a statement and the layers in which it may stand.
func (p *planter) statement() (string, []source.Layer) {
	definitions := []source.Layer{source.LayerCustomization, source.LayerSchema, source.LayerMigration}
	switch p.r.IntN(12) {
	case 11:
		return p.outside(), []source.Layer{source.LayerMigration}
	case 10:
		return p.rareDefinition(), []source.Layer{source.LayerMigration, source.LayerCustomization}
	case 7:
		return p.definition(), []source.Layer{source.LayerMigration, source.LayerCustomization}
	case 8:
		return p.copied(), []source.Layer{source.LayerMigration}
	case 9:
		return "CREATE PROCEDURE ext_p() BEGIN " + p.body() + "; " + p.body() + "; END", definitions
	case 0:
		return "CREATE VIEW " + p.dot("ext_v") + " AS " + p.query(), definitions
	case 1:
		return "CREATE FUNCTION " + p.dot("ext_f") + "() RETURNS INT READS SQL DATA RETURN " + p.value(), definitions
	case 2:
		return "CREATE TRIGGER " + p.pick("after", "ext_t", "shop_b") + " AFTER INSERT ON " + p.table() + " FOR EACH ROW " + p.body(), definitions
	case 3:
		return "CREATE PROCEDURE " + p.pick("shop_b", "ext_p", "begin") + "() " + p.body(), definitions
	case 4:
		return "CREATE EVENT ext_e ON SCHEDULE " + p.schedule() + " DO " + p.body(), definitions
	case 5:
		return "CREATE TABLE " + p.dot("ext_t") + " (id INT DEFAULT 1, CONSTRAINT c FOREIGN KEY (id) REFERENCES " + p.table() + " (id))", definitions
	default:
		return p.rows(), []source.Layer{source.LayerSeed, source.LayerMigration, source.LayerCustomization}
	}
}

// definition changes what there is.
func (p *planter) definition() string {
	switch p.r.IntN(8) {
	case 0:
		return "RENAME TABLE " + p.dot("ext_t") + " TO " + p.dot("ext_u") + ", " + p.dot("ext_x") + " TO " + p.dot("ext_t")
	case 1:
		return "ALTER TABLE " + p.dot("ext_t") + " ADD COLUMN shop_b INT, RENAME " + p.pick("", "TO ", "AS ") + p.dot("ext_u")
	case 2:
		return "ALTER TABLE " + p.dot("ext_t") + " ADD CONSTRAINT c FOREIGN KEY (id) REFERENCES " + p.table() + " (id)"
	case 3:
		return "CREATE " + p.pick("", "UNIQUE ") + "INDEX ext_i ON " + p.dot("ext_t") + " (id)"
	case 4:
		return "DROP TABLE IF EXISTS ext_x, " + p.dot("ext_t") + ", " + p.dot("ext_u")
	case 5:
		return "DROP " + p.pick("VIEW", "TRIGGER", "FUNCTION", "PROCEDURE", "EVENT") + " IF EXISTS " + p.dot("ext_x")
	case 6:
		return "ALTER TABLE " + p.dot("ext_t") + " EXCHANGE PARTITION p WITH TABLE " + p.dot("ext_u")
	default:
		return "ALTER EVENT " + p.dot("ext_e") + " RENAME TO " + p.dot("ext_f")
	}
}

// copied makes a table of others.
func (p *planter) copied() string {
	if p.r.IntN(2) == 0 {
		return "CREATE TABLE " + p.dot("ext_t") + " LIKE " + p.table()
	}
	return "CREATE TABLE " + p.dot("ext_t") + p.pick(" AS ", " ", " (id INT) ") + p.plainQuery()
}

// checkPlanted makes one statement of a seed and says what is wrong with the
// answer of the guard to it, "" when nothing is.
func checkPlanted(seed uint64, plant bool) string {
	p := &planter{r: rand.New(rand.NewPCG(seed, 1))} //nolint:gosec // not for secrets
	if plant {
		p.chance = 1 + p.r.IntN(12)
	}
	text, layers := p.statement()
	srv := estate(ddl.MySQL)
	if p.r.IntN(2) == 0 {
		srv = estate(ddl.MariaDB)
	}
	if p.r.IntN(2) == 0 { // also when nobody told which databases there are
		srv.Others = nil
	}
	faults := guarded(text, layers[p.r.IntN(len(layers))], srv)
	named := slices.DeleteFunc(slices.Clone(faults), func(f source.Fault) bool { return f.Code == source.CodeSyntax })
	switch {
	case len(p.planted) > 0 && !source.HasErrors(faults):
		return fmt.Sprintf("seed %d, %s, %v: accepted although %q is in\n%s", seed, srv.Product, srv.Others != nil, p.planted, text)
	case len(p.planted) == 0 && len(named) > 0:
		return fmt.Sprintf("seed %d, %s, %v: refused: %v\n%s", seed, srv.Product, srv.Others != nil, named, text)
	}
	return ""
}

// TestGuard_planted: every mention of another database that is planted into a
// statement of a grammar is refused, and statements without one are accepted.
func TestGuard_planted(t *testing.T) {
	t.Parallel()
	for seed := range uint64(6000) {
		if problem := checkPlanted(seed, seed%2 == 0); problem != "" {
			t.Error(problem)
		}
	}
}

// TestGuard_plantedCondition: no condition of a data copy may hold a mention.
func TestGuard_plantedCondition(t *testing.T) {
	t.Parallel()
	planted := 0
	for seed := range uint64(3000) {
		p := &planter{r: rand.New(rand.NewPCG(seed, 3)), chance: 3, depth: int(seed % 3)} //nolint:gosec // not for secrets
		text := p.value()
		if len(p.planted) == 0 {
			continue
		}
		planted++
		srv := estate([]ddl.Product{ddl.MySQL, ddl.MariaDB}[seed%2])
		if seed%4 < 2 {
			srv = withoutOthers(srv)
		}
		if _, err := source.PredicateTables(text, srv); err == nil {
			t.Errorf("seed %d: accepted although %q is in\n%s", seed, p.planted, text)
		}
	}
	if planted < 500 {
		t.Errorf("only %d conditions have a mention", planted)
	}
}

// TestSoakGuard_planted does the same for as long as LANDLORD_SOAK says.
func TestSoakGuard_planted(t *testing.T) {
	t.Parallel()
	length, err := time.ParseDuration(os.Getenv("LANDLORD_SOAK"))
	if err != nil {
		t.Skip("LANDLORD_SOAK is not set")
	}
	n := 0
	for end := time.Now().Add(length); time.Now().Before(end); n++ {
		seed := rand.Uint64() //nolint:gosec // not for secrets
		if problem := checkPlanted(seed, n%2 == 0); problem != "" {
			t.Fatal(problem)
		}
	}
	t.Logf("%d statements", n)
}

// FuzzGuard_planted lets the fuzzer choose.
func FuzzGuard_planted(f *testing.F) {
	f.Add(uint64(1), true)
	f.Add(uint64(2), false)
	f.Fuzz(func(t *testing.T, seed uint64, plant bool) {
		if problem := checkPlanted(seed, plant); problem != "" {
			t.Error(problem)
		}
	})
}
