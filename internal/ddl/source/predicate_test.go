package source_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/source"
)

func TestPredicateTables(t *testing.T) {
	t.Parallel()
	for text, tables := range map[string][]string{
		"status = 'open'": nil,
		"orders.status = 'a;b -- /* c' AND `to` IS NULL":             nil,
		"created_at >= NOW() - INTERVAL 30 DAY":                      nil,
		"id IN (1, 2) OR (name LIKE 'a%' AND NOT deleted)":           nil,
		"JSON_EXTRACT(data, '$.a') = 1 AND doc->>'$.x' = 'y'":        nil,
		"CAST(v AS CHAR(10)) = '1' AND SUBSTRING(v FROM 1 FOR 2)=''": nil,
		"DATE(created_at) BETWEEN DATE'2024-01-01' AND '2024-02-01'": nil,
		"CASE WHEN (a) THEN (b) ELSE (c) END":                        nil,
		"name = _latin1 X'E9' COLLATE latin1_bin":                    nil,
		"id IN (SELECT user_id FROM members m WHERE m.active = 1)":   {"members"},
		"EXISTS (SELECT 1 FROM b JOIN `a` ON a.x = b.x, c)":          {"a", "b", "c"},
		"sleep = 1 AND `into` = 2 AND t.lock = 3":                    nil,
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			for _, srv := range []ddl.Server{{Product: ddl.MySQL, Version: "9.7.4"}, {Product: ddl.MariaDB, Version: "10.11.19-MariaDB"}} {
				got, err := source.PredicateTables(text, srv)
				if diff := cmp.Diff(tables, got); diff != "" || err != nil {
					t.Errorf("%s: tables (-want +got):\n%s%v", srv.Product, diff, err)
				}
			}
		})
	}
}

func TestPredicateTables_refused(t *testing.T) {
	t.Parallel()
	const function = " is not among the functions that a condition may call"
	const database = "a database is named; a condition reads tables of its own database, by their bare names"
	const others = "what stands before the dot has the name of a database of others; a condition reads tables of its own database, and an alias has to be called otherwise"
	const shape = "the parentheses do not match, or are nested more than 200 deep"
	for text, want := range map[string]string{
		"":                               "1:1: the condition is empty",
		" \n":                            "1:1: the condition is empty",
		"1) OR (1":                       "1:2: " + shape,
		"(1":                             "1:3: a parenthesis is never closed",
		"1; DROP TABLE t":                "1:2: `;` ends the statement; write one condition",
		"a = 'x":                         "1:5: a text in ' quotes is never closed",
		"a = 1 -- x":                     "1:7: a condition holds no comments",
		"a = 1 # x":                      "1:7: a condition holds no comments",
		"a = /* x */ 1":                  "1:5: a condition holds no comments",
		"a = 1 /*!50000 OR 1 */":         "1:7: a condition holds no comments",
		"a = 1 /*M! OR 1 */":             "1:7: a condition holds no comments",
		"@x := 1":                        "1:1: `@x` is a variable; write the value itself",
		"a =\n @@version":                "2:2: `@@version` is a variable; write the value itself",
		"a = ?":                          "1:5: `?` has no meaning in a condition",
		"a = :v1":                        "1:5: `:` has no meaning in a condition",
		"a = {d '2020-01-01'}":           "1:5: `{` has no meaning in a condition",
		"SLEEP(1)":                       "1:1: `SLEEP()`" + function,
		"a = `sleep` (1)":                "1:5: `SLEEP()`" + function,
		"benchmark\n(1, 2)":              "1:1: `BENCHMARK()`" + function,
		"f(a)":                           "1:1: `F()`" + function,
		"db.abs(a)":                      "1:4: `ABS()`" + function,
		"`ABS`(a)":                       "1:1: `ABS()`" + function,
		"GET_LOCK('a', 1)":               "1:1: `GET_LOCK()`" + function,
		"LOAD_FILE('/etc/passwd') = ''":  "1:1: `LOAD_FILE()`" + function,
		"NEXTVAL(s)":                     "1:1: `NEXTVAL()`" + function,
		"NEXT VALUE FOR s":               "1:1: `NEXT VALUE` belongs to sequences",
		"RAND() < 0.5":                   "1:1: `RAND()`" + function,
		"id IN (SELECT id FROM other.t)": "1:23: " + database,
		"id IN (SELECT 1 FROM a, b.c)":   "1:25: " + database,
		"other.t.id = 1":                 "1:1: " + database,
		"EXISTS (SELECT 1 FROM a JOIN b ON CASE WHEN 1 THEN 1 ELSE 1 END, other.t AS s WHERE s.v LIKE 'T%')": "1:66: " + database,
		"EXISTS (SELECT 1 FROM a AS begin, other.t AS s)":                                                    "1:35: " + database,
		"EXISTS (SELECT 1 FROM a AS do, `other`.t)":                                                          "1:32: " + database,
		"id IN (SELECT x.id FROM a AS end, (SELECT 1 FROM b loop1, other.t) AS x)":                           "1:59: " + database,
		"EXISTS (SELECT 1 FROM a AS tenant_b WHERE tenant_b.id = 1)":                                         "1:43: " + others,
		"id = landlord.id":                             "1:6: " + others,
		"id IN (SELECT Mysql.id FROM a AS Mysql)":      "1:15: " + others,
		"id IN (SELECT 1 INTO @x)":                     "1:17: `INTO` writes",
		"id IN (SELECT 1 FROM t INTO OUTFILE 'x')":     "1:24: `INTO` writes",
		"id IN (SELECT id FROM t FOR UPDATE)":          "1:25: `FOR UPDATE` and `FOR SHARE` make others wait",
		"id IN (SELECT id FROM t LOCK IN SHARE MODE)":  "1:25: `LOCK` makes others wait",
		"id IN (WITH x AS (SELECT 1) SELECT * FROM x)": "1:8: `WITH` cannot stand in a condition; write the subquery where it is used",
		"id IN (SELECT 1 FROM t PROCEDURE p())":        "1:24: `PROCEDURE` runs a procedure",
		"a = 1 ORDER BY b":                             "1:7: `ORDER` is not understood here",
		"a = 1 LIMIT 5":                                "1:7: `LIMIT` is not understood here",
		"a = 1 UNION SELECT 1":                         "1:7: `UNION` is not understood here",
		"a =":                                          "1:4: the condition ends too early, or is not understood",
		"a = \x00":                                     "1:1: a condition is text in UTF-8 without NUL characters",
		"a = '\xff'":                                   "1:1: a condition is text in UTF-8 without NUL characters",
		strings.Repeat("(", 300):                       "1:201: " + shape,
		strings.Repeat("a OR ", 4000) + "a":            "1:1: a condition has at most 16384 bytes",
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			srv := ddl.Server{Product: ddl.MySQL, Version: "9.7.4", Others: &ddl.Others{Names: []string{"landlord"}, Prefixes: []string{"tenant_"}}}
			_, err := source.PredicateTables(text, srv)
			var refused *source.PredicateError
			if !errors.As(err, &refused) {
				t.Fatalf("got %v, want a *PredicateError", err)
			}
			if diff := cmp.Diff(want, err.Error()); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
		})
	}
}
