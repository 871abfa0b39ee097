package replay

import (
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint/script"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
)

// programs are the stored programs and views of a database while its log is
// replayed. None of them is in the target meanwhile: what triggers and events
// did is in the log as rows, and what a view or routine is needs no rows. What
// the log does to them is done to this list, which is created at the end.
type programs struct {
	list []*program // triggers in the order in which they fire
	fold func(string) string
}

// A program is one of them.
type program struct {
	ddl.Object

	zone    string        // of an event
	event   *eventParts   // of an event
	trigger *triggerParts // of a trigger
	alters  []string      // ALTER PROCEDURE and ALTER FUNCTION, in order
}

// newPrograms takes those of a schema.
func newPrograms(s script.Schema, fold func(string) string) *programs {
	p := &programs{fold: fold}
	for _, o := range s.Objects {
		if o.Kind == ddl.KindTable || o.Kind == ddl.KindSequence {
			continue
		}
		one := &program{Object: o, zone: s.EventTimeZones[o.Name]}
		one.takeApart(0)
		p.list = append(p.list, one)
	}
	p.order()
	return p
}

// takeApart reads the text of a trigger or event. The mode is that of its text.
func (o *program) takeApart(mode uint64) bool {
	switch o.Kind {
	case ddl.KindTrigger:
		o.trigger = readTrigger(o.SQL, mode)
		return o.trigger != nil
	case ddl.KindEvent:
		o.event = readEvent(o.SQL, mode)
		return o.event != nil
	}
	return true
}

// order puts triggers behind those that they follow.
func (p *programs) order() {
	list := p.list
	p.list = nil
	for len(list) > 0 {
		left := list[:0:0]
		for _, o := range list {
			if o.trigger != nil && o.trigger.follows != "" && p.find(ddl.KindTrigger, o.trigger.follows) == nil &&
				slices.ContainsFunc(list, func(b *program) bool {
					return b.Kind == ddl.KindTrigger && p.same(b, ddl.KindTrigger, o.trigger.follows)
				}) {
				left = append(left, o)
				continue
			}
			p.insert(o)
		}
		if len(left) == len(list) { // a circle: no server makes one
			p.list = append(p.list, left...)
			return
		}
		list = left
	}
}

// insert puts a program behind or before the trigger that it names.
func (p *programs) insert(o *program) {
	if o.trigger != nil {
		for i, b := range p.list {
			switch {
			case b.Kind != ddl.KindTrigger:
			case o.trigger.follows != "" && p.same(b, ddl.KindTrigger, o.trigger.follows):
				p.list = slices.Insert(p.list, i+1, o)
				return
			case o.trigger.precedes != "" && p.same(b, ddl.KindTrigger, o.trigger.precedes):
				p.list = slices.Insert(p.list, i, o)
				return
			}
		}
	}
	p.list = append(p.list, o)
}

// same says whether a program has this kind and name. Routines and events are
// compared without case, views and triggers as the server compares tables.
func (p *programs) same(o *program, kind ddl.Kind, name string) bool {
	if o.Kind != kind {
		return false
	}
	if kind == ddl.KindView || kind == ddl.KindTrigger {
		return p.fold(o.Name) == p.fold(name)
	}
	return strings.EqualFold(o.Name, name)
}

func (p *programs) find(kind ddl.Kind, name string) *program {
	for _, o := range p.list {
		if p.same(o, kind, name) {
			return o
		}
	}
	return nil
}

func (p *programs) remove(kind ddl.Kind, name string) {
	p.list = slices.DeleteFunc(p.list, func(o *program) bool { return p.same(o, kind, name) })
}

// add takes a program that was created, in place of one of the same name.
func (p *programs) add(o *program) {
	p.remove(o.Kind, o.Name)
	p.insert(o)
}

// dropTable removes the triggers of a table that is gone.
func (p *programs) dropTable(name string) {
	p.list = slices.DeleteFunc(p.list, func(o *program) bool { return o.Kind == ddl.KindTrigger && p.fold(o.Table) == p.fold(name) })
}

// renameTable moves the triggers of a table along. It says whether the name is
// that of a view, which is renamed like a table.
func (p *programs) renameTable(from, to string) (view bool) {
	for _, o := range p.list {
		switch {
		case o.Kind == ddl.KindTrigger && p.fold(o.Table) == p.fold(from):
			o.Table = to
		case p.same(o, ddl.KindView, from):
			o.SQL, o.Name = renameView(o.SQL, to), to
			return true
		}
	}
	return false
}

func renameView(sql, to string) string {
	st := parseLogStatement(sql, 0)
	if len(st.objects) == 0 {
		return sql
	}
	return applyEdits(sql, []edit{{st.objects[0].start, st.objects[0].end, mysql.Quote(to)}})
}

// schema returns what the list holds now, as a server would print it.
func (p *programs) schema(broken []string) script.Schema {
	s := script.Schema{Broken: broken}
	last := map[string]string{} // the trigger before, by table, time and event
	for _, o := range p.list {
		object := o.Object
		switch {
		case o.event != nil:
			object.SQL = o.event.render(o.Name)
			if o.zone != "" {
				if s.EventTimeZones == nil {
					s.EventTimeZones = map[string]string{}
				}
				s.EventTimeZones[o.Name] = o.zone
			}
		case o.trigger != nil:
			key := p.fold(o.Table) + "\x00" + o.trigger.moment
			object.SQL = o.trigger.render(o.Name, o.Table, last[key])
			last[key] = o.Name
		}
		s.Objects = append(s.Objects, object)
	}
	return s
}

// triggerParts is the text of a trigger in parts.
type triggerParts struct {
	head     string // CREATE, and who made it
	moment   string // BEFORE INSERT
	follows  string
	precedes string
	body     string
}

// readTrigger takes the text of a trigger apart; nil when it is none.
func readTrigger(sql string, mode uint64) *triggerParts {
	p := &logParser{logStatement: logStatement{text: sql, tokens: sqltext.Tokens(sql, logMode(mode))}}
	if !p.accept("CREATE") {
		return nil
	}
	p.modifiers()
	t := &triggerParts{head: sql[:p.at(0).Start]}
	if !p.accept("TRIGGER") {
		return nil
	}
	p.existence()
	if _, ok := p.name(); !ok {
		return nil
	}
	var moment []string
	for p.i < len(p.tokens) && !p.at(0).Is("ON") {
		moment = append(moment, strings.ToUpper(p.at(0).Value()))
		p.i++
	}
	t.moment = strings.Join(moment, " ")
	p.accept("ON")
	if _, ok := p.name(); !ok || !p.accept("FOR", "EACH", "ROW") {
		return nil
	}
	end := p.at(-1).End
	for _, place := range []struct {
		word string
		name *string
	}{{"FOLLOWS", &t.follows}, {"PRECEDES", &t.precedes}} {
		if p.at(0).Is(place.word) && p.at(1).IsName() {
			*place.name, end = p.at(1).Value(), p.at(1).End
			p.i += 2
		}
	}
	t.body = strings.TrimLeft(sql[end:], " ")
	return t
}

func (t *triggerParts) render(name, table, after string) string {
	order := ""
	if after != "" {
		order = " FOLLOWS " + mysql.Quote(after)
	}
	return t.head + "TRIGGER " + mysql.Quote(name) + " " + t.moment + " ON " + mysql.Quote(table) + " FOR EACH ROW" + order + " " + t.body
}

// eventParts is the text of an event in parts; empty ones are not written.
type eventParts struct {
	head       string // CREATE, and who made it
	schedule   string // EVERY 1 DAY
	completion string // ON COMPLETION NOT PRESERVE
	state      string // ENABLE, DISABLE, DISABLE ON SLAVE
	comment    string // with its quotes
	body       string
}

// readEvent takes the text of a CREATE EVENT or ALTER EVENT apart; nil when it
// is none.
func readEvent(sql string, mode uint64) *eventParts {
	p := &logParser{logStatement: logStatement{text: sql, tokens: sqltext.Tokens(sql, logMode(mode))}}
	if !p.accept("CREATE") && !p.accept("ALTER") {
		return nil
	}
	p.modifiers()
	e := &eventParts{head: sql[:p.at(0).Start]}
	if !p.accept("EVENT") {
		return nil
	}
	p.existence()
	if _, ok := p.name(); !ok {
		return nil
	}
	part, start := &e.head, -1 // where the text of a part begins
	end := func() {
		if start >= 0 {
			*part = strings.TrimSpace(sql[start:p.at(0).Start])
			start = -1
		}
	}
	for p.i < len(p.tokens) {
		switch {
		case p.at(0).Is("ON") && p.at(1).Is("SCHEDULE"):
			p.i += 2
			part, start = &e.schedule, p.at(0).Start
			continue
		case p.at(0).Is("ON") && p.at(1).Is("COMPLETION"):
			end()
			part, start = &e.completion, p.at(0).Start
			p.i++
		case p.at(0).IsAny("ENABLE", "DISABLE"):
			end()
			part, start = &e.state, p.at(0).Start
			if p.at(1).Is("ON") && p.at(2).IsAny("SLAVE", "REPLICA") {
				p.i += 2
			}
		case p.at(0).Is("RENAME") && p.at(1).Is("TO"):
			end()
			p.i += 2
			p.name()
			continue
		case p.at(0).Is("COMMENT"):
			end()
			part, start = &e.comment, p.at(1).Start
		case p.at(0).Is("DO"):
			end()
			e.body = strings.TrimSpace(sql[p.at(0).End:])
			return e
		}
		p.i++
	}
	if start >= 0 {
		*part = strings.TrimSpace(sql[start:])
	}
	return e
}

// render writes it with all that a server prints, so that it can be disabled.
func (e *eventParts) render(name string) string {
	completion, state := e.completion, e.state
	if completion == "" {
		completion = "ON COMPLETION NOT PRESERVE"
	}
	if state == "" {
		state = "ENABLE"
	}
	text := e.head + "EVENT " + mysql.Quote(name) + " ON SCHEDULE " + e.schedule + " " + completion + " " + state
	if e.comment != "" {
		text += " COMMENT " + e.comment
	}
	return text + " DO " + e.body
}

// alter takes the parts that an ALTER EVENT names.
func (e *eventParts) alter(by *eventParts) {
	for _, part := range []struct{ to, from *string }{
		{&e.schedule, &by.schedule}, {&e.completion, &by.completion}, {&e.state, &by.state}, {&e.comment, &by.comment}, {&e.body, &by.body},
	} {
		if *part.from != "" {
			*part.to = *part.from
		}
	}
}
