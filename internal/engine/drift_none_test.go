package engine_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/engine"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/drift"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
	"github.com/landlord-db/terraform-provider-landlord/tools/shared"
)

// TestDrift_none does to many schemas what happens to every database in its
// life, a restart of the server included: nothing of it is drift.
func TestDrift_none(t *testing.T) {
	t.Parallel()
	for _, kind := range mysqltest.Kinds(t) {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			p := mysqltest.Private(t, kind, mysqltest.Args("--innodb-flush-log-at-trx-commit=0", "--sync-binlog=0")) // for speed
			slugs := neverTouched(t, p.Server)
			inSync(t, p.Server, "as it was made", slugs)
			for _, slug := range slugs {
				liveOn(t, p.Server, p.Prefix+strings.ReplaceAll(slug, "-", "_"))
			}
			inSync(t, p.Server, "after a life", slugs)
			p.Restart(t)
			inSync(t, p.Server, "after a restart", slugs)
		})
	}
}

// neverTouched makes tenants of the built-in templates, of one with every kind
// of object, and adopts the schemas of the corpus.
func neverTouched(t *testing.T, s *mysqltest.Server) []string {
	t.Helper()
	e := engineOn(t, s)
	var slugs []string
	for _, name := range []string{"basic", "ngo", "political_party", "corporate"} {
		v := publish(t, e, landlord.TemplateSpec{Name: name, Version: "1.0.0", Source: "builtin:" + name})
		slug := "tpl-" + strings.ReplaceAll(name, "_", "-")
		create(t, e, landlord.TenantSpec{Slug: slug, Name: name, Template: v.ID})
		slugs = append(slugs, slug)
	}
	publish(t, e, zoo(s))
	create(t, e, landlord.TenantSpec{Slug: "zoo", Name: "Zoo", Template: "zoo@1.0.0"})
	slugs = append(slugs, "zoo")
	publish(t, e, landlord.TemplateSpec{Name: "marker", Version: "1.0.0", Core: map[string]string{"a.sql": "CREATE TABLE landlord_marker (id INT NOT NULL PRIMARY KEY);"}})
	for _, folder := range shared.Paths(t, "corpus", "*") {
		slug := filepath.Base(folder)
		load(t, s, s.Prefix+slug, folder)
		next := engineOn(t, s)
		found, err := next.Tenant(t.Context(), slug)
		if err != nil {
			t.Fatal(explain(err))
		}
		_, _, err = update(t.Context(), next, landlord.TenantSpec{Slug: slug, Name: slug, Template: "marker@1.0.0"}, found)
		if err != nil {
			t.Errorf("adopting %s: %s", slug, explain(err))
			continue
		}
		slugs = append(slugs, slug)
	}
	return slugs
}

// load makes a database of the files of a folder. What this server does not
// know is left out: some files are written for one product.
func load(t *testing.T, s *mysqltest.Server, database, folder string) {
	t.Helper()
	s.Exec(t, "CREATE DATABASE "+database+" CHARACTER SET utf8mb4")
	files, err := filepath.Glob(filepath.Join(folder, "*.sql"))
	if err != nil {
		t.Fatal(err)
	}
	conn, err := s.Open(t, s.Username, s.Password, database).Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_, _ = conn.ExecContext(t.Context(), "SET foreign_key_checks = 0, sql_mode = ''")
	for _, path := range files {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		statements, err := engine.SplitSQL(string(text))
		if err != nil {
			t.Fatal(explain(err))
		}
		for _, statement := range statements {
			if word := strings.ToUpper(strings.Fields(statement)[0]); word == "CREATE" || word == "ALTER" {
				_, _ = conn.ExecContext(t.Context(), statement)
			}
		}
	}
	if rows := s.QueryRows(t, "SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = ?", database); rows[0][0] == "0" {
		t.Fatalf("nothing of %s was loaded", folder)
	}
}

// liveOn writes rows and does what is done to look after tables.
func liveOn(t *testing.T, s *mysqltest.Server, database string) {
	t.Helper()
	conn, err := s.Open(t, s.Username, s.Password, database).Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	run := func(statement string) {
		rows, err := conn.QueryContext(t.Context(), statement)
		if err != nil {
			return // not every table takes every statement
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() { //nolint:revive // the rows say how it went, and have to be read
		}
		_ = rows.Err()
	}
	run("SET foreign_key_checks = 0, sql_mode = ''")
	for _, row := range s.QueryRows(t, "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_TYPE = 'BASE TABLE'", database) {
		table := mysqltest.QuoteName(row[0])
		run("INSERT INTO " + table + " () VALUES ()")
		run("ALTER TABLE " + table + " AUTO_INCREMENT = 100000")
		run("ANALYZE TABLE " + table)
		run("ANALYZE TABLE " + table + " PERSISTENT FOR ALL")
		for _, column := range s.QueryRows(t, "SELECT COLUMN_NAME FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ? LIMIT 3", database, row[0]) {
			run("ANALYZE TABLE " + table + " UPDATE HISTOGRAM ON " + mysqltest.QuoteName(column[0]) + " WITH 4 BUCKETS")
		}
		run("CHECK TABLE " + table)
		run("OPTIMIZE TABLE " + table)
		run("DELETE FROM " + table)
	}
	run("FLUSH TABLES")
}

// inSync fails unless nothing differs, by fingerprint and by text.
func inSync(t *testing.T, s *mysqltest.Server, when string, slugs []string) {
	t.Helper()
	e := engineOn(t, s)
	defer func() { _ = e.Close() }()
	for _, slug := range slugs {
		d, err := e.Drift(t.Context(), slug, true)
		if err != nil {
			t.Fatal(explain(err))
		}
		if d.Fingerprint != d.BaseFingerprint {
			t.Errorf("%s, %s: another fingerprint", slug, when)
		}
		for _, x := range d.Differences {
			t.Errorf("%s, %s: %s: %s\n%s\n%s", slug, when, x.Name(), x.Kind, x.Expected, x.Actual)
		}
	}
	all, err := e.FleetDrift(t.Context(), drift.FleetFilter{})
	if err != nil {
		t.Fatal(explain(err))
	}
	if len(all.Tenants) > 0 || all.Total != len(slugs) {
		t.Errorf("the fleet, %s: %s", when, fmt.Sprint(all.Counts))
	}
}
