package sqltext_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
)

// TestCursor walks over one statement and asks at each place what stands there.
func TestCursor(t *testing.T) {
	t.Parallel()
	const text = "CREATE TABLE IF NOT EXISTS `if` (a int /* , b int */, c text) COMMENT='x'"
	steps := []struct {
		name string
		do   func(c *sqltext.Cursor) bool
		want bool
		at   string // the token at hand afterwards
	}{
		{"words in another case", func(c *sqltext.Cursor) bool { return c.At("create", "Table") }, true, "CREATE"},
		{"the second word is another", func(c *sqltext.Cursor) bool { return c.At("create", "view") }, false, "CREATE"},
		{"no words are always there", func(c *sqltext.Cursor) bool { return c.At() }, true, "CREATE"},
		{"what is not there is not skipped", func(c *sqltext.Cursor) bool { return c.Accept("alter") }, false, "CREATE"},
		{"nor a half of it", func(c *sqltext.Cursor) bool { return c.Accept("create", "view") }, false, "CREATE"},
		{"what is there is skipped", func(c *sqltext.Cursor) bool { return c.Accept("create", "table") }, true, "IF"},
		{"punctuation is not there", func(c *sqltext.Cursor) bool { return c.AcceptPunct('(') }, false, "IF"},
		{"three words", func(c *sqltext.Cursor) bool { return c.Accept("if", "not", "exists") }, true, "`if`"},
		{"a quoted name is no word", func(c *sqltext.Cursor) bool { return c.At("if") }, false, "`if`"},
		{"not even with its quotes", func(c *sqltext.Cursor) bool { return c.Accept("`if`") }, false, "`if`"},
		{"a name", func(c *sqltext.Cursor) bool { return c.Next().Value() == "if" }, true, "("},
		{"another punctuation", func(c *sqltext.Cursor) bool { return c.AcceptPunct(')') }, false, "("},
		{"a group, without a comment", func(c *sqltext.Cursor) bool { return sqltext.Join(c.Group()) == "a int , c text" }, true, "COMMENT"},
		{"no group stands here", func(c *sqltext.Cursor) bool { return c.Group() == nil }, true, "COMMENT"},
		{"more words than are left", func(c *sqltext.Cursor) bool { return c.At("comment", "=", "x", "y") }, false, "COMMENT"},
		{"punctuation is no word", func(c *sqltext.Cursor) bool { return c.At("comment", "=") }, false, "COMMENT"},
		{"a word", func(c *sqltext.Cursor) bool { return c.Accept("comment") }, true, "="},
		{"punctuation is skipped", func(c *sqltext.Cursor) bool { return c.AcceptPunct('=') }, true, "'x'"},
		{"a text is no word", func(c *sqltext.Cursor) bool { return c.At("x") }, false, "'x'"},
		{"the last token", func(c *sqltext.Cursor) bool { return c.Next().Text == "'x'" }, true, ""},
		{"the end", func(c *sqltext.Cursor) bool { return c.Done() }, true, ""},
		{"nothing stands behind the end", func(c *sqltext.Cursor) bool { return c.At("x") || c.Accept("x") || c.AcceptPunct('(') }, false, ""},
		{"no group stands behind the end", func(c *sqltext.Cursor) bool { return c.Group() == nil }, true, ""},
	}
	c := sqltext.NewCursor(text)
	if c.Source != text || c.Done() {
		t.Fatalf("a new cursor: %+v", c)
	}
	for _, s := range steps {
		if got := s.do(c); got != s.want {
			t.Errorf("%s: got %t", s.name, got)
		}
		if got := c.Peek().Text; got != s.at {
			t.Fatalf("%s: the cursor is at %q, not at %q", s.name, got, s.at)
		}
	}
	if end := c.Next(); end.Kind != sqltext.End || end.Text != "" || !c.Done() || c.Peek().Kind != sqltext.End {
		t.Errorf("beyond the end: %+v", end)
	}
	if got := sqltext.Join(c.Since(0)); got != "CREATE TABLE IF NOT EXISTS `if` (a int , c text) COMMENT='x'" {
		t.Errorf("since the start: %q", got)
	}
	if got := c.Since(len(c.Tokens) + 5); len(got) != 0 {
		t.Errorf("since behind the end: %v", got)
	}
}

// TestCursor_Name: a name with its qualifier is stepped over, and one of several
// words is; what is neither stays.
func TestCursor_Name(t *testing.T) {
	t.Parallel()
	c := sqltext.NewCursor("RENAME INDEX `a b` TO d.t, 7")
	if c.AcceptAny("INDEX", "KEY") || !c.Accept("RENAME") || !c.AcceptAny("KEY", "INDEX") {
		t.Fatalf("words: at %q", c.Peek().Text)
	}
	if got := c.Name().Value(); got != "a b" || !c.Accept("TO") {
		t.Errorf("in backquotes: %q", got)
	}
	if got := c.Name().Value(); got != "t" || !c.AcceptPunct(',') {
		t.Errorf("behind a dot: %q", got)
	}
	if got := c.Name(); got.Kind != sqltext.End || c.Next().Text != "7" {
		t.Errorf("no name: %+v", got)
	}
	if c.AcceptAny("KEY") || c.Name().Kind != sqltext.End || !c.Done() {
		t.Error("behind the end stands something")
	}
}

// TestCursor_Group: parentheses in parentheses, in texts and in names; a group
// that never ends is none, and nothing is behind it.
func TestCursor_Group(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]struct{ group, rest string }{
		"(a) b":                {"a", "b"},
		"() b":                 {"", "b"},
		"(a, (b, (c)), d) e":   {"a, (b, (c)), d", "e"},
		"(')', `)`, \")\") e":  {"')', `)`, \")\"", "e"},
		"(a /* ) */) e":        {"a", "e"},
		"(a /*!80000 , b */)c": {"a , b", "c"},
		"((a) b":               {"", ""},
		"(":                    {"", ""},
		"a (b)":                {"", "a (b)"},
		")(a)":                 {"", ")(a)"},
		"":                     {"", ""},
	} {
		c := sqltext.NewCursor(text)
		group := c.Group()
		if got := sqltext.Join(group); got != want.group {
			t.Errorf("%s: the group is %q, not %q", text, got, want.group)
		}
		if got := sqltext.Join(c.Tokens[min(c.Index, len(c.Tokens)):]); got != want.rest {
			t.Errorf("%s: the rest is %q, not %q", text, got, want.rest)
		}
		if empty := text == "() b"; empty && group == nil {
			t.Errorf("%s: an empty group is a group", text)
		}
		// What is added to a group does not run over into what stands behind it.
		behind := sqltext.Join(c.Tokens)
		_ = append(group, sqltext.Token{Kind: sqltext.Word, Text: "more"})
		if got := sqltext.Join(c.Tokens); got != behind {
			t.Errorf("%s: adding to the group made %q", text, got)
		}
	}
}

// TestCanonical: texts that mean the same to a server, in rows, and between the
// rows texts that do not.
func TestCanonical(t *testing.T) {
	t.Parallel()
	rows := [][]string{
		{"a + 1", "A+1", "a  +\n\t1", "a + /* one */ 1", "a + 1 -- one\n", "a /*!50100 + */ 1"},
		{"`A` + 1"},
		{"`a` + 1", " `a`+1 "},
		{"'A' + 1", "'A'+1"},
		{"'a' + 1", "_utf8mb4'a' + 1", "_latin1 'a'+1", "_UTF8MB3'a' + 1"},
		{"_binary'a' + 1", "_BINARY 'a' + 1"},
		{"_utf8mb4'é' + 1", "_UTF8MB4 'é' + 1", "_utf8'é' + 1", "_UTF8MB3 'é' + 1"},
		{"_utf8 + 'é'"}, // a column of that name
		{"_utf8mb4 + 'é'"},
		{"a + _utf8"},
		{"a + _latin1"},
		{"_latin1'\u0080'"}, // the first character that is another one in each set
		{"'\u0080'"},
		{"`_utf8`'é' + 1"},
		{"_latin1'é' + 1"},
		{"'é' + 1"},
		{"- 1", "-1", "-(1)", "- ( 1 )"},
		{"- (1 + 0)", "-(1+0)"},
		{"(1)", "( 1 )"},
		{"- (a)", "-(A)"},
		{"- (1", "-(1"},
		{"0x1f", " 0x1f "},
		{"now()", "NOW( )", "Now ()"},
		{"_a + 1", "_A+1"},
		{"_a b"},
		{"a . b", "a.b"},
		{"@a := 1", "@a:=1"},
		{"@A := 1"},
	}
	seen := map[string]string{}
	for _, row := range rows {
		want := canonical(row[0])
		for _, text := range row {
			if got := canonical(text); got != want {
				t.Errorf("%q is %q, but %q is %q", text, got, row[0], want)
			}
		}
		if other, ok := seen[want]; ok {
			t.Errorf("%q and %q are both %q", other, row[0], want)
		}
		seen[want] = row[0]
	}
}

// TestCanonical_text: the form itself, which no white space begins.
func TestCanonical_text(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                        "",
		" SELECT  A,`B`":          "select a , `B`",
		"_latin1'x' = -(1)":       "'x' = - 1",
		"_utf8mb3 'é'":            "_utf8mb4 'é'",
		"CONCAT(@A, 'X', 0X1F)":   "concat ( @A , 'X' , 0x1f )",
		"/*!50100 A */ -- b\n, c": "a , c",
	} {
		if got := canonical(text); got != want {
			t.Errorf("%q is %q, not %q", text, got, want)
		}
	}
}

// TestCursor_At: as many words as are left can stand here, and no more.
func TestCursor_At(t *testing.T) {
	t.Parallel()
	c := sqltext.NewCursor("if not exists")
	for words, want := range map[string]bool{"if": true, "if not": true, "if not exists": true, "if not exists x": false, "not": false} {
		if got := c.At(strings.Fields(words)...); got != want {
			t.Errorf("%s: %t", words, got)
		}
	}
	if !c.Accept("if", "not", "exists") || !c.Done() {
		t.Errorf("all words are skipped, the cursor is at %d", c.Index)
	}
}

func canonical(text string) string {
	return sqltext.Canonical(sqltext.Tokens(text, sqltext.Mode{}))
}

// TestCanonical_random: the canonical form of a canonical form is itself, white
// space and the case of words do not count, and every other change of a piece
// that a server would see does.
func TestCanonical_random(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	pieces := []string{"select", "a", "`a`", "`A b`", "'x'", "'it''s'", "'Ü'", "1", "1.5", "0x1F", "(", ")", ",", ".", "+", "=", "_utf8mb4'x'", "_binary'x'", "-", "@v", "@@session.x", "b'01'"}
	for range 3000 {
		list := make([]string, 1+r.IntN(12))
		for i := range list {
			list[i] = pieces[r.IntN(len(pieces))]
		}
		text := strings.Join(list, " ")
		want := canonical(text)
		if got := canonical(want); got != want && !strings.Contains(want, "- (") {
			t.Fatalf("%q is %q, and that is %q", text, want, got)
		}
		spaced := strings.Join(list, []string{"  ", "\n", "\t ", " /* c */ "}[r.IntN(4)])
		if got := canonical(spaced); got != want {
			t.Fatalf("%q is %q, but %q is %q", text, want, spaced, got)
		}
		at := r.IntN(len(list))
		other := slices.Clone(list)
		other[at] = "another_word"
		if list[at] != "_utf8mb4'x'" && canonical(strings.Join(other, " ")) == want {
			t.Fatalf("%q and %q are the same", text, strings.Join(other, " "))
		}
	}
}

// TestJoin_random: what is joined is read as the same tokens again, so a text
// that a person gets to see means what the server had.
func TestJoin_random(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 4))
	pieces := []string{"create", "a", "`a``b`", "'x''y'", `'a\'b'`, "1", "1e3", "(", ")", ",", ".", "/* c */", "/*!50100 ", "*/", "-- c\n", "# c\n", "\"d\"", "@v", ";", "\n", " "}
	for range 3000 {
		var b strings.Builder
		for range 1 + r.IntN(14) {
			b.WriteString(pieces[r.IntN(len(pieces))])
			if r.IntN(3) > 0 {
				b.WriteByte(' ')
			}
		}
		toks := sqltext.Tokens(b.String(), sqltext.Mode{})
		joined := sqltext.Join(toks)
		if diff := cmp.Diff(describe(toks), describe(sqltext.Tokens(joined, sqltext.Mode{}))); diff != "" {
			t.Fatalf("%q is joined to %q (-want +got):\n%s", b.String(), joined, diff)
		}
		if strings.ContainsAny(joined, "\n") && !strings.Contains(joined, "'") {
			t.Fatalf("%q is joined to more than one line: %q", b.String(), joined)
		}
	}
}

// TestSplitCommas: commas in parentheses, texts and names part nothing.
func TestSplitCommas(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"":                                nil,
		"a":                               {"a"},
		"a, b":                            {"a", "b"},
		"a,(b, c),d":                      {"a", "(b, c)", "d"},
		"concat(a, ','), `x,y`":           {"concat(a, ',')", "`x,y`"},
		"decimal(10,2), ((a + 1), b), 3":  {"decimal(10,2)", "((a + 1), b)", "3"},
		"a,":                              {"a"},
		",a":                              {"", "a"},
		"a,,b":                            {"a", "", "b"},
		"a /* , */ b":                     {"a b"},
		"a), b":                           {"a), b"}, // a parenthesis too many: nothing is cut that may belong together
		"'a,b' 'c', 1":                    {"'a,b' 'c'", "1"},
		"`a` enum('x','y'), `b` set('z')": {"`a` enum('x','y')", "`b` set('z')"},
	} {
		var got []string
		for _, part := range sqltext.SplitCommas(sqltext.Tokens(text, sqltext.Mode{})) {
			got = append(got, sqltext.Join(part))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
	}
}

// TestQuote: every name that is quoted is read back as one name, whatever stands
// in it; no name ends its own quotes.
func TestQuote(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"users": "`users`", "my table": "`my table`", "a`b": "`a``b`", "`": "````", "``": "``````", "": "``", "a.b": "`a.b`",
		"x'y\"z": "`x'y\"z`", "a\\": "`a\\`", "größe": "`größe`", "a\nb": "`a\nb`", "`; DROP TABLE t; --": "```; DROP TABLE t; --`",
	} {
		if got := sqltext.Quote(name); got != want {
			t.Errorf("%q is quoted as %s, not %s", name, got, want)
		}
	}
	r := rand.New(rand.NewPCG(5, 6))
	letters := []rune("ab`'\"\\.;-# \n/*ü世")
	for range 3000 {
		name := make([]rune, r.IntN(12))
		for i := range name {
			name[i] = letters[r.IntN(len(letters))]
		}
		for _, mode := range []sqltext.Mode{{}, {ANSIQuotes: true}, {NoBackslashEscapes: true}, {Flavor: sqltext.MariaDB}} {
			toks := sqltext.Tokens("DROP TABLE "+sqltext.Quote(string(name))+" -- `", mode)
			if len(toks) != 3 || toks[2].Kind != sqltext.Name || toks[2].Value() != string(name) {
				t.Fatalf("%q is read back as %s", string(name), describe(toks))
			}
		}
	}
}

// TestNameAt: qualified names as people and servers write them.
func TestNameAt(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]struct{ name, rest string }{
		"users (a)":            {"users", "(a)"},
		"`my users` (a)":       {"my users", "(a)"},
		"db.users (a)":         {"users", "(a)"},
		"`d``b`.`us``ers` (a)": {"us`ers", "(a)"},
		"db . users (a)":       {"users", "(a)"},
		".users (a)":           {"users", "(a)"},
		"a.b.c (a)":            {"c", "(a)"},
		"'users' (a)":          {"users", "(a)"},
		"\"users\" (a)":        {"users", "(a)"},
		"users":                {"users", ""},
		"users.":               {"users", "."},
		"db.(a)":               {"(", "a)"}, // what no server takes is cut somewhere, without a panic
		"(a)":                  {"", "(a)"},
		"1 a":                  {"", "1 a"},
		"":                     {"", ""},
		".":                    {"", ""},
	} {
		toks := sqltext.Tokens(text, sqltext.Mode{})
		name, i := sqltext.NameAt(toks, 0)
		if got := sqltext.Join(toks[min(i, len(toks)):]); name.Value() != want.name || got != want.rest {
			t.Errorf("%q: %q, then %q; want %q, then %q", text, name.Value(), got, want.name, want.rest)
		}
	}
}

// TestUnquote reads texts as both kinds of sessions do.
func TestUnquote(t *testing.T) {
	t.Parallel()
	cases := []struct{ literal, escapes, plain string }{
		{`''`, "", ""},
		{`'a'`, "a", "a"},
		{`"a"`, "a", "a"},
		{`'it''s'`, "it's", "it's"},
		{`"say ""x"""`, `say "x"`, `say "x"`},
		{`'"'`, `"`, `"`},
		{`"''"`, `''`, `''`},
		{`'a\nb'`, "a\nb", `a\nb`},
		{`'a\tb\rc\bd'`, "a\tb\rc\bd", `a\tb\rc\bd`},
		{`'nul\0sub\Z'`, "nul\x00sub\x1a", `nul\0sub\Z`},
		{`'a\\b'`, `a\b`, `a\\b`},
		{`'100\%'`, `100\%`, `100\%`},
		{`'a\_b'`, `a\_b`, `a\_b`},
		{`'\q'`, "q", `\q`},
		{`'\N'`, "N", `\N`},
		{`'C:\\'`, `C:\`, `C:\\`},
		{`'C:\'`, `C:\`, `C:\`},
		{`'ü\'`, `ü\`, `ü\`},
		{`x`, "x", "x"},
		{``, "", ""},
	}
	for _, c := range cases {
		if got := sqltext.Unquote(c.literal, false); got != c.escapes {
			t.Errorf("%s is %q, not %q", c.literal, got, c.escapes)
		}
		if got := sqltext.Unquote(c.literal, true); got != c.plain {
			t.Errorf("%s without escapes is %q, not %q", c.literal, got, c.plain)
		}
	}
}

// TestScanner_depth: the place in executed comments, and that it ends.
func TestScanner_depth(t *testing.T) {
	t.Parallel()
	s := sqltext.NewScanner("a /*!50100 b /* c */ d */ e", sqltext.Mode{})
	s.SetDelimiter("//")
	if got := s.Delimiter(); got != "//" {
		t.Errorf("the delimiter is %q", got)
	}
	depths := map[string]int{}
	for tok := s.Scan(); tok.Kind != sqltext.End; tok = s.Scan() {
		if tok.Kind == sqltext.Word {
			depths[tok.Text] = s.Depth()
		}
	}
	if diff := cmp.Diff(map[string]int{"a": 0, "b": 1, "d": 1, "e": 0}, depths); diff != "" {
		t.Errorf("depths (-want +got):\n%s", diff)
	}
	broken := sqltext.NewScanner("a 'b", sqltext.Mode{})
	for tok := broken.Scan(); tok.Kind != sqltext.End; tok = broken.Scan() {
	}
	if err := broken.Err(); err == nil || err.Error() != "a text in ' quotes is never closed" || err.At != 2 {
		t.Errorf("got %v", broken.Err())
	}
}
