package source

import "github.com/landlord-db/terraform-provider-landlord/internal/sqltext"

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
