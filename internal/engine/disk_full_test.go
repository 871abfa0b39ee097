package engine_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// TestUpdateTenant_diskFull lets a server run out of room in the middle of a
// migration: all its tables are in one file that must not grow any more. Nothing
// is recorded as done that is not, and with room again the next run completes it.
// What the server says depends on what finds no room first: the rows of a table,
// or MySQL's own description of it (SDI), which a change in place writes too.
// MySQL only: MariaDB 10.11 and 11.8 end themselves when that file is full.
func TestUpdateTenant_diskFull(t *testing.T) {
	t.Parallel()
	fillDisk(t, 1, 6)
}

// TestSoakUpdateTenant_diskFull is the same at every point.
func TestSoakUpdateTenant_diskFull(t *testing.T) {
	soak(t)
	fillDisk(t, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)
}

func fillDisk(t *testing.T, points ...int) {
	t.Helper()
	kind := mysqltest.One(t).Kind
	if kind.IsMariaDB() {
		t.Skip("the server ends itself")
	}
	s := mysqltest.Private(t, kind, mysqltest.Args("--innodb-file-per-table=OFF", "--innodb-data-file-path=ibdata1:12M:autoextend:max:40M")).Server
	want, stopped := "", 0
	for i, point := range append([]int{0}, points...) {
		slug := fmt.Sprint("acme", i)
		tenant, to := migrating(t, s, slug)
		e, n := engineOn(t, s), 0
		e.OnFault(sinceIntent(func(string) {
			if n++; n == point {
				occupy(t, s)
			}
		}))
		_, _, err := update(t.Context(), e, to, tenant)
		if err != nil {
			stopped++
			t.Logf("point %d: %s", point, explain(err))
			var p *landlord.Problem
			if !errors.As(err, &p) || !strings.Contains(p.Text(), "is full") && !strings.Contains(p.Text(), "Failed to set SDI") {
				t.Errorf("point %d: %v", point, err)
			}
			s.Exec(t, "DROP DATABASE "+mysql.Quote(s.Prefix+"filler"))
			next := engineOn(t, s)
			half, err := next.Tenant(t.Context(), slug)
			if err != nil || half.UpdateStatus == landlord.UpdateCurrent && half.Template == to.Template {
				t.Fatalf("point %d: %+v, %v", point, half, err)
			}
			if _, _, err := update(t.Context(), next, to, half); err != nil {
				t.Fatalf("point %d: %s", point, explain(err))
			}
		} else if point > 0 {
			s.Exec(t, "DROP DATABASE "+mysql.Quote(s.Prefix+"filler"))
		}
		state := snapshot(t, s, slug)
		if want == "" {
			want = state
		} else if diff := cmp.Diff(want, state); diff != "" {
			t.Errorf("point %d (-undisturbed +stopped and completed):\n%s", point, diff)
		}
	}
	if stopped == 0 {
		t.Error("the full disk stopped nothing")
	}
}

// occupy fills the room that a server has, to the last page.
func occupy(t *testing.T, s *mysqltest.Server) {
	t.Helper()
	filler := mysql.Quote(s.Prefix + "filler")
	s.Exec(t, "CREATE DATABASE "+filler, "CREATE TABLE "+filler+".f (v LONGBLOB)")
	for _, size := range []int{1 << 20, 1 << 16, 1 << 12} {
		for {
			if _, err := s.DB().ExecContext(t.Context(), "INSERT INTO "+filler+".f VALUES (REPEAT('x', ?))", size); err != nil {
				break // there is no more room for that much
			}
		}
	}
}
