package replay_test

import (
	"fmt"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest/instance"
)

// TestReplay_wide repeats changes of rows that are larger, as literals, than what
// the server takes at once.
func TestReplay_wide(t *testing.T) {
	t.Parallel()
	eachLog(t, func(t *testing.T, kind instance.Kind) {
		s := newScene(t, kind, []string{"--max-allowed-packet=8M"},
			"CREATE TABLE one (id INT PRIMARY KEY, b LONGBLOB, t LONGTEXT CHARACTER SET utf8mb4, j JSON)",
			"INSERT INTO one VALUES (1, 'small', 'small', '{}')",
			"CREATE TABLE unkeyed (a LONGBLOB, b LONGTEXT CHARACTER SET latin1)")
		const mib = 1 << 20
		setUp(t, s.server, s.source,
			fmt.Sprintf("INSERT INTO one VALUES (2, REPEAT(x'00ff27', %d), REPEAT('ä''', %d), JSON_OBJECT('a', REPEAT('\"', %d)))", 2*mib, mib, mib),
			fmt.Sprintf("UPDATE one SET b = REPEAT(x'5c', %d) WHERE id = 1", 7*mib),
			fmt.Sprintf("INSERT INTO unkeyed VALUES (REPEAT('''', %d), REPEAT('ö', %d)), ('x', 'y'), (REPEAT('z', %d), NULL)", 3*mib, 3*mib, 6*mib),
			"UPDATE unkeyed SET b = 'changed' WHERE a LIKE '''%'",
			"DELETE FROM unkeyed WHERE a LIKE 'z%'")
		want := s.copy(t, s.source)
		req := s.target(t, "back")
		s.replay(t, req)
		mustEqual(t, s.server, checkpoint.CompareRequest{Database: req.Target, Manifest: want})
	})
}
