package source

import (
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
)

// EventEnds says whether the CREATE EVENT or ALTER EVENT of a text gives an event
// a last run: it runs once (AT), or its schedule has an end (ENDS). The server
// drops such an event afterwards, or disables it.
func EventEnds(text string) bool {
	depth, schedule := 0, false
	toks := sqltext.Tokens(text, sqltext.Mode{})
	for i, t := range toks {
		switch {
		case t.IsPunct('('):
			depth++
		case t.IsPunct(')'):
			depth--
		case depth > 0:
		case t.Is("SCHEDULE") && i > 0 && toks[i-1].Is("ON"):
			schedule = true
			if i+1 < len(toks) && toks[i+1].Is("AT") {
				return true
			}
		case schedule && t.Is("ENDS"):
			return true
		case schedule && t.IsAny("DO", "COMMENT", "ENABLE", "DISABLE", "COMPLETION"):
			return false
		}
	}
	return false
}

// schedule refuses an event whose schedule is more than a moment or an interval: the
// server computes it when the event is made, with the rights of whoever applies, and
// keeps what comes out where the tenant can read it.
func (g *guard) schedule() {
	if g.st.Kind != ddl.KindEvent {
		return
	}
	if t := sqltext.EventSchedule(g.st.Text); t.Kind != sqltext.End {
		g.add(t.Start, CodeOption, summaryFor(CodeOption), "`%s` stands in the schedule of event `%s`, which is computed with the rights of whoever applies. Write moments and intervals: values, `CURRENT_TIMESTAMP`, and functions that compute with dates.",
			sqltext.OneLine(t.Text), g.st.Object)
	}
}
