package catalog //nolint:testpackage // the rule is not exported

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
		"of the table":     {`(replace(a,_utf8mb3\'ä\',_utf8mb3\'a\'))`, `(replace(a,_utf8mb4\'ä\',_utf8mb4\'a\'))`},
		"a column":         {"(`_utf8mb4` <> 'x')", "(`_utf8mb4` <> 'x')"},
		"the end of words": {"(`a_b`'x')", "(`a_b`'x')"},
		"a negative":       {"(`a` > -(1)) and (`b` > -(2.5))", "(`a` > -1) and (`b` > -2.5)"},
		"a difference":     {"(`a` -(`b`))", "(`a` -(`b`))"},
		"space":            {"(`a` > - (1))", "(`a` > -1)"},

		"a negative in a text":                 {"(`a` <> _utf8mb4'x -(1)')", "(`a` <> 'x -(1)')"},
		"in an escaped text":                   {`(` + "`a`" + ` <> _utf8mb4\'x -(1)\') and (-(1) < 0)`, `(` + "`a`" + ` <> \'x -(1)\') and (-1 < 0)`},
		"an introducer in a text":              {`concat('see _latin1\'x\' and ',_ascii'y')`, `concat('see _latin1\'x\' and ','y')`},
		"in a text in which quotes come twice": {`concat('see _latin1''x'' and ',_ascii'y')`, `concat('see _latin1''x'' and ','y')`},
		"in an escaped text, escaped":          {`concat(\'see _latin1\\\'x\\\' and \',_ascii\'y\')`, `concat(\'see _latin1\\\'x\\\' and \',\'y\')`},
		"a backslash ends a text":              {`concat(\'\\\\\',_ascii\'y\')`, `concat(\'\\\\\',\'y\')`},
		"a negative in a name":                 {"(`x -(1)` > -(1))", "(`x -(1)` > -1)"},
		"an introducer in a name":              {"(`x _ascii'a'` = _ascii'a')", "(`x _ascii'a'` = 'a')"},
		"a quote in a name":                    {"(`it's` = _ascii'a') or (`it's` = -(1))", "(`it's` = 'a') or (`it's` = -1)"},
		"the same, escaped":                    {`(` + "`it\\'s`" + ` = _ascii\'a\')`, `(` + "`it\\'s`" + ` = \'a\')`},
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
