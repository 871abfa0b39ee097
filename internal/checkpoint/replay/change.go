package replay

import (
	"context"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/binlog"
)

// programStatement notes what happens to a view, routine, trigger or event.
func (r *replayer) programStatement(ctx context.Context, q *binlog.Query, st *logStatement) error {
	var mine []logObject
	for _, o := range st.objects {
		if r.ours(q, o) {
			mine = append(mine, o)
		}
	}
	if len(mine) == 0 {
		if st.to != nil && r.ours(q, *st.to) {
			return r.unreplayable("an event came from another database", brief(q.Text), nil)
		}
		return nil
	}
	r.concerns = true
	r.out.Statements++
	kind := st.programKind()
	switch {
	case st.verb == "DROP":
		for _, o := range mine {
			r.programs.remove(kind, o.name)
		}
		return nil
	case st.verb == "ALTER" && kind == ddl.KindEvent:
		return r.alterEvent(ctx, q, st)
	case st.verb == "ALTER" && kind != ddl.KindView:
		return r.alterRoutine(ctx, q, st)
	case st.ifNot && r.programs.find(kind, mine[0].name) != nil:
		return nil
	case kind == ddl.KindView && q.Database != "" && !r.isSource(q.Database):
		// Names without a database in its query mean tables of the other one.
		return r.unreplayable("a view was made while another database was the default one", brief(q.Text), nil)
	}
	o, err := r.object(ctx, q, st)
	if err != nil {
		return err
	}
	r.programs.add(o)
	return nil
}

// object makes an object of a statement that creates one.
func (r *replayer) object(ctx context.Context, q *binlog.Query, st *logStatement) (*program, error) {
	o := &program{Object: ddl.Object{Kind: st.programKind(), Name: st.objects[0].name}, zone: q.TimeZone}
	if st.on != nil {
		o.Table = st.on.name
	}
	if err := r.settingsOf(ctx, q, o); err != nil {
		return nil, r.unreplayable("a statement cannot be repeated", brief(q.Text), err)
	}
	text, err := r.unicodeText(ctx, r.unqualified(st), o.CharacterSetClient)
	if err != nil {
		return nil, r.unreplayable("a statement cannot be repeated", brief(q.Text), err)
	}
	o.SQL = text
	if !o.takeApart(q.SQLMode) {
		return nil, r.unreplayable("a statement is not understood", brief(q.Text), nil)
	}
	return o, nil
}

// settingsOf notes the settings that the server keeps with an object.
func (r *replayer) settingsOf(ctx context.Context, q *binlog.Query, o *program) error {
	client, err := r.characterSet(q)
	if err != nil {
		return err
	}
	o.CharacterSetClient, o.CollationConnection = client, r.collations[q.Connection].collation
	if o.Kind != ddl.KindView {
		o.SQLMode, err = r.modeNames(ctx, q.SQLMode)
	}
	return err
}

// unqualified is the text of an object as it stands in a database of any name:
// without the name of its own one, as [mysql.Object] has it. Where that name is
// also an alias, only what is certain is removed.
func (r *replayer) unqualified(st *logStatement) string {
	toks := st.tokens
	var edits []edit
	head := map[int]bool{} // names whose place says that they name a database
	for _, o := range append([]*logObject{st.on, st.to}, pointers(st.objects)...) {
		if o != nil && o.database != "" {
			head[o.start] = true
		}
	}
	qualifies := func(i int) bool {
		return toks[i].IsName() && r.isSource(toks[i].Value()) && !(i > 0 && qualified(toks[i-1]))
	}
	dot := func(i int) bool { return i+1 < len(toks) && toks[i].IsPunct('.') && toks[i+1].IsName() }
	alone := false
	for i := range toks {
		alone = alone || qualifies(i) && !dot(i+1)
	}
	for i := range toks {
		if !qualifies(i) || !dot(i+1) || alone && !dot(i+3) && !head[toks[i].Start] {
			continue
		}
		edits = append(edits, edit{toks[i].Start, toks[i+2].Start, ""})
	}
	text := applyEdits(st.text, edits)
	if st.verb == "ALTER" { // ALTER VIEW defines it anew
		text = "CREATE" + text[toks[0].End:]
	}
	return text
}

func pointers(objects []logObject) []*logObject {
	out := make([]*logObject, len(objects))
	for i := range objects {
		out[i] = &objects[i]
	}
	return out
}

// alterEvent changes the parts of an event that a statement names. Whoever
// alters an event becomes its definer.
func (r *replayer) alterEvent(ctx context.Context, q *binlog.Query, st *logStatement) error {
	o := r.programs.find(ddl.KindEvent, st.objects[0].name)
	if o == nil || o.event == nil {
		return r.unreplayable("an event was altered that is not known", brief(q.Text), nil)
	}
	if st.to != nil && !r.ours(q, *st.to) {
		r.programs.remove(ddl.KindEvent, o.Name)
		return nil
	}
	by, err := r.object(ctx, q, st)
	if err != nil {
		return err
	}
	o.event.alter(by.event)
	definer := by.event.head
	if !strings.Contains(strings.ToUpper(definer), "DEFINER") && q.InvokerUser != "" {
		definer = "CREATE DEFINER=" + mysql.Quote(q.InvokerUser) + "@" + mysql.Quote(q.Invoker) + " "
	}
	if strings.Contains(strings.ToUpper(definer), "DEFINER") {
		o.event.head = definer
	}
	if by.event.body != "" {
		o.SQLMode, o.CharacterSetClient, o.CollationConnection = by.SQLMode, by.CharacterSetClient, by.CollationConnection
	}
	if by.event.schedule != "" {
		o.zone = q.TimeZone
	}
	if st.to != nil {
		o.Name = st.to.name
	}
	return nil
}

// alterRoutine keeps an ALTER PROCEDURE or ALTER FUNCTION for the end: it
// changes properties, not the text.
func (r *replayer) alterRoutine(ctx context.Context, q *binlog.Query, st *logStatement) error {
	kind := st.programKind()
	o := r.programs.find(kind, st.objects[0].name)
	if o == nil {
		return r.unreplayable("a routine was altered that is not known", brief(q.Text), nil)
	}
	text, err := r.unicodeText(ctx, st.text[st.objects[0].end:], r.collations[q.Client].characterSet)
	if err != nil {
		return err
	}
	o.alters = append(o.alters, "ALTER "+strings.ToUpper(string(kind))+" "+mysql.Quote(o.Name)+text)
	return nil
}
