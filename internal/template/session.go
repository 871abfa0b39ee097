package template

import "fmt"

// Joined says which statements belong into the transaction of the one before
// them, because of what that one leaves in its session: a run that is cut off
// goes on in another session, where variables are empty. From the first
// statement on that names a user variable, all statements on rows go together,
// since triggers may read it too. Of statements that ask for what the one before
// has done, such as `LAST_INSERT_ID()`, all before them go along.
//
// A statement that changes the structure ends every transaction, so nothing can
// be handed on over it. The findings name the statements that try to.
func Joined(statements []Statement) ([]bool, []Finding) {
	joined := make([]bool, len(statements))
	var findings []Finding
	left, rows := map[string]bool{}, false // what statements before the last change of the structure have left
	for from := 0; from < len(statements); {
		to := from
		for to < len(statements) && !statements[to].ChangesStructure() {
			to++
		}
		findings = append(findings, joinRows(statements[from:to], joined[from:to], left, rows)...)
		rows = rows || to > from
		from = to + 1
	}
	return joined, findings
}

// joinRows joins statements on rows between which nothing changes the structure.
// Others are behind such ones, which have left the variables in left.
func joinRows(statements []Statement, joined []bool, left map[string]bool, behind bool) []Finding {
	var findings []Finding
	first := len(statements) // that others go together with
	known := map[string]bool{}
	for i := range statements {
		use := statements[i].SessionUse()
		for _, name := range use.Set {
			known[name] = true
		}
		for _, name := range use.Variables {
			if left[name] && !known[name] {
				findings = append(findings, handedOver(statements[i], name, fmt.Sprintf("Set it again behind that statement, for example with `SET %s = (SELECT …)`.", name)))
			}
			known[name] = true
			first = min(first, i)
		}
		switch {
		case len(use.Former) > 0 && i > 0:
			first = 0
		case len(use.Former) > 0 && behind:
			findings = append(findings, handedOver(statements[i], use.Former[0], "Put the statement that it asks about right in front of it."))
		}
	}
	for i := first + 1; i < len(statements); i++ {
		joined[i] = true
	}
	for name := range known {
		left[name] = true
	}
	return findings
}

func handedOver(st Statement, what, next string) Finding {
	return Finding{
		Severity: SeverityError, File: st.File, Line: st.Line, Column: st.Column, Summary: "Session value does not last that long",
		Detail: fmt.Sprintf("`%s` is what a statement before has left in the session, and one that changes the structure stands between the two. "+
			"It commits by itself, so a run that is cut off behind it goes on in a session without that value. %s", what, next),
	}
}
