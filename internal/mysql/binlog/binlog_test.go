package binlog_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/binlog"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest/instance"
)

func TestMain(m *testing.M) { mysqltest.Run(m) }

func TestPosition(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]binlog.Position{
		"":                     {},
		"binlog.000002:157":    {File: "binlog.000002", Offset: 157},
		"a%20b%25.000001:4":    {File: "a b%.000001", Offset: 4},
		"a%3Ab.000001:4":       {File: "a:b.000001", Offset: 4},
		"gtid:0-1-5,1-1-7":     {GTID: "0-1-5,1-1-7"},
		"b.1:4 server:Osp9k8=": {File: "b.1", Offset: 4, Server: "Osp9k8="},
		"b.1:4 server:407cee1d-e80c gtid:407cee1d-e80c:1-3:tag:5": {
			File: "b.1", Offset: 4, Server: "407cee1d-e80c", GTID: "407cee1d-e80c:1-3:tag:5",
		},
	} {
		got, err := binlog.ParsePosition(text)
		if err != nil {
			t.Errorf("%q: %v", text, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q: %s", text, diff)
		}
		if got.String() != text {
			t.Errorf("%q becomes %q", text, got)
		}
		packed, _ := got.MarshalText()
		var again binlog.Position
		if err := again.UnmarshalText(packed); err != nil || again != want {
			t.Errorf("%q comes back as %+v, %v", text, again, err)
		}
	}
	for _, text := range []string{"x", "b.1:x", "b.1:-1", ":5", "b.1:4 b.2:4", "server:a", "b.1:4 server:a server:b", "gtid:", "%zz:4", "%67tid:4"} {
		if got, err := binlog.ParsePosition(text); err == nil || err.Error() != "`"+text+"` is no position in a binary log" {
			t.Errorf("%q is read as %+v, %v", text, got, err)
		}
	}
}

// A logServer is a server with a binary log.
type logServer struct {
	*mysqltest.PrivateServer

	server *mysql.Server
	info   mysql.Info
	cfg    mysql.Config
}

func newLogServer(t *testing.T, kind instance.Kind, args ...string) *logServer {
	t.Helper()
	s := &logServer{PrivateServer: mysqltest.Private(t, kind, mysqltest.Args(args...))}
	s.cfg = mysql.Config{Endpoint: s.Endpoint(), Username: s.Username, Password: s.Password}
	s.server, s.info = s.connect(t, s.cfg)
	return s
}

func (s *logServer) connect(t *testing.T, cfg mysql.Config) (*mysql.Server, mysql.Info) {
	t.Helper()
	server, err := mysql.Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	info, err := server.Info(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return server, info
}

func (s *logServer) current(t *testing.T) binlog.Position {
	t.Helper()
	p, err := binlog.Current(t.Context(), s.server, s.info)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// mustSay compares the text of an error, with the position written as P.
func mustSay(t *testing.T, err error, reason binlog.Reason, at binlog.Position, want string) {
	t.Helper()
	var unusable *binlog.UnusableError
	if !errors.As(err, &unusable) || unusable.Reason != reason {
		t.Errorf("the error is %v, want the reason %s", err, reason)
		return
	}
	got := err.Error()
	if !at.IsZero() {
		got = strings.ReplaceAll(got, at.String(), "P")
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

const (
	saysOff = "the server keeps no binary log, so changes after a checkpoint cannot be replayed; start it with `log_bin`"
	saysRow = "the server writes its binary log in the format %s, and changes of one database can be replayed from the format ROW only;" +
		" set `binlog_format = ROW` and take a new checkpoint"
	saysImage = "the server writes rows into its binary log in part (`binlog_row_image = MINIMAL`), and only whole rows can be replayed;" +
		" set `binlog_row_image = FULL` and take a new checkpoint"
	saysDocument = "the server writes JSON documents into its binary log in part, and only whole ones can be replayed;" +
		" set `binlog_row_value_options = ''` and take a new checkpoint"
	saysUnknown = "no position in the binary log is known, because the server kept none when the checkpoint was taken"
)

// Each reason for which a log is of no use is a sentence that says what to do.
func TestCheck(t *testing.T) {
	t.Parallel()
	for _, kind := range mysqltest.Kinds(t) {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			s := newLogServer(t, kind, "--log-bin=binlog", "--binlog-format=ROW", "--server-id=1")
			mariadb := s.info.Product == mysql.MariaDB
			s.Exec(t, "CREATE DATABASE "+s.Prefix+"a", "CREATE TABLE "+s.Prefix+"a.t (id INT PRIMARY KEY)")
			from := s.current(t)
			check := func(at binlog.Position) error { return binlog.Check(t.Context(), s.server, s.info, at) }
			if err := check(from); err != nil {
				t.Fatalf("a log that is well is refused: %v", err)
			}

			off := s.info
			off.BinaryLog = false
			mustSay(t, binlog.Check(t.Context(), s.server, off, from), binlog.NoBinaryLog, from, saysOff)
			mustSay(t, check(binlog.Position{}), binlog.NoPosition, from, saysUnknown)
			for variable, c := range map[string]struct {
				bad, good string
				reason    binlog.Reason
				want      string
			}{
				"binlog_format":            {"STATEMENT", "ROW", binlog.NotRowFormat, fmt.Sprintf(saysRow, "STATEMENT")},
				"binlog_row_image":         {"MINIMAL", "FULL", binlog.NotFullImage, saysImage},
				"binlog_row_value_options": {"PARTIAL_JSON", "", binlog.PartialJSON, saysDocument},
			} {
				if mariadb && variable == "binlog_row_value_options" {
					continue
				}
				s.Exec(t, "SET GLOBAL "+variable+" = '"+c.bad+"'")
				mustSay(t, check(from), c.reason, from, c.want)
				s.Exec(t, "SET GLOBAL "+variable+" = '"+c.good+"'")
			}
			s.checkPrivilege(t, from)
			s.checkReach(t, from)
		})
	}
}

// checkPrivilege asks with an account that may do a little.
func (s *logServer) checkPrivilege(t *testing.T, from binlog.Position) {
	t.Helper()
	user := s.Prefix + "u"
	s.Exec(t, "CREATE USER '"+user+"'@'%' IDENTIFIED BY 'Secret-1-secret'")
	cfg := s.cfg
	cfg.Username, cfg.Password = user, "Secret-1-secret"
	server, info := s.connect(t, cfg)
	says := "the account `" + user + "@%` may not read the binary log; grant it REPLICATION SLAVE and REPLICATION CLIENT (BINLOG MONITOR on MariaDB)"
	refused := ": error 1227: Access denied; you need (at least one of) the REPLICATION SLAVE privilege(s) for this operation"
	if s.info.Product == mysql.MariaDB {
		refused = ""
	}
	mustSay(t, binlog.Check(t.Context(), server, info, from), binlog.NoPrivilege, from, says+refused)
	_, err := binlog.Stream(t.Context(), s.server, cfg, info, binlog.Request{From: from}, func(binlog.Event) error { return nil })
	refused = ": error 1227: Access denied; you need (at least one of) the REPLICATION SLAVE privilege(s) for this operation"
	mustSay(t, err, binlog.NoPrivilege, from, says+refused)

	s.Exec(t, "GRANT REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO '"+user+"'@'%'")
	server, info = s.connect(t, cfg) // what was granted counts for new connections
	if err := binlog.Check(t.Context(), server, info, from); err != nil {
		t.Errorf("an account with both privileges is refused: %v", err)
	}
	cfg.Password = "Wrong-1-secret"
	_, err = binlog.Stream(t.Context(), s.server, cfg, info, binlog.Request{From: from}, func(binlog.Event) error { return nil })
	if err == nil || strings.Contains(err.Error(), "Wrong-1-secret") || !mysql.IsAccessDenied(err) {
		t.Errorf("a wrong password gives %v", err)
	}
}

// checkReach looks for positions that the server has not, or has no more.
func (s *logServer) checkReach(t *testing.T, from binlog.Position) {
	t.Helper()
	check := func(at binlog.Position) error { return binlog.Check(t.Context(), s.server, s.info, at) }
	mariadb := s.info.Product == mysql.MariaDB

	foreign := binlog.Position{File: from.File, Offset: from.Offset, Server: "another"}
	mustSay(t, check(foreign), binlog.OtherServer, foreign,
		"the position `P` belongs to another server than `"+s.info.UUID+"`, and without GTIDs that both have it means nothing on this one")
	ahead := binlog.Position{File: from.File, Offset: 1 << 31}
	end := s.current(t)
	mustSay(t, check(ahead), binlog.NotWritten, ahead, fmt.Sprintf("the position `P` is not in the binary log of this server, which ends at `%s:%d`;"+
		" the log has been reset since, or the server was put back to an earlier state", end.File, end.Offset))

	s.Exec(t, "FLUSH BINARY LOGS", "INSERT INTO "+s.Prefix+"a.t VALUES (1)", "FLUSH BINARY LOGS")
	last := s.current(t)
	for p, err := range map[binlog.Position]error{from: check(from), last: check(last)} {
		if err != nil {
			t.Errorf("the position `%s` is refused: %v", p, err)
		}
	}
	oldest := from.File
	for deadline := time.Now().Add(20 * time.Second); oldest == from.File && time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		s.Exec(t, "PURGE BINARY LOGS TO '"+last.File+"'")
		oldest = s.QueryRows(t, "SHOW BINARY LOGS")[0][0] // MariaDB may need more of them for its recovery, for a while
	}
	file := binlog.Position{File: from.File, Offset: from.Offset}
	const purged = "the binary log since `P` has been purged in part%s, so changes since then cannot be replayed"
	mustSay(t, check(file), binlog.Purged, file, fmt.Sprintf(purged, " (the oldest file is `"+oldest+"`)"))
	detail := " (the server has purged `" + last.GTID + "`)"
	if mariadb {
		detail = " (the oldest file is `" + oldest + "`)"
	}
	mustSay(t, check(from), binlog.Purged, from, fmt.Sprintf(purged, detail))
	if err := check(last); err != nil {
		t.Errorf("what is left of the log is refused: %v", err)
	}

	reset := "RESET BINARY LOGS AND GTIDS"
	if mariadb {
		reset = "RESET MASTER"
	}
	s.Exec(t, reset)
	mustSay(t, check(last), binlog.NotWritten, last, "the position `P` is not in the binary log of this server, which has no transactions;"+
		" the log has been reset since, or the server was put back to an earlier state")
}

// MariaDB keeps no log unless it is told to, and mixes formats by default.
func TestCheck_defaults(t *testing.T) {
	t.Parallel()
	for _, kind := range mysqltest.Kinds(t) {
		if kind == instance.MySQL97 {
			continue
		}
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			s := newLogServer(t, kind)
			_, err := binlog.Current(t.Context(), s.server, s.info)
			mustSay(t, err, binlog.NoBinaryLog, binlog.Position{}, saysOff)
			s = newLogServer(t, kind, "--log-bin=binlog")
			from := s.current(t)
			mustSay(t, binlog.Check(t.Context(), s.server, s.info, from), binlog.NotRowFormat, from, fmt.Sprintf(saysRow, "MIXED"))
		})
	}
}

// Transactions come in order, with their times, and reading ends where the
// request says.
func TestStream(t *testing.T) {
	t.Parallel()
	for _, kind := range mysqltest.Kinds(t) {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			s := newLogServer(t, kind, "--log-bin=binlog", "--binlog-format=ROW", "--server-id=1")
			db, other := s.Prefix+"a", s.Prefix+"b"
			s.Exec(t, "CREATE DATABASE "+db, "CREATE DATABASE "+other)
			from := s.current(t)
			s.Exec(
				t, "CREATE TABLE "+db+".t (id INT PRIMARY KEY, v TEXT)", "CREATE TABLE "+other+".t (id INT PRIMARY KEY)",
				"INSERT INTO "+other+".t VALUES (1)", "INSERT INTO "+db+".t VALUES (1, 'a'), (2, NULL)", "FLUSH BINARY LOGS",
				"UPDATE "+db+".t SET v = 'b' WHERE id = 1", "DELETE FROM "+db+".t WHERE id = 2",
			)
			end := s.current(t)
			s.Exec(t, "INSERT INTO "+db+".t VALUES (9, 'too late')")

			r := binlog.Request{From: from, End: end, Wants: func(name string) bool { return name == db }}
			want := []string{
				"query CREATE TABLE " + db + ".t (id INT PRIMARY KEY, v TEXT)", "query CREATE TABLE " + other + ".t (id INT PRIMARY KEY)",
				"insert t [[1 a] [2 <nil>]] -> []", "update t [[1 b]] -> [[1 a]]", "delete t [] -> [[2 <nil>]]",
			}
			got, sum := s.read(t, r)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
			// MariaDB notes a checkpoint of its log when it has the time, perhaps behind the last transaction.
			behind := !s.Kind.IsMariaDB() && sum.End.Offset != end.Offset || sum.End.Offset > end.Offset
			if sum.Transactions != 6 || sum.Reached || sum.End.File != end.File || behind {
				t.Errorf("reading up to `%s` gave %+v", end, sum)
			}
			if _, rest := s.read(t, binlog.Request{From: sum.End, End: end}); rest.Transactions != 0 {
				t.Errorf("behind the end of what was read come %+v", rest)
			}
			// By file and offset it is the same, and from the end there is nothing.
			r.From.GTID = ""
			again, _ := s.read(t, r)
			if diff := cmp.Diff(want, again); diff != "" {
				t.Error(diff)
			}
			if none, sum := s.read(t, binlog.Request{From: end, End: end}); len(none) > 0 || sum.Transactions != 0 {
				t.Errorf("from the end comes %v", none)
			}
			if rest, _ := s.read(t, binlog.Request{From: end}); len(rest) != 1 {
				t.Errorf("without an end comes %v", rest)
			}
			early := binlog.Request{From: from, Until: time.Now().Add(-time.Hour)}
			if none, sum := s.read(t, early); len(none) > 0 || !sum.Reached || sum.Transactions != 0 {
				t.Errorf("until an hour ago comes %v, %+v", none, sum)
			}
			s.stops(t, from)
		})
	}
}

// read describes what comes of a request.
func (s *logServer) read(t *testing.T, r binlog.Request) ([]string, binlog.Summary) {
	t.Helper()
	var got []string
	var last time.Time
	sum, err := binlog.Stream(t.Context(), s.server, s.cfg, s.info, r, func(e binlog.Event) error {
		switch e := e.(type) {
		case *binlog.Begin:
			if e.Time.Before(last) || time.Since(e.Time).Abs() > time.Hour || e.GTID == "" {
				t.Errorf("the transaction %+v comes after %s", e, last)
			}
			last = e.Time
		case *binlog.Query:
			got = append(got, "query "+e.Text)
		case *binlog.Rows:
			got = append(got, fmt.Sprintf("%s %s %s -> %s", e.Change, e.Table.Name, rows(e.After), rows(e.Before)))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return got, sum
}

// rows describes rows.
func rows(images [][]binlog.Value) string {
	out := make([][]string, len(images))
	for i, row := range images {
		for _, v := range row {
			text := fmt.Sprint(v)
			if b, ok := v.([]byte); ok {
				text = string(b)
			}
			out[i] = append(out[i], text)
		}
	}
	return fmt.Sprint(out)
}

// stops ends reading by the function and by the context.
func (s *logServer) stops(t *testing.T, from binlog.Position) {
	t.Helper()
	r := binlog.Request{From: from}
	n := 0
	_, err := binlog.Stream(t.Context(), s.server, s.cfg, s.info, r, func(binlog.Event) error {
		n++
		return binlog.ErrStop
	})
	if n != 1 || err != nil {
		t.Errorf("ErrStop: %d events, %v", n, err)
	}
	ours := errors.New("ours")
	if _, err := binlog.Stream(t.Context(), s.server, s.cfg, s.info, r, func(binlog.Event) error { return ours }); !errors.Is(err, ours) {
		t.Errorf("an error of the function comes back as %v", err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	_, err = binlog.Stream(ctx, s.server, s.cfg, s.info, r, func(binlog.Event) error {
		cancel(ours)
		return nil
	})
	if !errors.Is(err, ours) {
		t.Errorf("the end of the context comes back as %v", err)
	}
	// MySQL has sent everything by then; the threads go by themselves.
	if left := s.QueryRows(t, "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE COMMAND LIKE 'Binlog Dump%' AND TIME > 5"); left[0][0] != "0" {
		t.Errorf("%s connections still send the log", left[0][0])
	}
}
