package mysql //nolint:testpackage // the rule is not exported

import "testing"

func TestFlattenJoins(t *testing.T) {
	t.Parallel()
	const table = " json_table(`j`, '$[*]' columns (`z` int path '$')) `jt`"
	tests := map[string]struct{ text, want string }{
		"as written":    {"select 1 from `t` join" + table, "select 1 from `t` join" + table},
		"as printed":    {"select 1 from (`t` join" + table + ")", "select 1 from `t` join" + table},
		"nested":        {"select (1 + 2) from ((`t` join `u` on((`a` = `b`))) join" + table + ") where (1 = 1)", "select (1 + 2) from `t` join `u` on((`a` = `b`)) join" + table + " where (1 = 1)"},
		"subquery":      {"select 1 from (select ')' from `t` join" + table + ") `x`", "select 1 from (select ')' from `t` join" + table + ") `x`"},
		"to the right":  {"select 1 from `t` join (`u` join" + table + ")", "select 1 from `t` join (`u` join" + table + ")"},
		"a column":      {"select `from`,(`a`) from `t` join" + table, "select `from`,(`a`) from `t` join" + table},
		"no JSON_TABLE": {"select 1 from (`t` join `u`)", "select 1 from (`t` join `u`)"},
		"never closed":  {"select 1 from (`t` join json_table", "select 1 from `t` join json_table"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := string(flattenJoins([]byte(test.text))); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func TestSettleExpression(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ text, want string }{
		"escaped quotes":   {"(not((`code` like _utf8mb4\\'%/%\\')))", "(not((`code` like \\'%/%\\')))"},
		"plain quotes":     {"_ascii'a'", "'a'"},
		"two":              {"concat(_utf8mb4'a',_latin1'b')", "concat('a','b')"},
		"binary":           {"(`a` <> _binary'a')", "(`a` <> _binary'a')"},
		"beyond ASCII":     {"_utf8mb4'ä'", "_utf8mb4'ä'"},
		"a column":         {"(`_utf8mb4` <> 'x')", "(`_utf8mb4` <> 'x')"},
		"the end of words": {"(`a_b`'x')", "(`a_b`'x')"},
		"a negative":       {"(`a` > -(1)) and (`b` > -(2.5))", "(`a` > -1) and (`b` > -2.5)"},
		"a difference":     {"(`a` -(`b`))", "(`a` -(`b`))"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := string(settleExpression([]byte(test.text))); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}
