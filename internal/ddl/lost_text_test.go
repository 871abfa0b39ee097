package ddl

import "testing"

// TestLostText has what MySQL 9.7 prints of expressions over columns of other
// character sets.
func TestLostText(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		source, printed string
		table, shown    string
	}{
		"joined with latin1":      {"CREATE TABLE t (a TEXT, g TEXT AS (CONCAT(a, 'ä')))", "CREATE TABLE `t` (`g` text GENERATED ALWAYS AS (concat(`a`,_latin1'?')) VIRTUAL)", "t", "_latin1'?'"},
		"joined with ucs2":        {"CREATE TABLE t (a TEXT, g TEXT AS (CONCAT(a, 'ä')))", "CREATE TABLE `t` (`g` text GENERATED ALWAYS AS (concat(`a`,_ucs2'\\0?')) VIRTUAL)", "t", "_ucs2'\\0?'"},
		"written in hexadecimal":  {"CREATE TABLE t (a TEXT, g TEXT AS (CONCAT(a, _latin1 x'E4')))", "CREATE TABLE `t` (`g` text GENERATED ALWAYS AS (concat(`a`,_latin1'?')) VIRTUAL)", "t", "_latin1'?'"},
		"a question":              {"CREATE TABLE t (a TEXT, g TEXT AS (CONCAT(a, '?')))", "CREATE TABLE `t` (`g` text GENERATED ALWAYS AS (concat(`a`,_latin1'?')) VIRTUAL)", "", ""},
		"a question, and a text":  {"CREATE TABLE t (a TEXT, g TEXT AS (CONCAT(a, '?')), h TEXT AS (CONCAT(a, 'ä')))", "CREATE TABLE `t` (`g` text GENERATED ALWAYS AS (concat(`a`,_latin1'?')), `h` text GENERATED ALWAYS AS (concat(`a`,_latin1'?')))", "t", "_latin1'?'"},
		"a question in a comment": {"CREATE TABLE t (a TEXT COMMENT 'why?', g TEXT AS (CONCAT(a, 'ä'))) COMMENT = 'who?'", "CREATE TABLE `t` (`g` text GENERATED ALWAYS AS (concat(`a`,_latin1'?')) VIRTUAL)", "t", "_latin1'?'"},
		"a text elsewhere":        {"CREATE TABLE t (a TEXT COMMENT 'größe?', g TEXT AS (CONCAT(a, '?')))", "CREATE TABLE `t` (`a` text COMMENT 'größe?', `g` text GENERATED ALWAYS AS (concat(`a`,_latin1'?')) VIRTUAL)", "", ""},
		"kept":                    {"CREATE TABLE t (a TEXT, CHECK (a <> 'ä'))", "CREATE TABLE `t` (`a` text, CONSTRAINT `c` CHECK ((`a` <> _utf8mb4'ä')))", "", ""},
		"copied":                  {"CREATE TABLE t (g TEXT AS (CONCAT(a, '?'))); CREATE TABLE u LIKE t", "CREATE TABLE `u` (`g` text GENERATED ALWAYS AS (concat(`a`,_latin1'??')) VIRTUAL)", "", ""},
	}
	for name, c := range cases {
		program := "CREATE PROCEDURE p() BEGIN PREPARE s FROM 'SELECT 1 FROM t WHERE a = ?'; END" // which says nothing about tables
		table, shown := LostText([]string{c.source, program}, Schema{Objects: []Object{{Kind: KindTable, Name: "t", SQL: c.printed}}})
		if table != c.table || shown != c.shown {
			t.Errorf("%s: %q, %q", name, table, shown)
		}
	}
}
