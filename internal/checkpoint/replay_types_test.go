package checkpoint_test

import (
	"strings"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysqltest/instance"
)

// Every value is repeated as the very same value: where it is added, where it
// takes the place of another, and where it alone tells which row is meant.
func TestReplay_everyType(t *testing.T) {
	t.Parallel()
	eachLog(t, func(t *testing.T, kind instance.Kind) {
		args := []string{"--binlog-transaction-compression=ON"}
		if kind != instance.MySQL97 {
			args = []string{"--log-bin-compress=ON", "--log-bin-compress-min-len=10", "--binlog-row-metadata=FULL"}
		}
		s := newScene(t, kind, args)
		x := useSession(t, s.server, s.source)
		cases := everyType(t, x, s.info, "every")
		var names, next []string
		for _, c := range cases {
			names = append(names, mysql.Quote(c.name))
			next = append(next, "a."+mysql.Quote(c.name)+" = b."+mysql.Quote(c.name))
		}
		columns := strings.Join(names, ", ")
		run(
			t, x, "CREATE TABLE moved LIKE every", "INSERT INTO moved SELECT * FROM every",
			"UPDATE moved a JOIN every b ON b.id = (a.id + 1) % 8 SET "+strings.Join(next, ", "),
			"CREATE TABLE keyless LIKE every", "ALTER TABLE keyless DROP PRIMARY KEY",
			"INSERT INTO keyless (id, "+columns+") SELECT 1, "+columns+" FROM every", "INSERT INTO keyless SELECT * FROM keyless",
			"UPDATE keyless SET id = 2 LIMIT 7", "DELETE FROM keyless WHERE id = 1",
		)
		x.Discard()
		want := s.copy(t, s.source)
		req := s.target(t, "back")
		s.replay(t, req)
		for _, table := range []string{"every", "moved"} {
			sameTypes(t, s.Server, cases, mysql.Qualified(s.source, table), mysql.Qualified(req.Target, table))
		}
		mustEqual(t, s.server, checkpoint.CompareRequest{Database: req.Target, Manifest: want})
	})
}
