package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

func TestMain(m *testing.M) { mysqltest.Run(m) }

// TestAccPlan_statements counts what a plan without changes sends, as the
// server sees it: at most 20 statements, and the same number for three tenants
// as for twelve. It measures no time.
func TestAccPlan_statements(t *testing.T) {
	t.Parallel()
	mysqltest.Need(t, "Terraform")
	terraform, err := findTerraform("")
	if err != nil {
		if mysqltest.OnCI() {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	mirror := t.TempDir()
	if err := buildMirror(t.Context(), mirror); err != nil {
		t.Fatal(err)
	}
	const most = 20
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		var sent [][]string
		for _, tenants := range []int{3, 12} {
			r := s.Record(t)
			name := fmt.Sprintf("n%d", tenants)
			w, err := newWorkspace(t.Context(), terraform, mirror, filepath.Join(t.TempDir(), name), tenantConfig(tenants, oldVersion, writeSmallTemplate(t)), map[string]string{
				"LANDLORD_ENDPOINT": s.Endpoint(), "LANDLORD_USERNAME": r.Username, "LANDLORD_PASSWORD": r.Password,
				"LANDLORD_DATABASE": s.LandlordDatabase + "_" + name, "LANDLORD_DATABASE_PREFIX": s.Prefix + name + "_",
			})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := w.run(t.Context(), "apply", "-auto-approve"); err != nil {
				t.Fatal(err)
			}
			r.Reset(t)
			if _, err := w.run(t.Context(), "plan", "-detailed-exitcode"); err != nil {
				t.Fatal(err)
			}
			statements := r.Statements(t)
			if len(statements) == 0 || len(statements) > most {
				t.Errorf("a plan of %d tenants without changes sends %d statements, at most %d are allowed: %q", tenants, len(statements), most, statements)
			}
			// The names of the databases differ, and nothing else may.
			for i := range statements {
				statements[i] = strings.ReplaceAll(statements[i], name, "n")
			}
			sent = append(sent, statements)
		}
		if len(sent[0]) != len(sent[1]) {
			t.Errorf("three tenants need other statements than twelve (-three +twelve):\n%s", cmp.Diff(sent[0], sent[1]))
		}
	})
}

// writeSmallTemplate writes a template of one table.
func writeSmallTemplate(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	err := writeFiles(dir, map[string]string{"core/001_users.sql": "CREATE TABLE users (id INT NOT NULL PRIMARY KEY);\n"})
	if err != nil {
		t.Fatal(err)
	}
	return dir
}
