package registry

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/program"
)

// StoredSchema is the body of a row of `schemas`.
type StoredSchema struct {
	Fingerprint ddl.Fingerprint `json:"fingerprint"`
	Schema      ddl.Schema      `json:"schema"`
}

func parseStoredSchema(body string) (*StoredSchema, error) {
	var s StoredSchema
	if err := json.Unmarshal([]byte(body), &s); err != nil {
		return nil, fmt.Errorf("reading a stored schema: %w", err)
	}
	for i := range s.Schema.Objects { // what was stored before owner accounts has definers
		s.Schema.Objects[i].SQL, _ = program.WithDefiner(s.Schema.Objects[i].SQL, "")
	}
	return &s, nil
}

// ReadSchema reads a schema by its fingerprint; nil when it is not stored.
func (r *Store) ReadSchema(ctx context.Context, q mysql.Queryer, fingerprint string) (*StoredSchema, error) {
	return oneSchema(q.Row(ctx, "SELECT body FROM "+r.table("schemas")+" WHERE fingerprint = ?", fingerprint))
}

// ReadRendering reads the schema that a composition has become on servers of one
// key; nil when it is not known.
func (r *Store) ReadRendering(ctx context.Context, q mysql.Queryer, composition, key string) (*StoredSchema, error) {
	return oneSchema(q.Row(ctx, "SELECT s.body FROM "+r.table("template_renderings")+" r JOIN "+r.table("schemas")+
		" s ON s.fingerprint = r.fingerprint WHERE r.composition = ? AND r.server_key = ?", composition, key))
}

func oneSchema(from scanner) (*StoredSchema, error) {
	var body string
	err := from.Scan(&body)
	switch {
	case errors.Is(err, sql.ErrNoRows), nothing(err):
		return nil, nil
	case err != nil:
		return nil, err
	}
	return parseStoredSchema(body)
}

// ReadSchemaObjects reads the hashes of the objects of schemas, without their
// texts, by fingerprint and object.
func (r *Store) ReadSchemaObjects(ctx context.Context, q mysql.Queryer, fingerprints []string) (map[string]map[string]string, error) {
	args := make([]any, len(fingerprints))
	for i, fingerprint := range fingerprints {
		args[i] = fingerprint
	}
	rows, err := q.Query(ctx, "SELECT fingerprint, JSON_EXTRACT(body, '$.fingerprint.objects') FROM "+r.table("schemas")+
		" WHERE fingerprint IN ("+landlord.Placeholders(len(args), "?")+")", args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[string]map[string]string{}
	for rows.Next() {
		var fingerprint, text string
		if err := rows.Scan(&fingerprint, &text); err != nil {
			return nil, err
		}
		objects := map[string]string{}
		if err := landlord.FromJSON(text, &objects); err != nil {
			return nil, err
		}
		out[fingerprint] = objects
	}
	return out, rows.Err()
}

// WriteSchema writes a schema, once per fingerprint.
func (r *Store) WriteSchema(ctx context.Context, q mysql.Queryer, f ddl.Fingerprint, schema ddl.Schema) error {
	body, err := landlord.ToJSON(StoredSchema{Fingerprint: f, Schema: schema})
	if err != nil {
		return err
	}
	_, err = q.Exec(ctx, "INSERT IGNORE INTO "+r.table("schemas")+" (fingerprint, body) VALUES (?, ?)", f.Whole, body)
	if err != nil {
		return fmt.Errorf("writing schema `%s`: %w", f.Whole, err)
	}
	return nil
}

// WriteRendering writes what a composition has become on servers of one key, so
// that later runs need no scratch database for it.
func (r *Store) WriteRendering(ctx context.Context, q mysql.Queryer, composition, key string, f ddl.Fingerprint, schema ddl.Schema) error {
	if err := r.WriteSchema(ctx, q, f, schema); err != nil {
		return err
	}
	_, err := q.Exec(ctx, "INSERT IGNORE INTO "+r.table("template_renderings")+
		" (composition, server_key, fingerprint) VALUES (?, ?, ?)", composition, key, f.Whole)
	if err != nil {
		return fmt.Errorf("writing a rendered template: %w", err)
	}
	return nil
}
