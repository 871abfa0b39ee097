package landlord

import (
	"context"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/diff"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/merge"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// sides are the schemas that a migration is made from.
type sides struct {
	old  *rendering // what the template in force gives; nil when none is in force
	new  *rendering // what the wanted template gives
	live *rendering // what the server has
	base *rendering // what the landlord database recorded
}

// key is the object's key in a fingerprint.
func key(o ddl.Object) string { return string(o.Kind) + " " + o.Name }

// drift returns what somebody changed since the base was recorded.
func (s sides) drift(srv ddl.Server) []diff.ElementChange {
	if s.base == nil || s.live.fingerprint.Whole == s.base.fingerprint.Whole {
		return nil
	}
	return diff.Compare(s.base.schema, s.live.schema, srv)
}

// recordedAfter is what the landlord database records as true after a
// migration: the schema as it is, but drift as it was recorded, so that it stays
// visible until somebody takes it in, repairs it or decides for it (kept).
func (t *twin) recordedAfter(ctx context.Context, s sides, final *rendering, kept []ddl.Place) *rendering {
	srv := dialect(t.info)
	drift := s.drift(srv)
	if len(drift) == 0 {
		return final
	}
	m := merge.Migrated{Server: srv, Template: s.new.schema, Base: s.base.schema, Live: s.live.schema, Final: final.schema, Drift: drift, Kept: kept}
	schema := m.Record()
	if len(diff.Compare(schema, final.schema, srv)) == 0 {
		return final
	}
	if f, ok := assemble(schema, final, s.base, s.live); ok {
		return &rendering{fingerprint: f, schema: schema}
	}
	if r, err := t.elsewhere(ctx, schema); err == nil {
		return r
	}
	// A record that no server can print, because what drifted does not go
	// together with what changed: whole objects then, as they were recorded.
	whole := m.RecordWhole()
	f, _ := assemble(whole, final, s.base, s.live)
	return &rendering{fingerprint: f, schema: whole}
}

// assemble returns the fingerprint of a schema whose objects are all ones that a
// server printed.
func assemble(schema ddl.Schema, from ...*rendering) (ddl.Fingerprint, bool) {
	hashes, kinds := map[ddl.Object]string{}, map[string]bool{}
	for _, r := range from {
		for _, o := range r.schema.Objects {
			kinds[key(o)] = true
			if hash := r.fingerprint.Objects[key(o)]; hash != "" && hashes[o] == "" {
				hashes[o] = hash
			}
		}
	}
	objects := map[string]string{}
	for name, hash := range from[0].fingerprint.Objects {
		if !kinds[name] { // the database itself
			objects[name] = hash
		}
	}
	for _, o := range schema.Objects {
		hash := hashes[o]
		if hash == "" {
			return ddl.Fingerprint{}, false
		}
		objects[key(o)] = hash
	}
	return ddl.FingerprintOf(objects), true
}

// elsewhere builds a schema in a scratch database of its own and returns it as
// the server prints it. The twin's session makes both, because whoever holds a
// session must not wait for another one.
func (t *twin) elsewhere(ctx context.Context, schema ddl.Schema) (*rendering, error) {
	s, err := t.e.scratchOn(ctx, t.session)
	if err != nil {
		return nil, err
	}
	other := &twin{scratch: s, e: t.e, srv: t.srv, info: t.info}
	r, err := other.make(ctx, schema)
	s.close(ctx)
	if useErr := t.session.Use(ctx, t.name); err == nil {
		err = useErr
	}
	return r, err
}

// make builds a schema on the twin, which is empty, and reads it back.
func (t *twin) make(ctx context.Context, schema ddl.Schema) (*rendering, error) {
	if err := t.construct(ctx, schema); err != nil {
		return nil, err
	}
	return t.read(ctx)
}

// read returns the schema of the twin.
func (t *twin) read(ctx context.Context) (*rendering, error) {
	f, err := t.e.liveFingerprint(ctx, t.srv, t.session, t.name)
	if err != nil {
		return nil, err
	}
	schema, err := dumpSchema(ctx, t.session, t.info, t.name)
	if err != nil {
		return nil, err
	}
	return &rendering{fingerprint: *f, schema: schema}, nil
}

// trial gives a scratch database of its own to a question to the server.
func (e *Engine) trial(ctx context.Context, srv *server, info mysql.Info, ask func(*twin) error) error {
	s, err := e.openScratch(ctx, srv)
	if err != nil {
		return err
	}
	defer s.close(ctx)
	return ask(&twin{scratch: s, e: e, srv: srv, info: info})
}

// openBuilt makes a schema, which need not be spelled as the server would, in a
// scratch database, and returns it as the server prints it.
func (e *Engine) openBuilt(ctx context.Context, srv *server, info mysql.Info, schema ddl.Schema) (*twin, *rendering, error) {
	s, err := e.openScratch(ctx, srv)
	if err != nil {
		return nil, nil, err
	}
	t := &twin{scratch: s, e: e, srv: srv, info: info}
	r, err := t.make(ctx, schema)
	if err != nil {
		t.close(ctx)
		return nil, nil, err
	}
	return t, r, nil
}

// built returns a schema as the server prints it.
func (e *Engine) built(ctx context.Context, srv *server, info mysql.Info, schema ddl.Schema) (*rendering, error) {
	t, r, err := e.openBuilt(ctx, srv, info, schema)
	if err != nil {
		return nil, err
	}
	t.close(ctx)
	return r, nil
}
