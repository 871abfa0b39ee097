package engine_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/checkpointing"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// TestTexts_restoreStops: somebody keeps a table while the tenant is restored in
// place, and takes one of what was loaded.
func TestTexts_restoreStops(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	directory := t.TempDir()
	e := copying(t, s, directory, func(c *landlord.Config) { c.Main.LockTimeout = time.Second })
	tenant := stocked(t, s, e, "acme")
	take(t, e, "acme", "before")
	s.Exec(t, "DELETE FROM "+tenant.DatabaseName+".points")
	tx, err := s.DB().BeginTx(t.Context(), nil)
	must(t, err)
	defer func() { _ = tx.Rollback() }()
	var n int
	must(t, tx.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM "+tenant.DatabaseName+".points").Scan(&n))
	spec := landlord.RestoreSpec{Tenant: "acme", Checkpoint: "before", Mode: landlord.RestoreInPlace, AllowDestructive: true}
	_, err = e.Restore(t.Context(), spec, "")
	refuses(t, s, err, "Tenant restore stopped [tenant]\nRestoring tenant `acme` in place from checkpoint `before` stopped.\n\n"+
		"Cause: Lock wait timeout exceeded; try restarting transaction\n\nThe tenant is as it was. Correct the cause and apply again.")
	must(t, tx.Rollback())
	side := s.QueryRows(t, "SELECT TABLE_SCHEMA FROM information_schema.TABLES WHERE TABLE_NAME = 'points' AND TABLE_SCHEMA LIKE ? AND TABLE_SCHEMA <> ?", s.Prefix+"%", tenant.DatabaseName)
	s.Exec(t, "DROP TABLE "+side[0][0]+".points")
	_, err = copying(t, s, directory).Restore(t.Context(), spec, "")
	refuses(t, s, err, "Restored database is not complete [checkpoint]\nDatabase `tenant_acme__restore_979c5f53`, from which tenant `acme` is to be restored, "+
		"does not hold the tables that it should. Somebody changed it.\n\nThe tenant was not touched. Apply again: the checkpoint is loaded anew.")
}

// TestTexts_restoreInterrupted: a restore in place is cut off.
func TestTexts_restoreInterrupted(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	directory := t.TempDir()
	tenant := stocked(t, s, copying(t, s, directory), "acme")
	take(t, copying(t, s, directory), "acme", "before")
	e := copying(t, s, directory)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	e.OnFault(func(point string) {
		if point == "before record" {
			cancel()
		}
	})
	spec := landlord.RestoreSpec{Tenant: "acme", Checkpoint: "before", Mode: landlord.RestoreInPlace, AllowDestructive: true}
	if _, err := e.Restore(ctx, spec, ""); err == nil {
		t.Fatal("the restore was not cut off")
	}
	p := prior(tenant)
	plan, err := copying(t, s, directory).PlanTenant(t.Context(), landlord.TenantSpec{Slug: "acme", Name: "acme", Template: "store@1.0.0", Modules: []string{"loyalty"}}, &p)
	must(t, err)
	remarks(t, s, plan.Notes, "Restore of a tenant was interrupted [slug]\n"+
		"The restore of tenant `acme` from checkpoint `before` was cut off. The next apply completes it; what else the configuration wants of the tenant "+
		"shows in the plan after that.")
}

// TestTexts_restoreData: rows are not what the checkpoint says, or forbid the way
// back.
func TestTexts_restoreData(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	directory := t.TempDir()
	e := copying(t, s, directory)
	_, tenant := shopTenant(t, s, "acme")
	taken := take(t, e, "acme", "before")
	_, err := e.TakeCheckpoint(t.Context(), checkpointing.Spec{Tenant: "acme", Name: "shape", Contents: landlord.CheckpointSchema})
	must(t, err)
	falsified(t, s, taken.Location)
	_, err = copying(t, s, directory).Restore(t.Context(), landlord.RestoreSpec{Tenant: "acme", Checkpoint: "before"}, "")
	refuses(t, s, err, "Restored database differs from the checkpoint [checkpoint]\n"+
		"Checkpoint `before` was loaded into `tenant_acme__restore_1`, which differs from what was copied:\ntable customers has other values\n\n"+
		"The tenant was not touched. Please report this with the differences above.")

	to := shop("1.1.0")
	to.Core["001_customers.sql"] = strings.Replace(to.Core["001_customers.sql"], "email VARCHAR(190) NOT NULL", "email VARCHAR(190) NULL", 1)
	publish(t, e, to)
	_, _, err = update(t.Context(), engineOn(t, s), landlord.TenantSpec{Slug: "acme", Name: "acme", Template: "shop@1.1.0"}, tenant)
	must(t, err)
	s.Exec(t, "UPDATE "+tenant.DatabaseName+".customers SET email = NULL")
	_, err = copying(t, s, directory).Restore(t.Context(), landlord.RestoreSpec{Tenant: "acme", Checkpoint: "shape", Mode: landlord.RestoreInPlace, AllowDestructive: true}, "")
	refuses(t, s, err, "Data forbids a step of the rollback [checkpoint]\n"+
		"The schema of tenant `acme` cannot go back to checkpoint `shape`: 2 rows of `customers` violate NOT NULL of `email`, e.g. `id` 1.\n\n"+
		"ALTER TABLE `customers` MODIFY COLUMN `email` varchar(190) COLLATE utf8mb4_unicode_ci NOT NULL, ALGORITHM=INPLACE, LOCK=NONE\n\n"+
		"Nothing was run. Correct the data and plan again.")
}

// falsified gives the tables of a checkpoint other checksums of their rows.
func falsified(t *testing.T, s *mysqltest.Server, location string) {
	t.Helper()
	file := filepath.Join(location, "manifest.json")
	text, err := os.ReadFile(file)
	must(t, err)
	var m checkpoint.Manifest
	must(t, json.Unmarshal(text, &m))
	for i := range m.Tables {
		m.Tables[i].Checksum = strings.Repeat("0", len(m.Tables[i].Checksum))
	}
	m.Checksum = ""
	text, err = json.Marshal(&m)
	must(t, err)
	sum := sha256.Sum256(text)
	m.Checksum = hex.EncodeToString(sum[:])
	text, err = json.Marshal(&m)
	must(t, err)
	must(t, os.WriteFile(file, text, 0o600))
	s.Exec(t, "UPDATE "+s.LandlordDatabase+".tenant_checkpoints SET checksum = '"+m.Checksum+"' WHERE location <> ''")
}

// TestTexts_pointInTime asks for a table that was not there at that moment.
func TestTexts_pointInTime(t *testing.T) {
	t.Parallel()
	p := logging(t, mysqltest.One(t))
	directory := t.TempDir()
	e := copying(t, p.Server, directory)
	shopTenant(t, p.Server, "acme")
	take(t, e, "acme", "before")
	spec := landlord.RestoreSpec{Tenant: "acme", PointInTime: now(t, p.Server), Tables: []string{"nothing"}}
	_, err := copying(t, p.Server, directory).Restore(t.Context(), spec, "")
	refuses(t, p.Server, err, "Tenant had no such table [tables]\nAt TIME tenant `acme` had no table `nothing`.\n\nCorrect `tables`; names are written as in the database.")
}

// TestTexts_dataCopy: a copy is cut off, and goes on; a table changes while one
// begins.
func TestTexts_dataCopy(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	_, target := twoTenants(t, s, engineOn(t, s))
	spec := wholeShop(nil)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	e := engineOn(t, s)
	e.OnFault(func(point string) {
		if point == "before copy is recorded" {
			cancel()
		}
	})
	if _, err := e.CopyData(ctx, spec); err == nil {
		t.Fatal("the copy was not cut off")
	}
	made, err := engineOn(t, s).CopyData(t.Context(), spec)
	must(t, err)
	remarks(t, s, made.Notes, "Copy went on where an earlier run stopped [source]\n"+
		"The copy of rows of tenant `from` into tenant `into` was begun at TIME and cut off. It went on behind the last row that had arrived: what "+
		"changed in the source before that row since then was not looked at again.")

	e = engineOn(t, s)
	e.OnFault(func(point string) {
		if point == "after copy begins" {
			s.Exec(t, "ALTER TABLE "+target.DatabaseName+".orders ADD COLUMN late INT NULL")
		}
	})
	_, err = e.CopyData(t.Context(), wholeShop(func(c *landlord.DataCopySpec) { c.OnConflict = landlord.CopySkip }))
	refuses(t, s, err, "Tables changed while the copy began []\nCopying rows of tenant `from` into tenant `into`.\n\n"+
		"The structure of `tenant_from` or `tenant_into` has changed since the copy was planned.\n\n"+
		"Apply again. What was copied so far is kept and recorded: the next apply goes on from there.")
}
