package diff

import (
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
)

// drop appends the statement that drops an object that is no table. MariaDB before
// 11.4 knows packages only in the sql_mode that they were made in.
func (p *planner) drop(o ddl.Object) {
	c := Change{SQL: "DROP " + strings.ToUpper(string(o.Kind)) + " " + sqltext.Quote(o.Name), Operation: dropOf(o.Kind), Table: o.Table}
	if o.Kind == ddl.KindPackage || o.Kind == ddl.KindPackageBody {
		c.Settings = o.Settings()
	}
	p.add(c, o.Kind, o.Name)
}

// create appends the statement that creates an object that is no table.
func (p *planner) create(o ddl.Object) {
	c := Change{SQL: strings.TrimSpace(o.SQL), Operation: createOf(o.Kind), Table: o.Table, Settings: o.Settings()}
	p.add(c, o.Kind, o.Name)
}

// changed returns the object of the other side when it differs.
func (p *planner) changed(o ddl.Object) (old ddl.Object, exists, differs bool) {
	old, exists = p.from.objects[o.Key()]
	return old, exists, !exists || !p.sameObject(old, o)
}

func (p *planner) isGone(o ddl.Object) bool {
	_, ok := p.to.objects[o.Key()]
	return !ok
}

// routines creates procedures, functions and packages: before the views that
// may call them.
func (p *planner) routines() {
	for _, o := range p.to.ofKinds(ddl.KindPackage, ddl.KindPackageBody, ddl.KindFunction, ddl.KindProcedure) {
		old, exists, differs := p.changed(o)
		if !differs && !(o.Kind == ddl.KindPackageBody && p.packageChanged(o)) {
			continue
		}
		// Dropping a package takes its body with it.
		if exists && !(o.Kind == ddl.KindPackageBody && p.packageChanged(o)) {
			p.drop(old)
		}
		p.create(o)
	}
}

func (p *planner) packageChanged(body ddl.Object) bool {
	spec, ok := p.to.objects[string(ddl.KindPackage)+" "+body.Name]
	if !ok {
		return false
	}
	_, exists, differs := p.changed(spec)
	return exists && differs
}

func (p *planner) dropRoutines() {
	for _, o := range p.from.ofKinds(ddl.KindProcedure, ddl.KindFunction, ddl.KindPackageBody, ddl.KindPackage) {
		if p.isGone(o) {
			p.drop(o)
		}
	}
}

// dropTriggersAndEvents drops what goes, and the triggers that change on tables
// that change: an old trigger may name a column that goes. Triggers of tables
// that go are dropped by name, so that the table can be moved aside.
func (p *planner) dropTriggersAndEvents() {
	for _, o := range p.from.ofKinds(ddl.KindTrigger, ddl.KindEvent) {
		if p.isGone(o) || p.dropsFirst(o) {
			p.drop(o)
		}
	}
}

// dropsFirst says whether a trigger that changes is dropped before its table
// changes.
func (p *planner) dropsFirst(old ddl.Object) bool {
	o, ok := p.to.objects[old.Key()]
	if !ok || old.Kind != ddl.KindTrigger || p.sameObject(old, o) {
		return false
	}
	plan := p.plans[old.Table]
	return plan == nil || plan.changed() || o.Table != old.Table
}

func (p *planner) triggersAndEvents() {
	triggers := triggerOrder(p.to.ofKinds(ddl.KindTrigger))
	for _, o := range append(triggers, p.to.ofKinds(ddl.KindEvent)...) {
		old, exists, differs := p.changed(o)
		if !differs {
			continue
		}
		if exists && !p.dropsFirst(old) {
			p.drop(old)
		}
		if o.Kind == ddl.KindTrigger {
			o.SQL = p.placed(o, triggers)
		}
		p.create(o)
	}
}

// triggerOrder sorts triggers so that each one comes behind the one that it
// FOLLOWS.
func triggerOrder(triggers []ddl.Object) []ddl.Object {
	var out []ddl.Object
	done := map[string]bool{"": true}
	for rest := slices.Clone(triggers); len(rest) > 0; {
		next := max(0, slices.IndexFunc(rest, func(o ddl.Object) bool { return done[readTrigger(o).follows] }))
		out = append(out, rest[next])
		done[rest[next].Name] = true
		rest = slices.Delete(rest, next, next+1)
	}
	return out
}

// placed returns the text of a trigger that is created. One that fires first
// would be appended behind its kin that stays.
func (p *planner) placed(o ddl.Object, triggers []ddl.Object) string {
	h := readTrigger(o)
	if h.follows != "" || h.body == 0 {
		return o.SQL
	}
	for _, kin := range triggers {
		k := readTrigger(kin)
		if _, _, differs := p.changed(kin); kin.Name == o.Name || differs || kin.Table != o.Table || k.when != h.when {
			continue
		}
		return o.SQL[:h.body] + " PRECEDES " + sqltext.Quote(kin.Name) + o.SQL[h.body:]
	}
	return o.SQL
}

// triggerHead is what the words before the body of a trigger say.
type triggerHead struct {
	when    string // BEFORE INSERT …
	follows string
	body    int // offset behind FOR EACH ROW
}

func readTrigger(o ddl.Object) triggerHead {
	c := &sqltext.Cursor{Source: o.SQL, Tokens: sqltext.Head(o.SQL, sqltext.Mode{}, sqltext.HeadLength)}
	h := triggerHead{}
	for ; !c.Done(); c.Index++ {
		switch {
		case c.Peek().IsAny("before", "after") && h.when == "":
			h.when = sqltext.Canonical(c.Tokens[c.Index:min(c.Index+2, len(c.Tokens))])
		case c.Accept("for", "each", "row"):
			h.body = c.Tokens[c.Index-1].End
			if c.Accept("follows") {
				h.follows = c.Next().Value()
			}
			return h
		}
	}
	return h
}

// dropViews drops the views that go, the ones that read others first.
func (p *planner) dropViews() {
	var gone []ddl.Object
	for _, o := range viewOrder(p.from.ofKinds(ddl.KindView)) {
		if p.isGone(o) {
			gone = append(gone, o)
		}
	}
	slices.Reverse(gone)
	for _, o := range gone {
		p.drop(o)
	}
}

// views creates and replaces views, the ones that others read first. A server
// replaces a view at one stroke, also when its old text no longer works.
func (p *planner) views() {
	for _, o := range viewOrder(p.to.ofKinds(ddl.KindView)) {
		_, exists, differs := p.changed(o)
		switch {
		case !differs:
		case exists:
			c := Change{SQL: replaceView(o.SQL), Operation: OpReplaceView, Settings: o.Settings()}
			p.add(c, ddl.KindView, o.Name)
		default:
			o.SQL = sqltext.Join(sqltext.Tokens(o.SQL, sqltext.Mode{}))
			p.create(o)
		}
	}
}

// replaceView turns CREATE into CREATE OR REPLACE.
func replaceView(sql string) string {
	c := sqltext.NewCursor(sql)
	if !c.Accept("create") || c.At("or", "replace") {
		return sqltext.Join(c.Tokens)
	}
	return "CREATE OR REPLACE " + sqltext.Join(c.Tokens[1:])
}

// viewOrder sorts views so that each one comes behind those that it reads.
func viewOrder(views []ddl.Object) []ddl.Object {
	names := map[string]bool{}
	for _, v := range views {
		names[v.Name] = true
	}
	reads := map[string][]string{}
	for _, v := range views {
		reads[v.Name] = sourcesOf(v, names)
	}
	var out []ddl.Object
	done := map[string]bool{}
	for rest := slices.Clone(views); len(rest) > 0; {
		next := max(0, slices.IndexFunc(rest, func(v ddl.Object) bool {
			return !slices.ContainsFunc(reads[v.Name], func(n string) bool { return !done[n] })
		}))
		out = append(out, rest[next])
		done[rest[next].Name] = true
		rest = slices.Delete(rest, next, next+1)
	}
	return out
}

// sourcesOf returns the views that a view reads. A server prints columns with
// the name of their table before them and aliases behind AS or a name, so a name
// that stands alone behind FROM, JOIN, a comma or a parenthesis is a source.
func sourcesOf(v ddl.Object, names map[string]bool) []string {
	toks := sqltext.Tokens(v.SQL, sqltext.Mode{})
	var out []string
	for i := 1; i < len(toks); i++ {
		t, before := toks[i], toks[i-1]
		if t.Kind != sqltext.Name || t.Value() == v.Name || !names[t.Value()] || i+1 < len(toks) && toks[i+1].IsPunct('.') {
			continue
		}
		if before.IsAny("from", "join", "straight_join") || before.IsPunct(',') || before.IsPunct('(') && !(i > 1 && toks[i-2].Is("using")) {
			out = append(out, t.Value())
		}
	}
	return out
}

// sequences creates and alters MariaDB's sequences: before the tables whose
// defaults draw from them.
func (p *planner) sequences() {
	for _, o := range p.to.ofKinds(ddl.KindSequence) {
		old, exists, differs := p.changed(o)
		sql := sqltext.Join(sqltext.Tokens(o.SQL, sqltext.Mode{}))
		switch {
		case !differs:
		case !exists:
			p.add(Change{SQL: sql, Operation: createOf(ddl.KindSequence)}, ddl.KindSequence, o.Name)
		default:
			body, ok := sequenceChange(old.SQL, o.SQL)
			if !ok {
				p.cannot(ddl.KindSequence, o.Name, "no ALTER SEQUENCE changes its table options")
				continue
			}
			c := Change{SQL: "ALTER SEQUENCE " + sqltext.Quote(o.Name) + " " + body, Operation: OpAlterSequence, Reason: "its current value stays as it is"}
			p.add(c, ddl.KindSequence, o.Name)
		}
	}
}

// sequenceChange returns the options of a sequence that ALTER SEQUENCE takes; ok
// is false when something else differs, such as the engine.
func sequenceChange(from, to string) (body string, ok bool) {
	split := func(sql string) (options, rest string) {
		c := sqltext.NewCursor(sql)
		c.Accept("create", "sequence")
		_, c.Index = sqltext.NameAt(c.Tokens, c.Index)
		start := c.Index
		for !c.Done() && !c.At("engine") && !c.At("comment") {
			c.Index++
		}
		return sqltext.Join(c.Since(start)), sqltext.Canonical(c.Tokens[c.Index:])
	}
	_, fromRest := split(from)
	body, toRest := split(to)
	return body, fromRest == toRest
}

func (p *planner) sequenceNameTaken(name string) bool {
	for _, k := range []ddl.Kind{ddl.KindTable, ddl.KindView} {
		if _, ok := p.to.objects[string(k)+" "+name]; ok {
			return true
		}
	}
	return false
}

func (p *planner) dropSequences() {
	for _, o := range p.from.ofKinds(ddl.KindSequence) {
		if p.isGone(o) && !p.sequenceNameTaken(o.Name) {
			p.dropSequence(o)
		}
	}
}

func (p *planner) dropSequence(o ddl.Object) {
	c := Change{
		SQL: "DROP SEQUENCE " + sqltext.Quote(o.Name), Operation: dropOf(ddl.KindSequence),
		Destructive: true, Lost: "sequence `" + o.Name + "` with its current value",
	}
	p.add(c, ddl.KindSequence, o.Name)
}
