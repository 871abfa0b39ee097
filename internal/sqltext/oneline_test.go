package sqltext

import (
	"slices"
	"strings"
	"testing"
)

func TestOneLine(t *testing.T) {
	t.Parallel()
	cases := map[string]struct{ text, want string }{
		"nothing":           {"", ""},
		"white space":       {"  SELECT\n\t1 ,\r\n 2  ", "SELECT 1, 2"},
		"in quotes":         {"SELECT 'a\n  b',  \"c  d\", `e  f`", "SELECT 'a\n  b', \"c  d\", `e  f`"},
		"comments":          {"SELECT -- one\n 1 # two\n + /* three */ 2", "SELECT 1 + 2"},
		"comment as blank":  {"SELECT/**/1", "SELECT 1"},
		"parentheses":       {"CREATE TABLE t (\n  id INT,\n  KEY ( id )\n)", "CREATE TABLE t (id INT, KEY (id))"},
		"minus minus":       {"SELECT 5--#c\n1", "SELECT 5- - 1"},
		"minus before one":  {"SELECT 5 - -1, 5--1", "SELECT 5 - -1, 5- -1"},
		"executed comment":  {"SELECT  1 /*!99999  +  1 */", "SELECT 1 /*!99999 + 1 */"},
		"hint":              {"SELECT  /*+  NO_ICP(t) */  1", "SELECT /*+  NO_ICP(t) */ 1"},
		"function and call": {"SELECT COUNT (*), COUNT(*)", "SELECT COUNT (*), COUNT(*)"},
		"never closed":      {"SELECT  1,  'a  b", "SELECT 1,  'a  b"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := OneLine(tc.text); got != tc.want {
				t.Errorf("got  %q\nwant %q", got, tc.want)
			}
		})
	}
}

// FuzzOneLine: no token is lost, joined or made.
func FuzzOneLine(f *testing.F) {
	for _, seed := range []string{"SELECT 5--#c\n1", "a /* b */ . c", "/*!50000 x */ y", "'a' -- b\n 'c'", "(\n a , b )", "@a:=1", "1.e5 .5 a.5", "- - -\n-"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		l := NewScanner(text, Mode{})
		for l.Next().Kind != End {
		}
		if l.Err() != nil {
			return
		}
		texts := func(s string) []string {
			var out []string
			for _, tok := range Tokens(s, Mode{}) {
				out = append(out, tok.Text)
			}
			return out
		}
		if want, got := texts(text), texts(OneLine(text)); !slices.Equal(want, got) {
			t.Errorf("%q: tokens %q, want %q", OneLine(text), got, want)
		}
	})
}

func TestLine(t *testing.T) {
	t.Parallel()
	cases := map[string]struct{ text, want string }{
		"nothing":          {" \n ", ""},
		"white space":      {"  SELECT\n\t1 ,\r\n 2  ", "SELECT 1 , 2"},
		"in quotes":        {"SELECT 'a\n  b',  `c\r\nd`", `SELECT 'a\n  b', ` + "`c\\nd`"},
		"line comments":    {"BEGIN -- one\n SET @a = 1; # two\n END --", "BEGIN /* one */ SET @a = 1; /* two */ END /*  */"},
		"block comment":    {"SELECT /* a\n b */ 1", `SELECT /* a\n b */ 1`},
		"executed comment": {"SELECT  1 /*!99999  +  1 */", "SELECT 1 /*!99999 + 1 */"},
		"never closed":     {"SELECT  1,  'a\n  b", `SELECT 1, 'a\n  b`},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := Line(tc.text); got != tc.want {
				t.Errorf("got  %q\nwant %q", got, tc.want)
			}
		})
	}
}

// FuzzLine: it is one line, and of the text nothing but white space and the marks
// of comments is gone.
func FuzzLine(f *testing.F) {
	for _, seed := range []string{"SELECT 5--#c\n1", "a /* b\n */ . c", "'a\n' -- b\n 'c'", "(\n a , b )", "/*", "`\n"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		line := Line(text)
		if strings.ContainsAny(line, "\r\n") {
			t.Errorf("%q has a line end", line)
		}
		letters := func(s string) string {
			return strings.Map(func(r rune) rune {
				if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
					return r
				}
				return -1
			}, strings.ReplaceAll(s, `\n`, ""))
		}
		if strings.Contains(text, `\n`) {
			return
		}
		if got, want := letters(line), letters(text); got != want {
			t.Errorf("%q became %q", text, line)
		}
	})
}

// TestBlank: every byte between two places becomes a blank, but line ends.
func TestBlank(t *testing.T) {
	t.Parallel()
	text := []byte("a /* ö\nx */ b")
	Blank(text, 2, 12)
	if got := string(text); got != "a      \n     b" {
		t.Errorf("got %q", got)
	}
}
