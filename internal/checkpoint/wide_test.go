package checkpoint_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint"
	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint/checkpointtest"
	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint/value"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// TestTake_wide brings back rows that are larger than what the server takes at
// once: a value at the limit, several large ones of all character sets, many columns,
// and a table without a key. The standard client loads them, too.
func TestTake_wide(t *testing.T) {
	t.Parallel()
	mysqltest.SkipSetup(t, "packet", "its own values are larger than packets there")
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		server := checkpointtest.Open(t, s, 4)
		source := checkpointtest.CreateDatabase(t, s, "wide")
		packet, err := value.Packet(t.Context(), server)
		if err != nil {
			t.Fatal(err)
		}
		const most = 40 << 20 // of a value, so that the test takes no longer
		names, blobs := make([]string, 190), make([]string, 190)
		for i := range names {
			names[i], blobs[i] = fmt.Sprintf("c%d BLOB", i), fmt.Sprintf("REPEAT('%c''', 25000)", 'a'+i%26)
		}
		const mib = 1 << 20
		checkpointtest.SetUp(t, server, source,
			"CREATE TABLE one (id INT PRIMARY KEY, b LONGBLOB)",
			fmt.Sprintf("INSERT INTO one VALUES (1, REPEAT(x'00', %d)), (2, 'small'), (3, NULL)", min(packet, most)),
			"CREATE TABLE several (id INT PRIMARY KEY, u LONGTEXT CHARACTER SET utf8mb4, l LONGTEXT CHARACTER SET latin1, w LONGTEXT CHARACTER SET utf16, j JSON, b LONGBLOB)",
			fmt.Sprintf("INSERT INTO several VALUES (1, REPEAT('ä''\\\\\\n', %d), REPEAT('ö\"', %d), REPEAT('€x', %d), JSON_OBJECT('a', 1, 'b', REPEAT('ü\"', %d)), REPEAT(x'00ff27', %d))", mib, mib, mib/2, mib, mib),
			"CREATE TABLE unkeyed (a LONGBLOB, b LONGBLOB)",
			fmt.Sprintf("INSERT INTO unkeyed VALUES (REPEAT('a', %d), REPEAT('''', %d)), ('x', 'y')", 5*mib, 5*mib),
			"CREATE TABLE many ("+strings.Join(names, ", ")+") ROW_FORMAT=DYNAMIC",
			"INSERT INTO many VALUES ("+strings.Join(blobs, ", ")+")")
		m := checkpointtest.Take(t, server, checkpoint.Request{Database: source, Name: "wide"})
		if m.Rows != 7 {
			t.Errorf("%d rows", m.Rows)
		}
		target := checkpointtest.CreateDatabase(t, s, "loaded")
		checkpointtest.Load(t, server, checkpoint.LoadRequest{Directory: m.Directory(), Database: target})
		checkpointtest.MustEqual(t, server, checkpoint.CompareRequest{Manifest: m, Database: target})
		byClient := checkpointtest.CreateDatabase(t, s, "client")
		loadAsClient(t, server, m, byClient)
		checkpointtest.MustEqual(t, server, checkpoint.CompareRequest{Manifest: m, Database: byClient})
	})
}

// TestTake_tooLarge refuses, while it is taken and before it is loaded, what no
// statement can put together on the server as it is set up.
func TestTake_tooLarge(t *testing.T) {
	t.Parallel()
	s := mysqltest.Private(t, mysqltest.One(t).Kind)
	source := checkpointtest.CreateDatabase(t, s.Server, "wide")
	before := checkpointtest.Open(t, s.Server, 4)
	checkpointtest.SetUp(t, before, source, "CREATE TABLE docs (a INT, b VARCHAR(9), body LONGBLOB, PRIMARY KEY (b, a))",
		"INSERT INTO docs VALUES (1, 'x', REPEAT('a', 6291456)), (2, 'it''s', REPEAT('b', 8388608))")
	m := checkpointtest.Take(t, before, checkpoint.Request{Database: source, Name: "before"})
	s.Exec(t, "SET GLOBAL max_allowed_packet = 7340032")
	server := checkpointtest.Open(t, s.Server, 4)
	const want = "column `body` of table `docs` holds 8388608 bytes in the row with `b` = … AND `a` = 2, and `max_allowed_packet` of the server is 7340032"
	var large *checkpoint.TooLargeError
	directory := filepath.Join(t.TempDir(), "after")
	_, err := checkpoint.Take(t.Context(), server, checkpoint.Request{Database: source, Directory: directory})
	if !errors.As(err, &large) || large.Error() != want {
		t.Errorf("taking: %v", err)
	}
	target := checkpointtest.CreateDatabase(t, s.Server, "loaded")
	_, err = checkpoint.Load(t.Context(), server, checkpoint.LoadRequest{Directory: m.Directory(), Database: target})
	if !errors.As(err, &large) || large.Error() != want {
		t.Errorf("loading: %v", err)
	}
	if rows := s.QueryRows(t, "SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = ?", target); rows[0][0] != "0" {
		t.Errorf("something was loaded: %v", rows)
	}
}
