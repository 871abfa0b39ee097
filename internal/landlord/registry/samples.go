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

// SampleEvent returns a statement that makes an event of the main server which records
// what SQL can see there: sizes, and what performance_schema counts where it does. The
// score and its reasons are those of the newest sample of each tenant: a tenant of which
// there is none has to wait for one.
func (r *Store) SampleEvent(info mysql.Info, counts bool, every, retention time.Duration) string {
	samples, now, load, from := r.table("tenant_samples"), "UTC_TIMESTAMP(6)", "NULL, NULL, NULL, NULL, NULL", ""
	if counts { // a database that has no digest has done nothing, unless some digests had no room
		const digests = "performance_schema.events_statements_summary_by_digest"
		load = "COALESCE(l.statements, o.nothing), COALESCE(l.latency_us, o.nothing), COALESCE(l.errors, o.nothing), COALESCE(l.rows_read, o.nothing), COALESCE(l.rows_changed, o.nothing)"
		from = "\n  JOIN (SELECT CASE WHEN COALESCE(SUM(COUNT_STAR), 0) = 0 THEN 0 END AS nothing FROM " + digests + " WHERE DIGEST IS NULL) AS o" +
			"\n  LEFT JOIN (SELECT " + databaseName("SCHEMA_NAME") + " AS name, SUM(COUNT_STAR) AS statements, SUM(SUM_TIMER_WAIT) DIV 1000000 AS latency_us, SUM(SUM_ERRORS) AS errors, SUM(SUM_ROWS_EXAMINED) AS rows_read," +
			" SUM(SUM_ROWS_AFFECTED) AS rows_changed\n    FROM " + digests + " WHERE DIGEST IS NOT NULL GROUP BY 1) AS l" + byDatabase("l")
	}
	return fmt.Sprintf("CREATE EVENT %s ON SCHEDULE EVERY %d SECOND COMMENT 'keeps how tenants do: terraform-provider-landlord sample --event' DO BEGIN\n", r.table("sample_tenants"), int64(every.Seconds())) + sampleSettings(info) +
		"  INSERT IGNORE INTO " + samples + " (" + sampleColumns + ", expires_at)\n" +
		fmt.Sprintf("  SELECT t.id, %s, s.score, s.reasons, COALESCE(u.size_bytes, 0), COALESCE(u.table_rows, 0), CASE WHEN u.name IS NULL THEN 0 ELSE u.free_bytes END, %s, %s + INTERVAL %d SECOND\n", now, load, now, int64(retention.Seconds())) +
		"  FROM " + r.table("tenants") + " AS t\n" +
		"  JOIN " + samples + " AS s ON s.tenant_id = t.id AND s.sampled_at = (SELECT MAX(x.sampled_at) FROM " + samples + " AS x WHERE x.tenant_id = t.id)\n" +
		"  JOIN (SELECT " + databaseName("SCHEMA_NAME") + " AS name FROM information_schema.SCHEMATA) AS d" + byDatabase("d") + "\n" +
		"  LEFT JOIN (SELECT " + databaseName("TABLE_SCHEMA") + " AS name, SUM(DATA_LENGTH + INDEX_LENGTH) AS size_bytes, SUM(TABLE_ROWS) AS table_rows, CASE WHEN MIN(ENGINE <> 'InnoDB' OR @@innodb_file_per_table) THEN SUM(DATA_FREE) END AS free_bytes\n" +
		"    FROM information_schema.TABLES WHERE TABLE_TYPE = 'BASE TABLE' GROUP BY 1) AS u" + byDatabase("u") + from + "\n" +
		"  WHERE COALESCE(t.server, '') = '';\n" +
		"  DELETE FROM " + samples + " WHERE expires_at <= " + now + ";\n" +
		"END"
}

// sampleSettings are the first statements of the event. An INSERT with a SELECT locks
// what it reads until it ends, which takes minutes where there are many tables, and
// applies would wait: not so with READ COMMITTED, which cannot be written to a binary
// log of statements.
func sampleSettings(info mysql.Info) string {
	variables, stats := "information_schema.GLOBAL_VARIABLES", ""
	if info.Product == mysql.MySQL {
		variables = "performance_schema.global_variables"
		stats = "  SET SESSION information_schema_stats_expiry = 0;\n" // else sizes are up to a day old
	}
	return "  IF NOT @@log_bin OR NOT EXISTS (SELECT 1 FROM " + variables + " WHERE VARIABLE_NAME = 'binlog_format' AND VARIABLE_VALUE = 'STATEMENT') THEN\n" +
		"    SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED;\n  END IF;\n" + stats
}

// databaseName has the name of a database as those of tenants are compared.
func databaseName(column string) string {
	return "CONVERT(" + column + " USING utf8mb4) COLLATE utf8mb4_bin"
}

// byDatabase joins rows that have the name of a database with those of tenants.
func byDatabase(alias string) string {
	return " ON " + alias + ".name = " + databaseName("t.database_name")
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
