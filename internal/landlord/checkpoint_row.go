package landlord

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// labels is what the registry knows of a tenant beside its schema. A checkpoint
// keeps it, so that a tenant that returns is known as what it was.
type labels struct {
	Template       string                  `json:"template,omitempty"` // name@version in force
	Modules        []string                `json:"modules,omitempty"`
	Composition    string                  `json:"composition,omitempty"` // digest
	Base           string                  `json:"base,omitempty"`        // fingerprint of the recorded schema
	Customizations []labelledCustomization `json:"customizations,omitempty"`
}

// labelledCustomization is a customization as a checkpoint keeps it.
type labelledCustomization struct {
	Name      string              `json:"name"`
	Reason    string              `json:"reason"`
	Patch     CustomizationPatch  `json:"patch"`
	Objects   []OwnedElement      `json:"objects,omitempty"`
	Checksum  string              `json:"checksum"`
	Author    string              `json:"author,omitempty"`
	Status    CustomizationStatus `json:"status"`
	CreatedAt time.Time           `json:"created_at"`
}

// checkpointRow is a row of `tenant_checkpoints`.
type checkpointRow struct {
	id, tenant            uint64
	slug, name            string
	contents              CheckpointContents
	origin                checkpointOrigin
	status                CheckpointStatus
	server, database      string
	tables                []string
	template, fingerprint string
	labels                labels
	position              string
	consistentAt          time.Time
	location, checksum    string
	rows, size            int64
	verified              bool
	author                string
	createdAt, expiresAt  time.Time
	expired               bool // by the clock of the server
}

const checkpointColumns = `id, tenant_id, tenant_slug, name, contents, origin, status, server, database_name, object_tables, template,
 schema_fingerprint, labels, position, consistent_at, location, checksum, table_rows, size_bytes, verified, author, created_at, expires_at,
 COALESCE(expires_at <= UTC_TIMESTAMP(6), 0)`

func scanCheckpoint(from scanner) (*checkpointRow, error) {
	var r checkpointRow
	var tables, template, fingerprint, labels, position, location, checksum sql.NullString
	var rows, size sql.NullInt64
	var consistent, expires sql.NullTime
	err := from.Scan(&r.id, &r.tenant, &r.slug, &r.name, &r.contents, &r.origin, &r.status, &r.server, &r.database, &tables, &template,
		&fingerprint, &labels, &position, &consistent, &location, &checksum, &rows, &size, &r.verified, &r.author, &r.createdAt, &expires, &r.expired)
	if err != nil {
		return nil, err
	}
	r.template, r.fingerprint, r.position, r.location, r.checksum = template.String, fingerprint.String, position.String, location.String, checksum.String
	r.rows, r.size, r.consistentAt, r.expiresAt = rows.Int64, size.Int64, consistent.Time, expires.Time
	if err := errors.Join(fromJSON(tables.String, &r.tables), fromJSON(labels.String, &r.labels)); err != nil {
		return nil, fmt.Errorf("reading the row of checkpoint `%s` of tenant `%s`: %w", r.name, r.slug, err)
	}
	return &r, nil
}

// readCheckpoints reads the rows that a condition chooses, the oldest first. A
// landlord database that does not exist has none.
func (e *Engine) readCheckpoints(ctx context.Context, q mysql.Queryer, where string, args ...any) ([]*checkpointRow, error) {
	rows, err := q.Query(ctx, "SELECT "+checkpointColumns+" FROM "+e.table("tenant_checkpoints")+" WHERE "+where+" ORDER BY id", args...)
	if mysql.IsNoSuchDatabase(err) || mysql.IsNoSuchTable(err) || mysql.IsNoSuchObject(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the checkpoints: %w", err)
	}
	defer rows.Close()
	var out []*checkpointRow
	for rows.Next() {
		r, err := scanCheckpoint(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, rows.Err()
}

// readCheckpoint reads the checkpoint that has the name; nil when there is none.
func (e *Engine) readCheckpoint(ctx context.Context, q mysql.Queryer, slug, name string) (*checkpointRow, error) {
	rows, err := e.readCheckpoints(ctx, q, "tenant_slug=? AND name=? AND present=1", slug, name)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return rows[0], nil
}

// insertCheckpoint records that a checkpoint is being taken.
func (e *Engine) insertCheckpoint(ctx context.Context, q mysql.Queryer, r *checkpointRow) error {
	tables, err := toJSON(r.tables)
	if err != nil {
		return err
	}
	res, err := q.Exec(ctx, "INSERT INTO "+e.table("tenant_checkpoints")+
		" (tenant_id, tenant_slug, name, contents, origin, status, server, database_name, object_tables, location, author) VALUES (?,?,?,?,?,'taking',?,?,?,?,?)",
		r.tenant, r.slug, r.name, r.contents, r.origin, r.server, r.database, tables, nullable(r.location), cut(r.author, 190))
	if err != nil {
		return fmt.Errorf("recording checkpoint `%s`: %w", r.name, err)
	}
	r.id = uint64(res.LastInsertID) //nolint:gosec // ids are positive
	return nil
}

// finishCheckpoint gives the name to a checkpoint that is complete, and takes
// it from the one that had it. That one is left to removeCheckpoint.
func (e *Engine) finishCheckpoint(ctx context.Context, q mysql.Queryer, r *checkpointRow, replace bool, retention time.Duration) error {
	if replace {
		_, err := q.Exec(ctx, "UPDATE "+e.table("tenant_checkpoints")+" SET present=NULL, status='removing' WHERE tenant_slug=? AND name=? AND present=1 AND id<>?", r.slug, r.name, r.id)
		if err != nil {
			return err
		}
	}
	kept, err := toJSON(r.labels)
	if err != nil {
		return err
	}
	_, err = q.Exec(ctx, "UPDATE "+e.table("tenant_checkpoints")+" SET present=1, status='ready', template=?, schema_fingerprint=?, labels=?, position=?,"+
		" consistent_at=?, location=?, checksum=?, table_rows=?, size_bytes=?, verified=?, expires_at=IF(? = 0, NULL, created_at + INTERVAL ? SECOND) WHERE id=?",
		nullable(r.template), nullable(r.fingerprint), kept, nullable(r.position), nullableTime(r.consistentAt), nullable(r.location), nullable(r.checksum),
		r.rows, r.size, r.verified, int64(retention.Seconds()), int64(retention.Seconds()), r.id)
	if mysql.IsDuplicateKey(err) {
		return checkpointExists(r)
	}
	return err
}

func checkpointExists(r *checkpointRow) error {
	return problem(FieldName, "Checkpoint exists already",
		fmt.Sprintf("Tenant `%s` has a checkpoint `%s` already.", r.slug, r.name),
		fmt.Sprintf("To manage it here, import it: `terraform import <address> %s/%s`. Otherwise choose another name.", r.slug, r.name))
}

// labelsOf returns what the registry knows of a tenant.
func (e *Engine) labelsOf(ctx context.Context, q mysql.Queryer, row *tenantRow) (labels, error) {
	l := labels{Template: row.appliedTemplate(), Modules: row.modules, Composition: row.composition, Base: row.currentSchema}
	all, err := e.readCustomizations(ctx, q, row.id)
	if err != nil {
		return l, err
	}
	for _, c := range all[row.id] {
		if len(c.objects) == 0 {
			continue // an interrupted run was about to make it
		}
		l.Customizations = append(l.Customizations, labelledCustomization{
			Name: c.name, Reason: c.reason, Patch: c.patch, Objects: c.objects, Checksum: c.checksum, Author: c.author, Status: CustomizationActive, CreatedAt: c.createdAt,
		})
	}
	return l, nil
}

// toCheckpoint shows a row to the outside.
func (r *checkpointRow) toCheckpoint() *Checkpoint {
	c := &Checkpoint{
		Tenant: r.slug, Name: r.name, Contents: r.contents, Tables: r.tables, Automatic: r.origin != originRequest, Status: r.status,
		SchemaFingerprint: r.fingerprint, Template: r.template, Position: r.position, Rows: r.rows, SizeBytes: r.size, Checksum: r.checksum,
		Location: r.location, Verified: r.verified, CreatedAt: r.createdAt, ExpiresAt: r.expiresAt,
	}
	if r.expired {
		c.Status, c.Fault = CheckpointExpired, "its retention is over"
	}
	return c
}
