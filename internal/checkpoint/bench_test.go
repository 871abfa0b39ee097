package checkpoint_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// fill makes a database of twelve tables as applications have them, with about
// so many bytes of rows.
func fill(t testing.TB, s *mysqltest.Server, server *mysql.Server, db string, bytes int) {
	t.Helper()
	const perRow = 200
	rows := bytes / 12 / perRow
	var wait sync.WaitGroup
	for i := range 12 {
		wait.Go(func() {
			table := mysql.Quote(fmt.Sprintf("orders_%02d", i))
			x := useSession(t, server, db)
			defer x.Discard()
			run(t, x, "CREATE TABLE "+table+" (id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, customer INT NOT NULL, code VARCHAR(60) NOT NULL, state ENUM('new','paid','sent') NOT NULL,"+
				" total DECIMAL(12,2) NOT NULL, weight DOUBLE, note VARCHAR(200), created DATETIME NOT NULL, changed TIMESTAMP(3) NULL, KEY (customer), KEY (created))")
			insert := "INSERT INTO " + table + " (customer, code, state, total, weight, note, created, changed) "
			run(t, x, insert+"WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) SELECT i * 7919 % 100000, SHA2(i, 224), 1 + i % 3, i * 1.13, i / 7,"+
				" CONCAT('Bestellung für ', SHA2(i + 1, 256)), '2024-01-01' + INTERVAL i MINUTE, '2024-01-01' + INTERVAL i SECOND FROM n")
			for have := 1000; have < rows; have *= 2 {
				run(t, x, insert+"SELECT (customer * 31 + 7) % 100000, REVERSE(code), state, total + 1, weight + 0.1, REVERSE(note), created + INTERVAL 1 DAY, changed FROM "+table+" LIMIT "+strconv.Itoa(min(have, rows-have)))
			}
			run(t, x, "ANALYZE TABLE "+table)
		})
	}
	wait.Wait()
}

// BenchmarkCheckpoint takes a checkpoint and loads it. LANDLORD_BENCH_MIB is the
// size of the rows; the default is small.
func BenchmarkCheckpoint(b *testing.B) {
	size := 64
	if n, err := strconv.Atoi(os.Getenv("LANDLORD_BENCH_MIB")); err == nil {
		size = n
	}
	for _, kind := range mysqltest.Kinds(b) {
		b.Run(string(kind), func(b *testing.B) {
			s := mysqltest.On(b, kind)
			server := open(b, s, 4)
			db := createDatabase(b, s, "bench")
			fill(b, s, server, db, size<<20)
			peak := heapPeak(b)
			var taken, loaded, compared time.Duration
			for b.Loop() {
				target := s.Prefix + "loaded"
				s.Exec(b, "DROP DATABASE IF EXISTS "+mysql.Quote(target))
				createDatabase(b, s, "loaded")
				start := time.Now()
				m := take(b, server, checkpoint.Request{Database: db, Directory: filepath.Join(b.TempDir(), "copy")})
				taken += time.Since(start)
				start = time.Now()
				load(b, server, checkpoint.LoadRequest{Directory: m.Directory(), Database: target})
				loaded += time.Since(start)
				start = time.Now()
				mustEqual(b, server, checkpoint.CompareRequest{Manifest: m, Database: target})
				compared += time.Since(start)
				b.ReportMetric(float64(m.Bytes)/1e6, "MB")
				b.ReportMetric(float64(m.Size)/1e6, "MB-packed")
			}
			b.ReportMetric(float64(peak())/1e6, "MB-memory")
			b.ReportMetric(taken.Seconds()/float64(b.N), "s/take")
			b.ReportMetric(loaded.Seconds()/float64(b.N), "s/load")
			b.ReportMetric(compared.Seconds()/float64(b.N), "s/compare")
		})
	}
}

// heapPeak samples the memory that the process has from the system and returns
// the highest value since.
func heapPeak(b *testing.B) func() uint64 {
	ctx, cancel := context.WithCancel(b.Context())
	done := make(chan uint64)
	go func() {
		var most uint64
		for ctx.Err() == nil {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			most = max(most, m.Sys-m.HeapReleased)
			time.Sleep(20 * time.Millisecond)
		}
		done <- most
	}()
	return func() uint64 {
		cancel()
		return <-done
	}
}
