package migrate

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/diff"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/estate"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/merge"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/render"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// recordedAfter is what the landlord database records as true after a
// migration: the schema as it is, but drift as it was recorded, so that it stays
// visible until somebody takes it in, repairs it or decides for it (kept).
func (t *Twin) recordedAfter(ctx context.Context, s estate.Sides, final *estate.Rendering, kept []ddl.Place) *estate.Rendering {
	srv := registry.Dialect(t.info)
	drift := s.Drift(srv)
	if len(drift) == 0 {
		return final
	}
	m := merge.Migrated{Server: srv, Template: s.New.Schema, Base: s.Base.Schema, Live: s.Live.Schema, Final: final.Schema, Drift: drift, Kept: kept}
	schema := m.Record()
	if len(diff.Compare(schema, final.Schema, srv)) == 0 {
		return final
	}
	if f, ok := assemble(schema, final, s.Base, s.Live); ok {
		return &estate.Rendering{Fingerprint: f, Schema: schema}
	}
	if r, err := t.elsewhere(ctx, schema); err == nil {
		return r
	}
	// A record that no server can print, because what drifted does not go
	// together with what changed: whole objects then, as they were recorded.
	whole := m.RecordWhole()
	f, _ := assemble(whole, final, s.Base, s.Live)
	return &estate.Rendering{Fingerprint: f, Schema: whole}
}

// assemble returns the fingerprint of a schema whose objects are all ones that a
// server printed.
func assemble(schema ddl.Schema, from ...*estate.Rendering) (ddl.Fingerprint, bool) {
	hashes, kinds := map[ddl.Object]string{}, map[string]bool{}
	for _, r := range from {
		for _, o := range r.Schema.Objects {
			kinds[landlord.Key(o)] = true
			if hash := r.Fingerprint.Objects[landlord.Key(o)]; hash != "" && hashes[o] == "" {
				hashes[o] = hash
			}
		}
	}
	objects := map[string]string{}
	for name, hash := range from[0].Fingerprint.Objects {
		if !kinds[name] { // the database itself
			objects[name] = hash
		}
	}
	for _, o := range schema.Objects {
		hash := hashes[o]
		if hash == "" {
			return ddl.Fingerprint{}, false
		}
		objects[landlord.Key(o)] = hash
	}
	return ddl.FingerprintOf(objects), true
}

// elsewhere builds a schema in a scratch database of its own and returns it as
// the server prints it. The twin's session makes both, because whoever holds a
// session must not wait for another one.
func (t *Twin) elsewhere(ctx context.Context, schema ddl.Schema) (*estate.Rendering, error) {
	s, err := t.e.Renderer.ScratchOn(ctx, t.Session)
	if err != nil {
		return nil, err
	}
	other := &Twin{Scratch: s, e: t.e, srv: t.srv, info: t.info}
	r, err := other.make(ctx, schema)
	s.Close(ctx)
	if useErr := t.Session.Use(ctx, t.Name); err == nil {
		err = useErr
	}
	return r, err
}

// make builds a schema on the twin, which is empty, and reads it back.
func (t *Twin) make(ctx context.Context, schema ddl.Schema) (*estate.Rendering, error) {
	if err := t.construct(ctx, schema); err != nil {
		return nil, err
	}
	return t.Read(ctx)
}

// Read returns the schema of the twin.
func (t *Twin) Read(ctx context.Context) (*estate.Rendering, error) {
	f, err := t.fingerprint(ctx)
	if err != nil {
		return nil, err
	}
	schema, err := t.schema(ctx)
	if err != nil {
		return nil, err
	}
	return &estate.Rendering{Fingerprint: *f, Schema: schema}, nil
}

// trial gives a scratch database of its own to a question to the server.
func (p *Planner) trial(ctx context.Context, srv *registry.Server, info mysql.Info, ask func(*Twin) error) error {
	s, err := p.Renderer.OpenScratch(ctx, srv)
	if err != nil {
		return err
	}
	defer s.Close(ctx)
	return ask(&Twin{Scratch: s, e: p, srv: srv, info: info})
}

// OpenBuilt makes a schema, which need not be spelled as the server would, in a
// scratch database, and returns it as the server prints it.
func (p *Planner) OpenBuilt(ctx context.Context, srv *registry.Server, info mysql.Info, schema ddl.Schema) (*Twin, *estate.Rendering, error) {
	s, err := p.Renderer.OpenScratch(ctx, srv)
	if err != nil {
		return nil, nil, err
	}
	t := &Twin{Scratch: s, e: p, srv: srv, info: info}
	r, err := t.make(ctx, schema)
	if err != nil {
		t.Close(ctx)
		return nil, nil, err
	}
	return t, r, nil
}

// Built returns a schema as the server prints it.
func (p *Planner) Built(ctx context.Context, srv *registry.Server, info mysql.Info, schema ddl.Schema) (*estate.Rendering, error) {
	t, r, err := p.OpenBuilt(ctx, srv, info, schema)
	if err != nil {
		return nil, err
	}
	t.Close(ctx)
	return r, nil
}

// RunPatch sends the statements of a patch. Views that read others which are
// not there yet are tried again behind them.
func (t *Twin) RunPatch(ctx context.Context, p *landlord.ParsedPatch) error {
	todo := p.Statements
	for len(todo) > 0 {
		var later []landlord.PatchStatement
		var waits error
		for _, st := range todo {
			x, err := t.For(ctx, st.SQL)
			if err != nil {
				return err
			}
			if _, err = x.Exec(ctx, st.SQL); err == nil {
				continue
			}
			refused := t.refused(st, err)
			if !st.View || !mysql.IsNoSuchTable(err) && !mysql.IsNoSuchObject(err) {
				return refused
			}
			later, waits = append(later, st), cmp.Or(waits, refused)
		}
		if len(later) == len(todo) {
			return waits
		}
		todo = later
	}
	return nil
}

func (t *Twin) refused(st landlord.PatchStatement, err error) error {
	return &landlord.Problem{Field: st.Field, Summary: "Server refuses a statement of the customization", Detail: []string{
		st.At(st.Position) + ": " + landlord.Shorten(st.SQL),
		"Cause: " + render.WithoutName(err, t.Name).Error(),
		"Nothing was run but in a scratch database. Correct the statement.",
	}, Err: err}
}

// BringKeysBack makes the keys again that the server dropped by itself, because
// a key of the patch serves the foreign key that they were made for.
func (t *Twin) BringKeysBack(ctx context.Context, before, after *estate.Rendering) (*estate.Rendering, error) {
	var lost []ddl.Place
	for _, c := range diff.Compare(before.Schema, after.Schema, registry.Dialect(t.info)) {
		if c.Kind == diff.ChangeMissing && strings.HasPrefix(c.Element, "key `") {
			lost = append(lost, ddl.Place{Object: c.Object, Element: c.Element})
		}
	}
	if len(lost) == 0 {
		return after, nil
	}
	back, err := diff.Diff(after.Schema, merge.Take(after.Schema, before.Schema, registry.Dialect(t.info), lost...), registry.Dialect(t.info), diff.Options{})
	if err != nil {
		return nil, fmt.Errorf("keeping the keys of the template: %w", err)
	}
	for _, c := range back.Changes {
		if err := t.exec(ctx, ChangeStep(c)); err != nil {
			return nil, t.failed(ChangeStep(c), err)
		}
	}
	return t.Read(ctx)
}

// RunStep sends a step under the session settings that the server is to keep
// with the object, and puts the session's own back.
func RunStep(ctx context.Context, x *mysql.Session, step landlord.Step) error {
	return render.Exec(ctx, x, step.SQL, step.Settings)
}
