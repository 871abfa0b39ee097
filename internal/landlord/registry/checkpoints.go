package registry

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/merge"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// Labels is what the registry knows of a tenant beside its schema. A checkpoint
// keeps it, so that a tenant that returns is known as what it was.
type Labels struct {
	Template       string                  `json:"template,omitempty"` // name@version in force
	Modules        []string                `json:"modules,omitempty"`
	Composition    string                  `json:"composition,omitempty"` // digest
	Base           string                  `json:"base,omitempty"`        // fingerprint of the recorded schema
	Customizations []LabelledCustomization `json:"customizations,omitempty"`
}

// LabelledCustomization is a customization as a checkpoint keeps it.
type LabelledCustomization struct {
	Name      string                       `json:"name"`
	Reason    string                       `json:"reason"`
	Patch     landlord.CustomizationPatch  `json:"patch"`
	Objects   []merge.OwnedElement         `json:"objects,omitempty"`
	Checksum  string                       `json:"checksum"`
	Author    string                       `json:"author,omitempty"`
	Status    landlord.CustomizationStatus `json:"status"`
	CreatedAt time.Time                    `json:"created_at"`
}

// CheckpointRow is a row of `tenant_checkpoints`.
type CheckpointRow struct {
	ID, Tenant            uint64
	Slug, Name            string
	Contents              landlord.CheckpointContents
	Origin                landlord.CheckpointOrigin
	Status                landlord.CheckpointStatus
	Server, Database      string
	Tables                []string
	Template, Fingerprint string
	Labels                Labels
	Position              string
	ConsistentAt          time.Time
	Location, Checksum    string
	Rows, Size            int64
	Verified              bool
	Author                string
	CreatedAt, expiresAt  time.Time
	Expired               bool // by the clock of the server
}

const checkpointColumns = `id, tenant_id, tenant_slug, name, contents, origin, status, server, database_name, object_tables, template,
 schema_fingerprint, labels, position, consistent_at, location, checksum, table_rows, size_bytes, verified, author, created_at, expires_at,
 COALESCE(expires_at <= UTC_TIMESTAMP(6), 0)`

func scanCheckpoint(from scanner) (*CheckpointRow, error) {
	var r CheckpointRow
	var tables, template, fingerprint, labels, position, location, checksum sql.NullString
	var rows, size sql.NullInt64
	var consistent, expires sql.NullTime
	err := from.Scan(&r.ID, &r.Tenant, &r.Slug, &r.Name, &r.Contents, &r.Origin, &r.Status, &r.Server, &r.Database, &tables, &template,
		&fingerprint, &labels, &position, &consistent, &location, &checksum, &rows, &size, &r.Verified, &r.Author, &r.CreatedAt, &expires, &r.Expired)
	if err != nil {
		return nil, err
	}
	r.Template, r.Fingerprint, r.Position, r.Location, r.Checksum = template.String, fingerprint.String, position.String, location.String, checksum.String
	r.Rows, r.Size, r.ConsistentAt, r.expiresAt = rows.Int64, size.Int64, consistent.Time, expires.Time
	if err := errors.Join(landlord.FromJSON(tables.String, &r.Tables), landlord.FromJSON(labels.String, &r.Labels)); err != nil {
		return nil, fmt.Errorf("reading the row of checkpoint `%s` of tenant `%s`: %w", r.Name, r.Slug, err)
	}
	return &r, nil
}

// checkpointsWhere reads the rows that a condition chooses, the oldest first. A
// landlord database that does not exist, or is of an older version, has none.
func (r *Store) checkpointsWhere(ctx context.Context, q mysql.Queryer, where string, args ...any) ([]*CheckpointRow, error) {
	rows, err := allRows(ctx, q, "the checkpoints", scanCheckpoint,
		"SELECT "+checkpointColumns+" FROM "+r.table("tenant_checkpoints")+" WHERE "+where+" ORDER BY id", args...)
	if mysql.IsNoSuchObject(err) {
		return nil, nil
	}
	return rows, err
}

// ReadCheckpoints reads the checkpoints that can be named.
func (r *Store) ReadCheckpoints(ctx context.Context, q mysql.Queryer) ([]*CheckpointRow, error) {
	return r.checkpointsWhere(ctx, q, "present=1")
}

// ReadCheckpoint reads the checkpoint that has the name; nil when there is none.
func (r *Store) ReadCheckpoint(ctx context.Context, q mysql.Queryer, slug, name string) (*CheckpointRow, error) {
	rows, err := r.checkpointsWhere(ctx, q, "tenant_slug=? AND name=? AND present=1", slug, name)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return rows[0], nil
}

// UnfinishedCheckpoints reads the checkpoints of a tenant that are being taken
// or removed, or were when a run was cut off.
func (r *Store) UnfinishedCheckpoints(ctx context.Context, q mysql.Queryer, slug string) ([]*CheckpointRow, error) {
	return r.checkpointsWhere(ctx, q, "tenant_slug=? AND status IN ('taking','removing')", slug)
}

// OverdueCheckpoints reads the checkpoints whose retention is over, those too
// whose files a run that was cut off may have left.
func (r *Store) OverdueCheckpoints(ctx context.Context, q mysql.Queryer) ([]*CheckpointRow, error) {
	return r.checkpointsWhere(ctx, q, "status IN ('ready','expired') AND expires_at <= UTC_TIMESTAMP(6)")
}

// InsertCheckpoint records that a checkpoint is being taken, and sets its id.
func (r *Store) InsertCheckpoint(ctx context.Context, q mysql.Queryer, c *CheckpointRow) error {
	tables, err := landlord.ToJSON(c.Tables)
	if err != nil {
		return err
	}
	res, err := q.Exec(ctx, "INSERT INTO "+r.table("tenant_checkpoints")+
		" (tenant_id, tenant_slug, name, contents, origin, status, server, database_name, object_tables, location, author) VALUES (?,?,?,?,?,'taking',?,?,?,?,?)",
		c.Tenant, c.Slug, c.Name, c.Contents, c.Origin, c.Server, c.Database, tables, landlord.Nullable(c.Location), landlord.Cut(c.Author, 190))
	if err != nil {
		return fmt.Errorf("recording checkpoint `%s`: %w", c.Name, err)
	}
	c.ID = uint64(res.LastInsertID) //nolint:gosec // ids are positive
	return nil
}

// FinishCheckpoint gives the name to a checkpoint that is complete, and with
// replace takes it from the one that had it, which is then to be removed. The
// error is mysql.IsDuplicateKey when another one has the name.
func (r *Store) FinishCheckpoint(ctx context.Context, q mysql.Queryer, c *CheckpointRow, replace bool, retention time.Duration) error {
	if replace {
		_, err := q.Exec(ctx, "UPDATE "+r.table("tenant_checkpoints")+
			" SET present=NULL, status='removing' WHERE tenant_slug=? AND name=? AND present=1 AND id<>?", c.Slug, c.Name, c.ID)
		if err != nil {
			return err
		}
	}
	kept, err := landlord.ToJSON(c.Labels)
	if err != nil {
		return err
	}
	_, err = q.Exec(ctx, "UPDATE "+r.table("tenant_checkpoints")+" SET present=1, status='ready', template=?, schema_fingerprint=?, labels=?, position=?,"+
		" consistent_at=?, location=?, checksum=?, table_rows=?, size_bytes=?, verified=?, expires_at=IF(? = 0, NULL, created_at + INTERVAL ? SECOND) WHERE id=?",
		landlord.Nullable(c.Template), landlord.Nullable(c.Fingerprint), kept, landlord.Nullable(c.Position), landlord.NullableTime(c.ConsistentAt), landlord.Nullable(c.Location), landlord.Nullable(c.Checksum),
		c.Rows, c.Size, c.Verified, int64(retention.Seconds()), int64(retention.Seconds()), c.ID)
	return err
}

// SetCheckpointLocation writes the directory of a checkpoint.
func (r *Store) SetCheckpointLocation(ctx context.Context, q mysql.Queryer, id uint64, location string) error {
	_, err := q.Exec(ctx, "UPDATE "+r.table("tenant_checkpoints")+" SET location=? WHERE id=?", location, id)
	return err
}

// SetCheckpointRetention writes how long a checkpoint is kept from when it was
// taken, 0 until it is removed. Whoever says so manages it: one that was let go of
// is taken back.
func (r *Store) SetCheckpointRetention(ctx context.Context, q mysql.Queryer, slug, name string, retention time.Duration) error {
	seconds := int64(retention.Seconds())
	_, err := q.Exec(ctx, "UPDATE "+r.table("tenant_checkpoints")+
		" SET expires_at=IF(? = 0, NULL, created_at + INTERVAL ? SECOND), origin=IF(origin=?, ?, origin) WHERE tenant_slug=? AND name=? AND present=1",
		seconds, seconds, landlord.OriginReleased, landlord.OriginRequest, slug, name)
	return err
}

// SetCheckpointVerified records that a checkpoint was restored and compared.
func (r *Store) SetCheckpointVerified(ctx context.Context, q mysql.Queryer, id uint64) error {
	_, err := q.Exec(ctx, "UPDATE "+r.table("tenant_checkpoints")+" SET verified=1 WHERE id=?", id)
	return err
}

// ReleaseCheckpoint lets a checkpoint go that nobody manages any more: its files
// are removed when its time is over. Without a time of its own it gets the
// retention, from now on. The time is returned.
func (r *Store) ReleaseCheckpoint(ctx context.Context, q mysql.Queryer, id uint64, retention time.Duration) (time.Time, error) {
	_, err := q.Exec(ctx, "UPDATE "+r.table("tenant_checkpoints")+
		" SET origin=?, expires_at=COALESCE(expires_at, UTC_TIMESTAMP(6) + INTERVAL ? SECOND) WHERE id=?", landlord.OriginReleased, int64(retention.Seconds()), id)
	if err != nil {
		return time.Time{}, err
	}
	var until time.Time
	err = q.Row(ctx, "SELECT expires_at FROM "+r.table("tenant_checkpoints")+" WHERE id=?", id).Scan(&until)
	return until, err
}

// SetCheckpointExpired records that the files of a checkpoint go because its
// retention is over. It says whether it still is: another run may have kept it for
// longer, or taken it back, since it was read.
func (r *Store) SetCheckpointExpired(ctx context.Context, q mysql.Queryer, c *CheckpointRow) (bool, error) {
	res, err := q.Exec(ctx, "UPDATE "+r.table("tenant_checkpoints")+" SET status='expired' WHERE id=? AND origin=? AND status='ready' AND expires_at <= UTC_TIMESTAMP(6)", c.ID, c.Origin)
	return res.RowsAffected > 0, err
}

// SetCheckpointRemoving marks a checkpoint whose files are about to be removed.
func (r *Store) SetCheckpointRemoving(ctx context.Context, q mysql.Queryer, id uint64) error {
	_, err := q.Exec(ctx, "UPDATE "+r.table("tenant_checkpoints")+" SET status='removing' WHERE id=?", id)
	return err
}

// DeleteCheckpoint removes the row of a checkpoint.
func (r *Store) DeleteCheckpoint(ctx context.Context, q mysql.Queryer, id uint64) error {
	_, err := q.Exec(ctx, "DELETE FROM "+r.table("tenant_checkpoints")+" WHERE id=?", id)
	return err
}

// LabelsOf returns what the registry knows of a tenant.
func (r *Store) LabelsOf(ctx context.Context, q mysql.Queryer, row *TenantRow) (Labels, error) {
	l := Labels{Template: row.AppliedTemplate(), Modules: row.Modules, Composition: row.Composition, Base: row.CurrentSchema}
	all, err := r.ReadCustomizations(ctx, q, row.ID)
	if err != nil {
		return l, err
	}
	for _, c := range all[row.ID] {
		if len(c.Objects) == 0 {
			continue // an interrupted run was about to make it
		}
		l.Customizations = append(l.Customizations, LabelledCustomization{
			Name: c.Name, Reason: c.Reason, Patch: c.Patch, Objects: c.Objects, Checksum: c.Checksum, Author: c.Author, Status: landlord.CustomizationActive, CreatedAt: c.CreatedAt,
		})
	}
	return l, nil
}

// CheckpointExists returns the *Problem of a new checkpoint whose name is taken.
func CheckpointExists(r *CheckpointRow) error {
	return landlord.NewProblem(landlord.FieldName, "Checkpoint exists already",
		fmt.Sprintf("Tenant `%s` has a checkpoint `%s` already.", r.Slug, r.Name),
		fmt.Sprintf("To manage it here, import it: `terraform import <address> %s/%s`. Otherwise choose another name.", r.Slug, r.Name))
}

// ToCheckpoint shows a row to the outside.
func ToCheckpoint(r *CheckpointRow) *landlord.Checkpoint {
	c := &landlord.Checkpoint{
		Tenant: r.Slug, Name: r.Name, Contents: r.Contents, Tables: r.Tables, Automatic: r.Origin == landlord.OriginMigration || r.Origin == landlord.OriginDeletion, Status: r.Status,
		SchemaFingerprint: r.Fingerprint, Template: r.Template, Position: r.Position, Rows: r.Rows, SizeBytes: r.Size, Checksum: r.Checksum,
		Location: r.Location, Verified: r.Verified, CreatedAt: r.CreatedAt, ExpiresAt: r.expiresAt,
	}
	if r.Expired {
		c.Status, c.Fault = landlord.CheckpointExpired, "its retention is over"
	}
	return c
}

// CheckpointSpan is what a tenant has of checkpoints from which all its rows come
// back.
type CheckpointSpan struct {
	Count          int
	Bytes          int64
	Oldest, Newest time.Time // the moments that they are copies of
}

// CheckpointSpans reads the spans of all tenants that have such checkpoints, by
// slug: those that are ready, hold data of every table, and are not over by the
// clock of the server.
func (r *Store) CheckpointSpans(ctx context.Context, q mysql.Queryer) (map[string]CheckpointSpan, error) {
	type spanned struct {
		slug string
		CheckpointSpan
	}
	rows, err := allRows(ctx, q, "the checkpoints", func(from scanner) (s spanned, err error) {
		err = from.Scan(&s.slug, &s.Count, &s.Bytes, &s.Oldest, &s.Newest)
		s.Oldest, s.Newest = s.Oldest.UTC(), s.Newest.UTC()
		return s, err
	}, "SELECT tenant_slug, COUNT(*), CAST(COALESCE(SUM(size_bytes), 0) AS SIGNED), MIN(COALESCE(consistent_at, created_at)), MAX(COALESCE(consistent_at, created_at)) FROM "+r.table("tenant_checkpoints")+
		" WHERE present = 1 AND status = 'ready' AND contents = ? AND object_tables IS NULL AND (expires_at IS NULL OR expires_at > UTC_TIMESTAMP(6)) GROUP BY tenant_slug", landlord.CheckpointData)
	if err != nil && !mysql.IsNoSuchObject(err) {
		return nil, err
	}
	out := make(map[string]CheckpointSpan, len(rows))
	for _, s := range rows {
		out[s.slug] = s.CheckpointSpan
	}
	return out, nil
}
