package registry

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// SampleRow is a row of `tenant_samples`. What was not known is nil.
type SampleRow struct {
	Tenant      uint64
	At          time.Time
	Score       int
	Reasons     []string // kinds
	Bytes       *int64
	Rows        *int64
	FreeBytes   *int64
	Statements  *int64
	Latency     *time.Duration // to the microsecond
	Errors      *int64
	RowsRead    *int64
	RowsChanged *int64
}

const (
	sampleColumns = "tenant_id, sampled_at, score, reasons, size_bytes, table_rows, free_bytes, statements, latency_us, errors, rows_read, rows_changed"
	// sampleChunk is how many samples one statement writes or removes.
	sampleChunk = 1000
)

func scanSample(from scanner) (s SampleRow, err error) {
	var reasons sql.NullString
	var latency *int64
	err = from.Scan(&s.Tenant, &s.At, &s.Score, &reasons, &s.Bytes, &s.Rows, &s.FreeBytes, &s.Statements, &latency, &s.Errors, &s.RowsRead, &s.RowsChanged)
	if err != nil {
		return s, err
	}
	if latency != nil {
		took := time.Duration(*latency) * time.Microsecond
		s.Latency = &took
	}
	s.At = s.At.UTC()
	return s, landlord.FromJSON(reasons.String, &s.Reasons)
}

// WriteSamples records how tenants do, for as long as the retention. A tenant that
// was sampled at the same moment already keeps that sample.
func (r *Store) WriteSamples(ctx context.Context, q mysql.Queryer, samples []SampleRow, retention time.Duration) error {
	for chunk := range slices.Chunk(samples, sampleChunk) {
		args := make([]any, 0, 13*len(chunk))
		for _, s := range chunk {
			reasons, err := landlord.ToJSON(s.Reasons)
			if err != nil {
				return err
			}
			var latency *int64
			if s.Latency != nil {
				took := s.Latency.Microseconds()
				latency = &took
			}
			args = append(args, s.Tenant, s.At.UTC(), s.Score, reasons, s.Bytes, s.Rows, s.FreeBytes, s.Statements, latency, s.Errors, s.RowsRead, s.RowsChanged, s.At.UTC().Add(retention))
		}
		_, err := q.Exec(ctx, "INSERT IGNORE INTO "+r.table("tenant_samples")+" ("+sampleColumns+", expires_at) VALUES "+
			landlord.Placeholders(len(chunk), "(?,?,?,?,?,?,?,?,?,?,?,?,?)"), args...)
		if err != nil {
			return fmt.Errorf("recording how tenants do: %w", err)
		}
	}
	return nil
}

// LastSamples reads the newest sample of each tenant, by its number.
func (r *Store) LastSamples(ctx context.Context, q mysql.Queryer) (map[uint64]SampleRow, error) {
	table := r.table("tenant_samples")
	rows, err := allRows(ctx, q, "how tenants did", scanSample, "SELECT "+sampleColumns+" FROM "+table+
		" s JOIN (SELECT tenant_id AS id, MAX(sampled_at) AS newest FROM "+table+" GROUP BY tenant_id) l ON l.id = s.tenant_id AND l.newest = s.sampled_at")
	if err != nil {
		return nil, err
	}
	out := make(map[uint64]SampleRow, len(rows))
	for _, s := range rows {
		out[s.Tenant] = s
	}
	return out, nil
}

// ReadSamples reads the samples of a tenant since a moment, the oldest first.
func (r *Store) ReadSamples(ctx context.Context, q mysql.Queryer, tenant uint64, since time.Time) ([]SampleRow, error) {
	return allRows(ctx, q, "how a tenant did", scanSample, "SELECT "+sampleColumns+" FROM "+r.table("tenant_samples")+
		" WHERE tenant_id = ? AND sampled_at >= ? ORDER BY sampled_at", tenant, since.UTC())
}

// DeleteSamples removes the samples of a tenant that goes.
func (r *Store) DeleteSamples(ctx context.Context, q mysql.Queryer, tenant uint64) error {
	_, err := q.Exec(ctx, "DELETE FROM "+r.table("tenant_samples")+" WHERE tenant_id = ?", tenant)
	if err != nil {
		return fmt.Errorf("removing how a tenant did: %w", err)
	}
	return nil
}

// PurgeSamples removes the samples whose retention is over, so many in one
// statement that nobody waits long for it.
func (r *Store) PurgeSamples(ctx context.Context, q mysql.Queryer, now time.Time) error {
	for {
		res, err := q.Exec(ctx, "DELETE FROM "+r.table("tenant_samples")+" WHERE expires_at <= ? ORDER BY expires_at LIMIT ?", now.UTC(), sampleChunk)
		if err != nil || res.RowsAffected < sampleChunk {
			if err != nil && !nothing(err) {
				return fmt.Errorf("removing old samples: %w", err)
			}
			return nil
		}
	}
}
