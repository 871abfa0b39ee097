package sqltext_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
)

var kindNames = map[sqltext.Kind]string{
	sqltext.End: "end", sqltext.Word: "word", sqltext.Name: "name", sqltext.String: "string", sqltext.Number: "number", sqltext.Variable: "variable",
	sqltext.Punct: "punct", sqltext.Delimiter: "delimiter", sqltext.Comment: "comment", sqltext.Hint: "hint", sqltext.Open: "open",
	sqltext.Close: "close", sqltext.Space: "space", sqltext.Broken: "broken",
}

// describe writes tokens as `kind text`, one after the other, punctuation as it is.
func describe(tokens []sqltext.Token) string {
	var out []string
	for _, t := range tokens {
		if t.Kind == sqltext.Punct {
			out = append(out, t.Text)
			continue
		}
		out = append(out, kindNames[t.Kind]+" "+t.Text)
	}
	return strings.Join(out, " | ")
}

// scan returns all tokens but white space, and why the text ends too early.
func scan(text, delimiter string, mode sqltext.Mode) ([]sqltext.Token, *sqltext.Error) {
	s := sqltext.NewScanner(text, mode)
	s.SetDelimiter(delimiter)
	var out []sqltext.Token
	for {
		switch t := s.Scan(); t.Kind {
		case sqltext.End:
			return out, s.Err()
		case sqltext.Space:
		default:
			out = append(out, t)
		}
	}
}

func TestScanner(t *testing.T) {
	t.Parallel()
	var (
		ansi    = sqltext.Mode{ANSIQuotes: true}
		plain   = sqltext.Mode{NoBackslashEscapes: true}
		mysql   = sqltext.Mode{Flavor: sqltext.MySQL}
		mariadb = sqltext.Mode{Flavor: sqltext.MariaDB}
		both    = sqltext.Mode{ANSIQuotes: true, NoBackslashEscapes: true}
	)
	cases := map[string]struct {
		text string
		mode sqltext.Mode
		want string
	}{
		// Words, names, texts.
		"words":                        {text: "SELECT _a, b$1, größe", want: "word SELECT | word _a | , | word b$1 | , | word größe"},
		"letters at the ends":          {text: "a z A Z a0 a9 Ā \u007f", want: "word a | word z | word A | word Z | word a0 | word a9 | word Ā | \u007f"},
		"white space of all sorts":     {text: "a\tb\nc\vd\fe\rf", want: "word a | word b | word c | word d | word e | word f"},
		"word that begins with digits": {text: "2fa 1e5x 0xfg", want: "word 2fa | number 1e5 | word x | word 0xfg"},
		"backquotes":                   {text: "`a b` `x``y` ``", want: "name `a b` | name `x``y` | name ``"},
		"backslash in backquotes":      {text: "`a\\` b", want: "name `a\\` | word b"},
		"texts":                        {text: `'it''s' "say ""hi""" 'a\'b' '\\'`, want: `string 'it''s' | string "say ""hi""" | string 'a\'b' | string '\\'`},
		"text over lines":              {text: "'a\nb'", want: "string 'a\nb'"},
		"text with what would end it":  {text: `'/* -- # ; */'`, want: `string '/* -- # ; */'`},
		"introducers":                  {text: `_utf8mb4'a' N'b' x'41'`, want: `word _utf8mb4 | string 'a' | word N | string 'b' | word x | string '41'`},

		// sql_mode.
		"double quotes":                {text: `"a" 'b'`, want: `string "a" | string 'b'`},
		"ANSI_QUOTES":                  {text: `"a""b" 'c'`, mode: ansi, want: `name "a""b" | string 'c'`},
		"ANSI_QUOTES and backslash":    {text: `"a\" b 'c\'d'`, mode: ansi, want: `name "a\" | word b | string 'c\'d'`},
		"NO_BACKSLASH_ESCAPES":         {text: `'a\' b "c\" d`, mode: plain, want: `string 'a\' | word b | string "c\" | word d`},
		"both":                         {text: `"a\" 'b\' c`, mode: both, want: `name "a\" | string 'b\' | word c`},
		"escapes":                      {text: `'a\' b' c`, want: `string 'a\' b' | word c`},
		"variable under ANSI_QUOTES":   {text: `@"a\" b`, mode: ansi, want: `variable @"a\" | word b`},
		"variable without escapes":     {text: `@'a\' b`, mode: plain, want: `variable @'a\' | word b`},
		"account in several spellings": {text: "a@localhost 'a'@'%' `a`@`b` a @ b", want: "word a | variable @localhost | string 'a' | variable @'%' | name `a` | variable @`b` | word a | variable @ | word b"},

		// Numbers.
		"numbers":                      {text: "1 1.5 .5 1. 1e3 1.5E-3 0x1F 0b01", want: "number 1 | number 1.5 | number .5 | number 1. | number 1e3 | number 1.5E-3 | number 0x1F | number 0b01"},
		"shortest of a radix":          {text: "0x1 0b1 0x 0b 1x1", want: "number 0x1 | number 0b1 | word 0x | word 0b | word 1x1"},
		"number behind a dot":          {text: "t.1a t.5", want: "word t | . | word 1a | word t | . | word 5"},
		"dot behind a name":            {text: "`t`.5 t .5", want: "name `t` | . | word 5 | word t | number .5"},
		"number that MySQL reads over": {text: "a 1.e.b, f .5E(1), 1.5e+.c 1.e5.d", want: "word a | comment 1.e | . | word b | , | word f | comment .5E | ( | number 1 | ) | , | comment 1.5e+ | . | word c | number 1.e5 | . | word d"},
		"NULL of MariaDB":              {text: `SELECT \NFROM t`, want: `word SELECT | number \N | word FROM | word t`},
		"word behind an exponent":      {text: "1e1INTO 1E+2x 1.5FROM", want: "number 1e1 | word INTO | number 1E+2 | word x | number 1.5 | word FROM"},
		"exponent without digit":       {text: "1e+a", want: "word 1e | + | word a"},
		"range of numbers":             {text: "1..2", want: "number 1. | number .2"},

		// Variables.
		"variables":         {text: "@a @@b @@global.c @`d e` @'f' @\"g\" @", want: "variable @a | variable @@b | variable @@global.c | variable @`d e` | variable @'f' | variable @\"g\" | variable @"},
		"variable and name": {text: "@a.b c", want: "variable @a.b | word c"},
		"assignment":        {text: "@a:=1", want: "variable @a | : | = | number 1"},

		// Comments.
		"dashes":                      {text: "a -- b\nc", want: "word a | comment -- b | word c"},
		"dashes at the end":           {text: "a --", want: "word a | comment --"},
		"dashes and a tab":            {text: "--\ta", want: "comment --\ta"},
		"dashes and a control":        {text: "--\x01a\nb", want: "comment --\x01a | word b"},
		"minus minus":                 {text: "5--1", want: "number 5 | - | - | number 1"},
		"hash":                        {text: "a#b\nc", want: "word a | comment #b | word c"},
		"hash and a carriage return":  {text: "#a\r\nb", want: "comment #a\r | word b"},
		"comment":                     {text: "a/* ' ; */b", want: "word a | comment /* ' ; */ | word b"},
		"comment of nothing":          {text: "/**/ a /***/", want: "comment /**/ | word a | comment /***/"},
		"comments do not nest":        {text: "/* a /* b */ c */", want: "comment /* a /* b */ | word c | * | /"},
		"hint":                        {text: "SELECT /*+ MAX_EXECUTION_TIME(5) */ 1", want: "word SELECT | hint /*+ MAX_EXECUTION_TIME(5) */ | number 1"},
		"executed":                    {text: "/*!40101 SET x */", want: "open /*!40101 | word SET | word x | close */"},
		"executed without a version":  {text: "/*! a */", want: "open /*! | word a | close */"},
		"executed, digits of a name":  {text: "/*!400011a */", want: "open /*!400011 | word a | close */"},
		"executed with a comment":     {text: "/*! a /* b */ c */ d", want: "open /*! | word a | comment /* b */ | word c | close */ | word d"},
		"executed in executed":        {text: "/*! a /*!50000 b */ c */ d", want: "open /*! | word a | open /*!50000 | word b | close */ | word c | close */ | word d"},
		"executed with a text":        {text: "/*! '*/' */", want: "open /*! | string '*/' | close */"},
		"end of a comment alone":      {text: "a */ b", want: "word a | * | / | word b"},
		"MariaDB, any":                {text: "/*M! a */ /*M!100100 b */", want: "open /*M! | word a | close */ | open /*M!100100 | word b | close */"},
		"MariaDB for MySQL":           {text: "/*M! a */ b", mode: mysql, want: "comment /*M! a */ | word b"},
		"MariaDB for MariaDB":         {text: "/*M!100100 a */", mode: mariadb, want: "open /*M!100100 | word a | close */"},
		"small m is no mark":          {text: "/*m! a */", want: "comment /*m! a */"},
		"newer MySQL, any":            {text: "/*!80000 a */", want: "open /*!80000 | word a | close */"},
		"newer MySQL for MySQL":       {text: "/*!80000 a */", mode: mysql, want: "open /*!80000 | word a | close */"},
		"newer MySQL for MariaDB":     {text: "/*!80000 a */ b", mode: mariadb, want: "comment /*!80000 a */ | word b"},
		"newer, with a comment in it": {text: "/*!80000 a /* b */ c */ d", mode: mariadb, want: "comment /*!80000 a /* b */ c */ | word d"},
		"first that MariaDB skips":    {text: "/*!50700 a */ b", mode: mariadb, want: "comment /*!50700 a */ | word b"},
		"older MySQL for MariaDB":     {text: "/*!50699 a */", mode: mariadb, want: "open /*!50699 | word a | close */"},
		"six digits for MariaDB":      {text: "/*!100100 a */", mode: mariadb, want: "open /*!100100 | word a | close */"},
		"first line of a dump":        {text: `/*M!999999\- enable the sandbox mode */ a`, want: `comment /*M!999999\- enable the sandbox mode */ | word a`},

		// What never ends.
		"open text":                {text: "a 'b", want: "word a | broken 'b"},
		"open text, escaped":       {text: `'b\'`, want: `broken 'b\'`},
		"open name":                {text: "`b``", want: "broken `b``"},
		"open comment":             {text: "a /* b", want: "word a | broken /* b"},
		"open executed comment":    {text: "/*! b", want: "open /*! | word b"},
		"open skipped comment":     {text: "/*!80000 a /* b */", mode: mariadb, want: "broken /*!80000 a /* b */"},
		"open skipped, at a star":  {text: "/*!80000 a *", mode: mariadb, want: "broken /*!80000 a *"},
		"open skipped, at a slash": {text: "/*!80000 a /", mode: mariadb, want: "broken /*!80000 a /"},
		"slash and star":           {text: "/*/", want: "broken /*/"},
		"empty":                    {},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tokens, err := scan(tc.text, "", tc.mode)
			if diff := cmp.Diff(tc.want, describe(tokens)); diff != "" {
				t.Errorf("tokens (-want +got):\n%s", diff)
			}
			if open := strings.HasPrefix(name, "open ") || name == "slash and star"; open != (err != nil) {
				t.Errorf("error %v", err)
			}
		})
	}
}

// What never ends begins where it is said to: an executed comment in another
// is not the one that matters.
func TestScanner_errors(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]sqltext.Error{
		"a 'b":              {At: 2, Reason: "a text in ' quotes is never closed"},
		"a @`b":             {At: 3, Reason: "a text in ` quotes is never closed"},
		"a /* b":            {At: 2, Reason: "a comment (`/*`) is never closed"},
		"a /*! b":           {At: 2, Reason: "a comment that is executed (`/*!`) is never closed"},
		"a /*! b /*!5 c":    {At: 2, Reason: "a comment that is executed (`/*!`) is never closed"},
		"a /*! b */ /*! c":  {At: 11, Reason: "a comment that is executed (`/*!`) is never closed"},
		"a /*! b /*!5 c */": {At: 2, Reason: "a comment that is executed (`/*!`) is never closed"},
	} {
		_, err := scan(text, "", sqltext.Mode{})
		if err == nil || *err != want {
			t.Errorf("%q: %+v, want %+v", text, err, want)
		}
	}
}

func TestScanner_delimiter(t *testing.T) {
	t.Parallel()
	cases := map[string]struct{ text, delimiter, want string }{
		"none":                {"a;b", "", "word a | ; | word b"},
		"semicolon":           {"a;b", ";", "word a | delimiter ; | word b"},
		"slashes":             {"a;b//c", "//", "word a | ; | word b | delimiter // | word c"},
		"dollars cut a word":  {"END$$", "$$", "word END | delimiter $$"},
		"one dollar":          {"a$b $", "$", "word a | delimiter $ | word b | delimiter $"},
		"word":                {"a go b", "go", "word a | delimiter go | word b"},
		"word at the start":   {"go b", "go", "delimiter go | word b"},
		"word at the end":     {"a go", "go", "word a | delimiter go"},
		"word in a word":      {"ago gone", "go", "word ago | word gone"},
		"case of a word":      {"a GO b", "go", "word a | word GO | word b"},
		"in a text":           {"';'", ";", "string ';'"},
		"in a comment":        {"/* ; */ -- ;", ";", "comment /* ; */ | comment -- ;"},
		"in executed":         {"/*! a; */;", ";", "open /*! | word a | ; | close */ | delimiter ;"},
		"behind a variable":   {"@a//", "//", "variable @a | delimiter //"},
		"dots of a variable":  {"@a..", "..", "variable @a | delimiter .."},
		"longer than the end": {"a/", "//", "word a | /"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tokens, _ := scan(tc.text, tc.delimiter, sqltext.Mode{})
			if diff := cmp.Diff(tc.want, describe(tokens)); diff != "" {
				t.Errorf("tokens (-want +got):\n%s", diff)
			}
		})
	}
}

func TestScanner_SkipLine(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{"a": 1, "a\nb": 1, "a b\nc": 3, "a b": 3} {
		s := sqltext.NewScanner(text, sqltext.Mode{})
		s.Scan()
		if s.SkipLine(); s.Pos() != want {
			t.Errorf("%q: skipped to %d, want %d", text, s.Pos(), want)
		}
	}
}

func TestReadDelimiter(t *testing.T) {
	t.Parallel()
	cases := map[string]struct{ delimiter, problem string }{
		" //":           {delimiter: "//"},
		"\t$$ \r":       {delimiter: "$$"},
		" ;; rest":      {delimiter: ";;"},
		" go\tx":        {delimiter: "go"},
		" '|'":          {delimiter: "|"},
		" \"a\"":        {delimiter: "a"},
		"":              {problem: "`DELIMITER` names no delimiter"},
		" \\":           {problem: "`\\` cannot be a delimiter: it would begin a text or a comment"},
		" --":           {problem: "`--` cannot be a delimiter: it would begin a text or a comment"},
		" /*":           {problem: "`/*` cannot be a delimiter: it would begin a text or a comment"},
		" a'b":          {problem: "`a'b` cannot be a delimiter: it would begin a text or a comment"},
		" ''":           {problem: "`''` cannot be a delimiter: it would begin a text or a comment"},
		" #":            {problem: "`#` cannot be a delimiter: it would begin a text or a comment"},
		"   \v  //  \f": {delimiter: "//"},
	}
	for text, want := range cases {
		if delimiter, problem := sqltext.ReadDelimiter(text); delimiter != want.delimiter || problem != want.problem {
			t.Errorf("%q: %q, %q", text, delimiter, problem)
		}
	}
}

func TestStartsLine(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		before   string
		comments bool
		want     bool
	}{
		{"", false, true}, {" \t", false, true}, {"a\n ", false, true}, {"a ", false, false},
		{"a */ ", true, true}, {"a */ ", false, false}, {"a\r\n", false, true},
	} {
		if got := sqltext.StartsLine(tc.before+"X", len(tc.before), tc.comments); got != tc.want {
			t.Errorf("%q, comments %v: %v", tc.before, tc.comments, got)
		}
	}
}

func TestToken(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"`a``b`": "a`b", "``": "", "Word": "Word", `'it''s'`: "it's", `'''a'''`: "'a'", `"a""b"`: `a"b`, `'\n\t\r\b\0\Z\%\_\x\\'`: "\n\t\r\b\x00\x1a\\%\\_x\\", "''": "", "@x": "@x", "12": "12",
	} {
		if got := sqltext.Tokens(text, sqltext.Mode{})[0].Value(); got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
	if got := sqltext.Tokens(`"a""b"`, sqltext.Mode{ANSIQuotes: true})[0].Value(); got != `a"b` {
		t.Errorf("a name in double quotes: %q", got)
	}
	if got := sqltext.Unquote(`'a\n'`, true); got != `a\n` {
		t.Errorf("a text without escapes: %q", got)
	}
	if got := sqltext.Unquote(`'a\'`, false); got != `a\` {
		t.Errorf("a text that ends in a backslash: %q", got)
	}
	select1 := sqltext.Tokens("select `select` (", sqltext.Mode{})
	if !select1[0].Is("SELECT") || select1[0].Is("SELEC") || !select1[0].IsAny("A", "Select") || select1[1].Is("SELECT") || !select1[1].IsName() || !select1[2].IsPunct('(') {
		t.Errorf("words, names and punctuation are confused: %v", select1)
	}
}

// TestToken_IsSwallowed: of what counts as a comment, only what MySQL reads over
// in a number is its own.
func TestToken_IsSwallowed(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"1.e": true, ".5E": true, "0.e+": true, "9.5e-": true, // begins with a digit or a point
		"-- 1.e": false, "# 1.e": false, "/* 1.e */": false, // a comment
		"1.5": false, "1e5": false, ".5": false, ".": false, "1a": false, "'1.e'": false, // no comment
	} {
		tokens, _ := scan(text, "", sqltext.Mode{})
		if got := tokens[0].IsSwallowed(); got != want || len(tokens) != 1 {
			t.Errorf("%s: swallowed %t: %s", text, got, describe(tokens))
		}
	}
}

// TestMarks: which executed comments every server executes, and which MariaDB
// skips. What is only digits enough for one product is for that one.
func TestMarks(t *testing.T) {
	t.Parallel()
	for mark, want := range map[string]struct{ all, newer bool }{
		"/*!40101":  {all: true},
		"/*!50699":  {all: true},
		"/*!50700":  {newer: true},
		"/*!80000":  {newer: true},
		"/*!99999":  {newer: true},
		"/*!100100": {}, // MySQL takes five digits of it
		"/*!080000": {},
		"/*!5070":   {},
		"/*!":       {},
		"/*M!50500": {},
		"/*M!80000": {},
		"/*40101":   {},
	} {
		if all, newer := sqltext.IsForAllServers(mark), sqltext.IsForNewerMySQL(mark); all != want.all || newer != want.newer {
			t.Errorf("%s: for all servers %t, for newer MySQL %t", mark, all, newer)
		}
	}
}

// TestToken_UserVariable: names of user variables are the same in any letters, and
// in any quotes; those of the server are none.
func TestToken_UserVariable(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"@A": "@a", "@`A`": "@a", "@'A'": "@a", `@"A"`: "@a", "@@sql_mode": "", "a": "", "'@a'": ""} {
		if got := sqltext.Tokens(text, sqltext.Mode{})[0].UserVariable(); got != want {
			t.Errorf("%s: %q, not %q", text, got, want)
		}
	}
}

func TestTokens(t *testing.T) {
	t.Parallel()
	const text = "a /* b */ /*+ c */ /*!40000 d */ -- e\n; 'f"
	if diff := cmp.Diff("word a | word d | ;", describe(sqltext.Tokens(text, sqltext.Mode{}))); diff != "" {
		t.Errorf("all (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff("word a | word d", describe(sqltext.Head(text, sqltext.Mode{}, 2))); diff != "" {
		t.Errorf("two (-want +got):\n%s", diff)
	}
}

// The tokens joined are the text, whatever it is, each is where it says, and
// there is one at least every byte.
func FuzzScanner(f *testing.F) {
	for _, seed := range []string{
		"SELECT `a``b`.\"c\" FROM t WHERE x = 'it\\'s' -- end\n", "/*!50000 a /*M! b */ */ # c", "1.5e-3 .5 t.5 @@global.x @'y' 0x1f",
		"DELIMITER $$\nBEGIN a; END$$", "'", "`", "/*", "/*!", "\\", "é\xff\x00", "/*!80000 /* */ */", `/*M!999999\- enable the sandbox mode */`,
	} {
		f.Add(seed, ";", uint8(0))
		f.Add(seed, "$$", uint8(7))
	}
	f.Fuzz(func(t *testing.T, text, delimiter string, bits uint8) {
		mode := sqltext.Mode{ANSIQuotes: bits&1 != 0, NoBackslashEscapes: bits&2 != 0, Flavor: sqltext.Flavor(bits >> 2 % 3)}
		s := sqltext.NewScanner(text, mode)
		s.SetDelimiter(delimiter)
		var joined strings.Builder
		for n := 0; ; n++ {
			tok := s.Scan()
			if tok.Kind == sqltext.End {
				break
			}
			if n > len(text) || tok.Text == "" || tok.Start != joined.Len() || tok.End != tok.Start+len(tok.Text) {
				t.Fatalf("token %d is %+v behind %d bytes", n, tok, joined.Len())
			}
			joined.WriteString(tok.Text)
			_ = tok.Value()
		}
		if joined.String() != text {
			t.Errorf("the tokens of %q are %q", text, joined.String())
		}
	})
}

// What a scanner does for a byte does not grow with the text: it copies nothing,
// whatever the text, and a text that is made to be looked through again and again
// costs as much a byte as a plain one.
func TestScanner_linear(t *testing.T) {
	for _, part := range []string{"SET @a=1,@b=2;", "a /* b */ c ", "`a` 'b' ", "/*! a */ ", "-- a\n", "-- ", "/*! ", "1.5e3 x.5 ", "- -", "@@a.b "} {
		text := strings.Repeat(part, 10_000)
		if n := testing.AllocsPerRun(1, func() {
			s := sqltext.NewScanner(text, sqltext.Mode{})
			s.SetDelimiter("//")
			for s.Scan().Kind != sqltext.End { //nolint:revive // reading is the point
			}
		}); n > 3 {
			t.Errorf("%q: %v allocations", part, n)
		}
	}
}

func BenchmarkScanner(b *testing.B) {
	for _, n := range []int{1_000, 100_000} {
		text := strings.Repeat("SET @a=1,@b=2;", n)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				for s := sqltext.NewScanner(text, sqltext.Mode{}); s.Scan().Kind != sqltext.End; { //nolint:revive // reading is the point
				}
			}
		})
	}
}
