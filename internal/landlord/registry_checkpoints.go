package landlord

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/merge"
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
	Name      string               `json:"name"`
	Reason    string               `json:"reason"`
	Patch     CustomizationPatch   `json:"patch"`
	Objects   []merge.OwnedElement `json:"objects,omitempty"`
	Checksum  string               `json:"checksum"`
	Author    string               `json:"author,omitempty"`
	Status    CustomizationStatus  `json:"status"`
	CreatedAt time.Time            `json:"created_at"`
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

// checkpointsWhere reads the rows that a condition chooses, the oldest first. A
// landlord database that does not exist, or is of an older version, has none.
func (r *registry) checkpointsWhere(ctx context.Context, q mysql.Queryer, where string, args ...any) ([]*checkpointRow, error) {
	rows, err := q.Query(ctx, "SELECT "+checkpointColumns+" FROM "+r.table("tenant_checkpoints")+" WHERE "+where+" ORDER BY id", args...)
	if nothing(err) || mysql.IsNoSuchObject(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the checkpoints: %w", err)
	}
	defer rows.Close()
	var out []*checkpointRow
	for rows.Next() {
		c, err := scanCheckpoint(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, rows.Err()
}

// readCheckpoints reads the checkpoints that can be named.
func (r *registry) readCheckpoints(ctx context.Context, q mysql.Queryer) ([]*checkpointRow, error) {
	return r.checkpointsWhere(ctx, q, "present=1")
}

// readCheckpoint reads the checkpoint that has the name; nil when there is none.
func (r *registry) readCheckpoint(ctx context.Context, q mysql.Queryer, slug, name string) (*checkpointRow, error) {
	rows, err := r.checkpointsWhere(ctx, q, "tenant_slug=? AND name=? AND present=1", slug, name)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return rows[0], nil
}

// unfinishedCheckpoints reads the checkpoints of a tenant that are being taken
// or removed, or were when a run was cut off.
func (r *registry) unfinishedCheckpoints(ctx context.Context, q mysql.Queryer, slug string) ([]*checkpointRow, error) {
	return r.checkpointsWhere(ctx, q, "tenant_slug=? AND status IN ('taking','removing')", slug)
}

// overdueCheckpoints reads the checkpoints whose retention is over.
func (r *registry) overdueCheckpoints(ctx context.Context, q mysql.Queryer) ([]*checkpointRow, error) {
	return r.checkpointsWhere(ctx, q, "status='ready' AND expires_at <= UTC_TIMESTAMP(6)")
}

// insertCheckpoint records that a checkpoint is being taken, and sets its id.
func (r *registry) insertCheckpoint(ctx context.Context, q mysql.Queryer, c *checkpointRow) error {
	tables, err := toJSON(c.tables)
	if err != nil {
		return err
	}
	res, err := q.Exec(ctx, "INSERT INTO "+r.table("tenant_checkpoints")+
		" (tenant_id, tenant_slug, name, contents, origin, status, server, database_name, object_tables, location, author) VALUES (?,?,?,?,?,'taking',?,?,?,?,?)",
		c.tenant, c.slug, c.name, c.contents, c.origin, c.server, c.database, tables, nullable(c.location), cut(c.author, 190))
	if err != nil {
		return fmt.Errorf("recording checkpoint `%s`: %w", c.name, err)
	}
	c.id = uint64(res.LastInsertID) //nolint:gosec // ids are positive
	return nil
}

// finishCheckpoint gives the name to a checkpoint that is complete, and with
// replace takes it from the one that had it, which is then to be removed. The
// error is mysql.IsDuplicateKey when another one has the name.
func (r *registry) finishCheckpoint(ctx context.Context, q mysql.Queryer, c *checkpointRow, replace bool, retention time.Duration) error {
	if replace {
		_, err := q.Exec(ctx, "UPDATE "+r.table("tenant_checkpoints")+
			" SET present=NULL, status='removing' WHERE tenant_slug=? AND name=? AND present=1 AND id<>?", c.slug, c.name, c.id)
		if err != nil {
			return err
		}
	}
	kept, err := toJSON(c.labels)
	if err != nil {
		return err
	}
	_, err = q.Exec(ctx, "UPDATE "+r.table("tenant_checkpoints")+" SET present=1, status='ready', template=?, schema_fingerprint=?, labels=?, position=?,"+
		" consistent_at=?, location=?, checksum=?, table_rows=?, size_bytes=?, verified=?, expires_at=IF(? = 0, NULL, created_at + INTERVAL ? SECOND) WHERE id=?",
		nullable(c.template), nullable(c.fingerprint), kept, nullable(c.position), nullableTime(c.consistentAt), nullable(c.location), nullable(c.checksum),
		c.rows, c.size, c.verified, int64(retention.Seconds()), int64(retention.Seconds()), c.id)
	return err
}

// setCheckpointLocation writes the directory of a checkpoint.
func (r *registry) setCheckpointLocation(ctx context.Context, q mysql.Queryer, id uint64, location string) error {
	_, err := q.Exec(ctx, "UPDATE "+r.table("tenant_checkpoints")+" SET location=? WHERE id=?", location, id)
	return err
}

// setCheckpointRetention writes how long a checkpoint is kept from when it was
// taken, 0 until it is removed.
func (r *registry) setCheckpointRetention(ctx context.Context, q mysql.Queryer, slug, name string, retention time.Duration) error {
	seconds := int64(retention.Seconds())
	_, err := q.Exec(ctx, "UPDATE "+r.table("tenant_checkpoints")+
		" SET expires_at=IF(? = 0, NULL, created_at + INTERVAL ? SECOND) WHERE tenant_slug=? AND name=? AND present=1", seconds, seconds, slug, name)
	return err
}

// setCheckpointVerified records that a checkpoint was restored and compared.
func (r *registry) setCheckpointVerified(ctx context.Context, q mysql.Queryer, id uint64) error {
	_, err := q.Exec(ctx, "UPDATE "+r.table("tenant_checkpoints")+" SET verified=1 WHERE id=?", id)
	return err
}

// setCheckpointExpired records that the files of a checkpoint are gone because
// its retention was over.
func (r *registry) setCheckpointExpired(ctx context.Context, q mysql.Queryer, id uint64) error {
	_, err := q.Exec(ctx, "UPDATE "+r.table("tenant_checkpoints")+" SET status='expired' WHERE id=?", id)
	return err
}

// setCheckpointRemoving marks a checkpoint whose files are about to be removed.
func (r *registry) setCheckpointRemoving(ctx context.Context, q mysql.Queryer, id uint64) error {
	_, err := q.Exec(ctx, "UPDATE "+r.table("tenant_checkpoints")+" SET status='removing' WHERE id=?", id)
	return err
}

// deleteCheckpoint removes the row of a checkpoint.
func (r *registry) deleteCheckpoint(ctx context.Context, q mysql.Queryer, id uint64) error {
	_, err := q.Exec(ctx, "DELETE FROM "+r.table("tenant_checkpoints")+" WHERE id=?", id)
	return err
}

// labelsOf returns what the registry knows of a tenant.
func (r *registry) labelsOf(ctx context.Context, q mysql.Queryer, row *tenantRow) (labels, error) {
	l := labels{Template: row.appliedTemplate(), Modules: row.modules, Composition: row.composition, Base: row.currentSchema}
	all, err := r.readCustomizations(ctx, q, row.id)
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
