package source

import (
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
)

// target is the left side of one assignment of a SET statement.
type target struct {
	at    int    // offset
	scope string // GLOBAL, SESSION … or empty
	name  string // upper case for system variables; as written for others
	kind  targetKind
}

type targetKind uint8

const (
	targetUser   targetKind = iota // @x
	targetSystem                   // @@x, SESSION x
	targetName                     // x: a local variable, or a system variable
	targetField                    // NEW.x, record.x
)

var scopes = []string{"GLOBAL", "SESSION", "LOCAL", "PERSIST", "PERSIST_ONLY"}

// targets reads the assignments of the SET statement at token i, up to the
// next `;`.
func (g *guard) targets(i int) []target {
	var out []target
	depth, expect := 0, true
	for i++; i < len(g.toks); i++ {
		t := g.toks[i]
		switch {
		case t.IsPunct('('):
			depth++
		case t.IsPunct(')'):
			depth--
		case depth == 0 && t.IsPunct(';'):
			return out
		case depth == 0 && t.IsPunct(','):
			expect = true
			continue
		case expect:
			var x target
			x, i = g.target(i)
			out = append(out, x)
		}
		expect = false
	}
	return out
}

// target reads one left side at token i and returns the index of its last token.
func (g *guard) target(i int) (target, int) {
	t := g.toks[i]
	x := target{at: t.Start, name: t.Value(), kind: targetName}
	switch {
	case t.Kind == sqltext.Variable && strings.HasPrefix(t.Text, "@@"):
		x.kind = targetSystem
		x.scope, x.name, i = g.variable(i)
		i--
	case t.Kind == sqltext.Variable:
		x.kind = targetUser
	case t.IsAny(scopes...) && i+1 < len(g.toks) && g.toks[i+1].IsName():
		i++
		x = target{at: t.Start, scope: strings.ToUpper(t.Text), name: strings.ToUpper(g.toks[i].Value()), kind: targetSystem}
	case t.Is("CHARACTER") && g.is(i+1, "SET"):
		i++
		x.name = "CHARSET"
	case g.is(i+1, "."):
		i = min(i+2, len(g.toks)-1)
		x.kind = targetField
	}
	return x, i
}

// variable reads the system variable at token i: its scope, if it has one, and its name,
// both in upper case, and the index behind. Each part may be quoted, and blanks may
// stand round the dots.
func (g *guard) variable(i int) (scope, name string, end int) {
	name = strings.ToUpper(strings.ReplaceAll(g.toks[i].Text[2:], "`", ""))
	for i++; i < len(g.toks) && (g.toks[i].IsPunct('.') || strings.HasSuffix(name, ".") && g.toks[i].IsName()); i++ {
		name += strings.ToUpper(g.toks[i].Value())
	}
	if first, rest, ok := strings.Cut(name, "."); ok && slices.Contains(scopes, first) {
		return first, rest, i
	}
	return "", name, i
}

// setStatement judges a SET that is no part of a body. It returns true when the
// statement is settled.
func (g *guard) setStatement() bool {
	targets := g.targets(0)
	users, settings := 0, 0
	for _, x := range targets {
		switch {
		case x.kind == targetUser:
			users++
		case x.kind == targetField, x.kind == targetName && !isDumpVariable(strings.ToUpper(x.name)):
		case x.scope != "" && x.scope != "SESSION" && x.scope != "LOCAL" && x.name != "GTID_PURGED":
		case isDumpVariable(strings.ToUpper(x.name)):
			settings++
		}
	}
	templates := inTemplates.has(g.rules.Layer)
	switch {
	case templates && len(targets) > 0 && users == len(targets) && g.layer() != LayerSchema:
		return false
	case templates && len(targets) > 0 && users+settings == len(targets):
		return g.leaveOut("is of no use here: the settings of the session are fixed")
	}
	if g.is(0, "SET", "PASSWORD") || g.is(0, "SET", "ROLE") || g.is(0, "SET", "DEFAULT") || g.is(0, "SET", "STATEMENT") || g.is(0, "SET", "TRANSACTION") ||
		templates && (g.is(0, "SET", "SESSION", "TRANSACTION") || g.is(0, "SET", "LOCAL", "TRANSACTION")) {
		return false
	}
	for _, x := range targets {
		g.setting(x)
	}
	if len(g.faults) == 0 {
		g.add(0, CodeVariable, summaryFor(CodeVariable), "`SET` changes the session. %s", nextLeaveOut)
	}
	return true
}

// setting makes the fault of one assignment.
func (g *guard) setting(x target) {
	const summary = "Settings cannot be changed"
	switch {
	case x.kind == targetUser:
		if g.layer() == LayerSchema || g.layer() == LayerCustomization {
			g.add(x.at, CodeVariable, summary, "`%s` keeps a value in the session, which is of no use here. %s", x.name, nextLeaveOut)
		}
	case x.scope == "GLOBAL" || x.scope == "PERSIST" || x.scope == "PERSIST_ONLY":
		g.add(x.at, CodeVariable, summary, "`%s` is a setting of the whole server. %s", strings.ToLower(x.name), nextOperator)
	default:
		g.add(x.at, CodeVariable, summary, "`%s` is a setting of the session. %s", strings.ToLower(x.name), nextSettings)
	}
}

// setInBody judges a SET in the body of a routine: it may assign to variables
// and fields, not to settings.
func (g *guard) setInBody(i int) {
	if g.is(i+1, "PASSWORD") || g.is(i+1, "ROLE") || g.is(i+1, "DEFAULT") || g.is(i+1, "STATEMENT") || g.is(i+1, "TRANSACTION") {
		return // there is a rule for each
	}
	declared := g.declared()
	for _, x := range g.targets(i) {
		name := strings.ToUpper(x.name)
		if x.kind == targetName && !declared[name] && (name == "PASSWORD" || name == "ROLE") { // MariaDB takes both behind a comma
			g.add(x.at, CodeAccount, summaryFor(CodeAccount), "`SET %s` is about accounts. %s", name, nextAccounts)
			continue
		}
		if x.kind == targetSystem || x.kind == targetName && !declared[name] {
			if g.reaching(x.at, name) {
				continue
			}
			if g.layer() != LayerCustomization && x.scope != "GLOBAL" && x.scope != "PERSIST" && x.scope != "PERSIST_ONLY" {
				continue
			}
			g.setting(x)
		}
	}
}

// reaching refuses an assignment to one of loggedSettings or engineSettings.
func (g *guard) reaching(at int, name string) bool {
	if slices.Contains(engineSettings, name) {
		g.add(at, CodeVariable, summaryFor(CodeVariable), "`%s` decides where tables keep their rows. Write the `ENGINE` of each table.", strings.ToLower(name))
		return true
	}
	if !slices.Contains(loggedSettings, name) {
		return false
	}
	g.add(at, CodeVariable, summaryFor(CodeVariable), "`%s` decides what the server logs, and what its replicas get. %s", strings.ToLower(name), nextLeaveOut)
	return true
}

// declared are the local variables and parameters of a routine, in upper case.
func (g *guard) declared() map[string]bool {
	if g.locals != nil {
		return g.locals
	}
	names := map[string]bool{}
	g.locals = names
	depth := 0
	for i, t := range g.toks {
		switch {
		case t.IsPunct('('):
			depth++
		case t.IsPunct(')'):
			depth--
		case t.Is("DECLARE"):
			for k := i + 1; k < len(g.toks) && g.toks[k].IsName(); k += 2 {
				names[strings.ToUpper(g.toks[k].Value())] = true
				if !g.is(k+1, ",") {
					break
				}
			}
		case t.Is("FOR") && i+2 < len(g.toks) && g.toks[i+1].IsName() && g.is(i+2, "IN"):
			names[strings.ToUpper(g.toks[i+1].Value())] = true
		case depth == 1 && t.IsName() && g.isParameter(i):
			names[strings.ToUpper(t.Value())] = true
		}
	}
	return names
}

// isParameter says whether the name at token i stands where a parameter of the
// routine does: behind `(` or `,`, with or without IN, OUT, INOUT.
func (g *guard) isParameter(i int) bool {
	if len(g.begins) > 0 && i >= g.begins[0] {
		return false
	}
	prev := g.toks[i-1]
	return prev.IsPunct('(') || prev.IsPunct(',') || prev.IsAny("IN", "OUT", "INOUT")
}
