package checkpoint

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint/script"
	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint/session"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// writeSchema writes the structure as a value, for [Load].
func writeSchema(directory string, schema *script.Schema) (File, error) {
	text, err := json.Marshal(schema)
	if err == nil {
		err = writeFile(filepath.Join(directory, schemaFile), text)
	}
	if err != nil {
		return File{}, fmt.Errorf("write the structure of the checkpoint: %w", err)
	}
	sum := sha256.Sum256(text)
	size := int64(len(text))
	return File{Name: schemaFile, Bytes: size, Size: size, SHA256: hex.EncodeToString(sum[:])}, nil
}

// A SchemaCopy is a checkpoint of the structure alone, which needs no directory.
type SchemaCopy struct {
	// Manifest names no files and has no checksum; Name, Labels, Template and
	// Customizations are for the caller to fill in.
	Manifest Manifest
	Schema   script.Schema
	// Script is what the standard client loads into an empty database.
	Script string
}

// TakeSchema reads the structure of a database: all objects, no rows, no
// counters. It is read again when somebody changes it meanwhile; the error is a
// *ChangedError when that never ends, and IsNoSuchDatabase when there is no such
// database.
func TakeSchema(ctx context.Context, q mysql.Queryer, info mysql.Info, database string) (*SchemaCopy, error) {
	s, err := stableStructure(ctx, q, info, database)
	if err != nil {
		return nil, err
	}
	out := &SchemaCopy{Manifest: *newManifest(info, database, s), Schema: s.schema, Script: s.schema.Script()}
	out.Manifest.Contents = ContentsSchema
	out.Manifest.TakenAt, err = serverTime(ctx, q)
	return out, err
}

// stableStructure reads a structure that did not change while it was read.
func stableStructure(ctx context.Context, q mysql.Queryer, info mysql.Info, database string) (*structure, error) {
	for attempt := 1; ; attempt++ {
		s, err := unchangedStructure(ctx, q, info, database)
		var changed *ChangedError
		if err == nil || attempt == structureAttempts || !errors.As(err, &changed) {
			return s, err
		}
	}
}

func unchangedStructure(ctx context.Context, q mysql.Queryer, info mysql.Info, database string) (*structure, error) {
	s, err := readStructure(ctx, q, info, database)
	if err != nil {
		return nil, err
	}
	after, err := readFingerprint(ctx, q, info, database)
	if err != nil {
		return nil, err
	}
	if after.Whole != s.fingerprint.Whole {
		return nil, &ChangedError{Database: database, Objects: differing(s.fingerprint.Objects, after.Objects)}
	}
	return s, nil
}

// serverTime asks the server for the time.
func serverTime(ctx context.Context, q mysql.Queryer) (time.Time, error) {
	var now time.Time
	if err := q.Row(ctx, "SELECT UTC_TIMESTAMP(6)").Scan(&now); err != nil {
		return now, fmt.Errorf("ask the server for the time: %w", err)
	}
	return now, nil
}

// structureOnly is the snapshot for a checkpoint without rows.
func structureOnly(ctx context.Context, c *session.Group, info mysql.Info, req Request) (*snapshot, error) {
	if err := c.Prepare(ctx, info); err != nil {
		return nil, err
	}
	s := &snapshot{group: c, info: info, database: req.Database}
	var err error
	if s.structure, err = stableStructure(ctx, c.First(), info, req.Database); err != nil {
		return nil, err
	}
	if err = s.structure.only(req.Tables); err != nil {
		return nil, err
	}
	s.at, err = serverTime(ctx, c.First())
	return s, err
}
