package rowcopy

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint/value"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
)

// Parents come before their children; tables in a circle, and those that refer to
// themselves, are groups (in braces) that are written without checks.
func TestOrderCopy(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ tables, want string }{
		"none":              {"", ""},
		"one":               {"a", "a"},
		"parents first":     {"a>b b>c c", "c b a"},
		"two children":      {"a>c b>c c", "c a b"},
		"two parents":       {"a>b,c b c", "b c a"},
		"to itself":         {"a>a b", "{a} b"},
		"circle":            {"a>b b>a c>a", "{a b} c"},
		"circle of three":   {"a>b b>c c>a d>a e", "{a b c} d e"},
		"two circles":       {"a>b b>a,c c>d d>c", "{c d} {a b}"},
		"not copied":        {"a>x b", "a b"},
		"another database":  {"a>other.b b", "a b"},
		"own name spelled":  {"a>target.b b", "b a"},
		"in another case":   {"A>b B", "B A"},
		"told apart":        {"a A", "a A"},
		"parent told apart": {"c>A a A", "A c a"},
		"diamond":           {"a>b,c b>d c>d d", "d b c a"},
		"circle below tree": {"a>b b>c c>b", "{b c} a"},
	} {
		var tables []*copyTable
		for _, text := range strings.Fields(c.tables) {
			name, parents, _ := strings.Cut(text, ">")
			table := &copyTable{name: name}
			for _, parent := range strings.FieldsFunc(parents, func(r rune) bool { return r == ',' }) {
				f := ddl.ForeignKeyInfo{Table: parent}
				if database, table, ok := strings.Cut(parent, "."); ok {
					f.Database, f.Table = database, table
				}
				table.references = append(table.references, f)
			}
			tables = append(tables, table)
		}
		var got []string
		for _, g := range orderCopy(tables, "target") {
			var names []string
			for _, table := range g.tables {
				names = append(names, table.name)
			}
			text := strings.Join(names, " ")
			if g.unchecked {
				text = "{" + text + "}"
			}
			got = append(got, text)
		}
		if diff := cmp.Diff(c.want, strings.Join(got, " ")); diff != "" {
			t.Errorf("%s: %s (-want +got):\n%s", name, c.tables, diff)
		}
	}
}

// Equal values of two types have one form, and others have not.
func TestCanon(t *testing.T) {
	t.Parallel()
	for kind, cases := range map[string]map[string]string{
		"decimal":  {"1.50": "1.5", "1.00": "1", "100": "100", "0.10": "0.1", "-3.000": "-3", "": ""},
		"double":   {"0.10": "0.1", "-0": "0", "1e3": "1000", "1e+100": "1e+100", "x": "x"},
		"datetime": {"2024-01-01 00:00:00": "2024-01-01", "2024-01-01 10:00:00.500": "2024-01-01 10:00:00.5", "2024-01-01": "2024-01-01", "2024-01-01 00:00:00.000000": "2024-01-01"},
		"bit":      {"\x00\x00\x01": "\x01", "\x00": "\x00", "\x01\x00": "\x01\x00"},
	} {
		canon := canonFor(kind)
		for value, want := range cases {
			if got := string(canon([]byte(value))); got != want {
				t.Errorf("%s %q: got %q, want %q", kind, value, got, want)
			}
		}
	}
	if canonFor("varchar") != nil {
		t.Error("text has no other form")
	}
	for document, want := range map[string]string{
		`{"b": 1, "a": 2}`:                `{"a":2,"b":1}`,
		`{"a": 1, "a": 2}`:                `{"a":2}`,
		`[1.0, 1e2, 1.50]`:                `[1,100,1.5]`,
		`18446744073709551615`:            `18446744073709551615`,
		`-9223372036854775808`:            `-9223372036854775808`,
		`{"x": [{"z": null, "y": true}]}`: `{"x":[{"y":true,"z":null}]}`,
		`{broken`:                         `{broken`,
	} {
		if got := string(canonJSON([]byte(document))); got != want {
			t.Errorf("%s: got %s, want %s", document, got, want)
		}
	}
}

// The condition for the rows behind a key is one that servers read as ranges.
func TestAfter(t *testing.T) {
	t.Parallel()
	column := func(name string, kind value.Kind) copyColumn {
		return copyColumn{name: name, bare: name, source: "`" + name + "`", target: "`" + name + "`", write: value.Column{Name: name, Kind: kind}}
	}
	table := &copyTable{
		name: "t", columns: []copyColumn{column("id", value.Plain), column("code", value.Text), column("state", value.Text)},
		key: []copyKey{{column: 0}, {column: 1}, {column: 2, number: true, members: enumMembers("enum('a','b''c')")}},
	}
	key := func(parts ...string) [][]byte {
		out := make([][]byte, len(parts))
		for i := range parts {
			out[i] = []byte(parts[i])
		}
		return out
	}
	for _, c := range []struct {
		key  [][]byte
		want string
	}{
		{nil, "TRUE"},
		{key("5", "it's", "1"), "(`id` > 5 OR `id` = 5 AND `code` > 'it\\'s' OR `id` = 5 AND `code` = 'it\\'s' AND `state` IN ('b''c'))"},
		{key("5", "x", "2"), "(`id` > 5 OR `id` = 5 AND `code` > 'x' OR `id` = 5 AND `code` = 'x' AND FALSE)"},
		{key("5", "x", "0"), "(`id` > 5 OR `id` = 5 AND `code` > 'x' OR `id` = 5 AND `code` = 'x' AND `state` IN ('a', 'b''c'))"},
		{key("5", "x", "9"), "(`id` > 5 OR `id` = 5 AND `code` > 'x' OR `id` = 5 AND `code` = 'x' AND `state` > 9)"},
	} {
		if diff := cmp.Diff(c.want, table.after(c.key)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
	if diff := cmp.Diff("`t`.`id`, `t`.`code`, `t`.`state`", table.order()); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
	digits := encodeKey(key("5", "x", "1"))
	for name, c := range map[string]struct {
		digits []string
		want   bool
	}{
		"none": {nil, true}, "own": {digits, true}, "short": {digits[:2], false}, "no digits": {[]string{"zz", "78", "31"}, false},
		"SQL in a number": {encodeKey(key("5 OR 1", "x", "1")), false}, "SQL in a position": {encodeKey(key("5", "x", "1) OR (1")), false}, "empty number": {encodeKey(key("", "x", "1")), false},
	} {
		if got := table.takesKey(c.digits); got != c.want {
			t.Errorf("a key from the journal, %s: %t", name, got)
		}
	}
}
