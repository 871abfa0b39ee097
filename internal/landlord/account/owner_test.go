package account_test

import (
	"database/sql"
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// TestOwner_many measures what many owner accounts cost a server: making one,
// a login of another account, FLUSH PRIVILEGES, a change of a program's definer,
// and dropping one. LANDLORD_TEST_OWNERS is their number.
func TestOwner_many(t *testing.T) {
	n, err := strconv.Atoi(os.Getenv("LANDLORD_TEST_OWNERS"))
	if err != nil {
		t.Skip("measures only where LANDLORD_TEST_OWNERS says how many")
	}
	for _, kind := range mysqltest.Kinds(t) {
		t.Run(string(kind), func(t *testing.T) {
			s := mysqltest.Private(t, kind).Server
			b := newBed(t, s, s.Username, s.Password)
			app := s.Prefix + "app"
			s.Exec(t, "CREATE USER "+app+" IDENTIFIED BY 'Tr-0ub4dor-x'", "CREATE DATABASE "+s.Prefix+"0")
			took := func(times int, do func(i int)) time.Duration {
				start := time.Now()
				for i := range times {
					do(i)
				}
				return (time.Since(start) / time.Duration(times)).Round(10 * time.Microsecond)
			}
			login := func(int) {
				db := s.Open(t, app, "Tr-0ub4dor-x", "information_schema")
				db.SetMaxIdleConns(0)
				var one int
				if err := db.QueryRowContext(t.Context(), "SELECT 1").Scan(&one); err != nil {
					t.Fatal(err)
				}
				_ = (*sql.DB).Close(db)
			}
			made := 0
			for _, stop := range []int{1, n / 10, n / 2, n} {
				for ; made < stop; made++ {
					if _, err := b.accounts.DefinerOf(t.Context(), b.x, fmt.Sprint(s.Prefix, made)); err != nil {
						t.Fatal(err)
					}
				}
				creating := took(20, func(i int) {
					if _, err := b.accounts.DefinerOf(t.Context(), b.x, fmt.Sprint(s.Prefix, "more", made, "_", i)); err != nil {
						t.Fatal(err)
					}
				})
				dropping := took(20, func(i int) {
					if err := b.accounts.DropOwner(t.Context(), b.x, fmt.Sprint(s.Prefix, "more", made, "_", i)); err != nil {
						t.Fatal(err)
					}
				})
				flush := took(3, func(int) { s.Exec(t, "FLUSH PRIVILEGES") })
				t.Logf("%s with %d owners: make %v, drop %v, login %v, flush %v, SELECT 1 %v", kind, made, creating, dropping, took(20, login), flush,
					took(200, func(int) { _, _ = b.x.Exec(t.Context(), "DO 1") }))
			}
		})
	}
}
