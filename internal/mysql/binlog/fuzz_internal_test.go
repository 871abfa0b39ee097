package binlog

import (
	"bytes"
	"encoding/binary"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	protocol "github.com/go-mysql-org/go-mysql/mysql"
	"github.com/go-mysql-org/go-mysql/replication"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// What a log may make a reader allocate: the window of zstd, and what deflate
// can become of a byte, some times over.
const (
	logBase    = 4 * largestWindow
	logPerByte = 32 * mostDeflated
)

// recordedLogs returns the logs of testdata by their names.
func recordedLogs(t testing.TB) map[string][]byte {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join("testdata", "*.log"))
	must(t, err)
	logs := map[string][]byte{}
	for _, path := range paths {
		log, err := os.ReadFile(path)
		must(t, err)
		logs[filepath.Base(path)] = log
	}
	if len(logs) == 0 {
		t.Fatal("there are no recorded logs")
	}
	return logs
}

// withoutChecksums returns a log as a server writes it that computes none, so
// that what is changed in it is looked at. It begins with a rotation, which may
// have one.
func withoutChecksums(log []byte) []byte {
	var out []byte
	summed := false
	for _, e := range split(bytes.Clone(log)) {
		switch {
		case e[4] == byte(replication.FORMAT_DESCRIPTION_EVENT):
			summed = e[len(e)-5] == 1
			e[len(e)-5] = 0
		case summed && e[4] != byte(replication.ROTATE_EVENT):
			e = e[:len(e)-4]
			binary.LittleEndian.PutUint32(e[9:], uint32(len(e)))
		}
		out = append(out, e...)
	}
	return out
}

func productNamed(mariadb bool) mysql.Product {
	if mariadb {
		return mysql.MariaDB
	}
	return mysql.MySQL
}

// readTwice reads a log within bounds, and again: it says the same.
func readTwice(t *testing.T, product mysql.Product, log []byte) {
	t.Helper()
	events := split(log)
	var first []string
	bounded(t, log, logBase, logPerByte, func() { first = readEvents(product, events, Request{}) })
	if second := readEvents(product, events, Request{}); !slices.Equal(first, second) {
		t.Errorf("read as\n%s\nand as\n%s", strings.Join(first, "\n"), strings.Join(second, "\n"))
	}
}

// A recorded log says the same without its checksums, but for the places.
func TestRecorded_withoutChecksums(t *testing.T) {
	t.Parallel()
	for name, log := range recordedLogs(t) {
		product := productNamed(strings.HasPrefix(name, "mariadb"))
		var texts [2]string
		for i, log := range [][]byte{log, withoutChecksums(log)} {
			for _, line := range readEvents(product, split(log), Request{}) {
				line, _, _ = strings.Cut(line, " at binlog.")
				texts[i] += line + "\n"
			}
		}
		if texts[0] != texts[1] {
			t.Errorf("%s: with checksums\n%s\nwithout\n%s", name, texts[0], texts[1])
		}
	}
}

// A log that ends anywhere, or in which one byte is another, is an error or says
// something else: it is never a panic.
func TestRecorded_damaged(t *testing.T) {
	t.Parallel()
	logs := recordedLogs(t)
	for _, name := range slices.Sorted(maps.Keys(logs)) {
		if strings.HasPrefix(name, "mariadb-10.11") {
			continue // as 11.8
		}
		log, product := withoutChecksums(logs[name]), productNamed(strings.HasPrefix(name, "mariadb"))
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for at := range log {
				readEvents(product, split(log[:at]), Request{})
				broken := bytes.Clone(log)
				for _, b := range []byte{0xff, broken[at] ^ 1} {
					broken[at] = b
					readEvents(product, split(broken), Request{})
				}
			}
		})
	}
}

// FuzzLog reads logs of events.
func FuzzLog(f *testing.F) {
	for name, log := range recordedLogs(f) {
		f.Add(strings.HasPrefix(name, "mariadb"), log)
		f.Add(strings.HasPrefix(name, "mariadb"), withoutChecksums(log))
	}
	f.Fuzz(func(t *testing.T, mariadb bool, log []byte) { readTwice(t, productNamed(mariadb), log) })
}

// FuzzRows reads rows of a table with two columns of the same type, of which
// one is there.
func FuzzRows(f *testing.F) {
	for _, c := range storedValues {
		meta := append(bytesOf(c.meta), 0, 0)[:2]
		f.Add(bytesOf(c.kind)[0], meta[0], meta[1], bytesOf(c.rows))
	}
	f.Fuzz(func(t *testing.T, kind, meta0, meta1 byte, rows []byte) {
		for _, product := range []mysql.Product{mysql.MySQL, mysql.MariaDB} {
			w := newLog(product, false).begin().query("BEGIN")
			body := append(bytesOf("090000000000 0100 01 6400 01 7400 02"), kind, 3, 4, meta0, meta1, 0, 0, 0)
			w.add(replication.TABLE_MAP_EVENT, body)
			for _, e := range []replication.EventType{replication.WRITE_ROWS_EVENTv1, replication.DELETE_ROWS_EVENTv1} {
				w.add(e, append(bytesOf("090000000000 0100 02 01"), rows...))
			}
			readTwice(t, product, bytes.Join(w.events, nil))
		}
	})
}

// FuzzPayload reads transactions that were compressed.
func FuzzPayload(f *testing.F) {
	rows := eventOf(replication.WRITE_ROWS_EVENTv2, bytesOf("090000000000 0100 0200 01 ff 00 01000000"))
	f.Add(bytes.Join([][]byte{eventOf(replication.TABLE_MAP_EVENT, tableBody("03", "")), rows, eventOf(replication.XID_EVENT, make([]byte, 8))}, nil))
	f.Fuzz(func(t *testing.T, events []byte) {
		w := newLog(mysql.MySQL, false).begin().add(replication.TRANSACTION_PAYLOAD_EVENT, payload(t, events))
		readTwice(t, mysql.MySQL, bytes.Join(w.events, nil))
		raw := append(bytesOf("02 01 00 00"), events...)
		readTwice(t, mysql.MySQL, bytes.Join(newLog(mysql.MySQL, false).begin().add(replication.TRANSACTION_PAYLOAD_EVENT, raw).events, nil))
	})
}

// FuzzDecompress: what is read of a compressed column is read of itself again.
func FuzzDecompress(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte("\x00text"))
	f.Add(append(bytesOf("81 04"), deflated(f, "text", true)...))
	f.Add(append(bytesOf("89 04"), deflated(f, "text", false)...))
	f.Add(append(bytesOf("84 ffffffff"), deflated(f, "text", true)...))
	f.Fuzz(func(t *testing.T, stored []byte) {
		var v Value
		var err error
		bounded(t, stored, 1<<20, 8*mostDeflated, func() { v, err = decompress(stored) })
		if err != nil {
			return
		}
		text, ok := v.([]byte)
		if !ok {
			t.Fatalf("a %T", v)
		}
		again := append(binary.BigEndian.AppendUint64([]byte{0x87}, uint64(len(text)))[:1], binary.BigEndian.AppendUint64(nil, uint64(len(text)))[1:]...)
		v, err = decompress(append(again, deflated(t, string(text), true)...))
		if b, ok := v.([]byte); err != nil || !ok || !bytes.Equal(b, text) {
			t.Errorf("%q is read again as %v, %v", text, v, err)
		}
	})
}

// FuzzStatusVariables reads what a session was like.
func FuzzStatusVariables(f *testing.F) {
	for _, vars := range []string{"", "00 0000000c 01 0400100000000000 03 0200 0100", "0b 01 75 09 6c6f63616c686f7374", "0c 02 6100 6200", "83 02 2d00 ff00 0800 0500", "82 04 0100000000000000"} {
		f.Add(true, bytesOf(vars))
		f.Add(false, bytesOf(vars))
	}
	f.Fuzz(func(t *testing.T, mariadb bool, vars []byte) {
		var texts [2]string
		for i := range texts {
			q := &Query{}
			v := statusVariables{data: bytes.Clone(vars), out: q, mariadb: mariadb}
			bounded(t, vars, 1<<20, 1<<10, v.read)
			texts[i] = describeEnvironment(q.Environment)
			if !v.unknown && len(v.data) > 0 {
				t.Errorf("%d bytes were left", len(v.data))
			}
		}
		if texts[0] != texts[1] {
			t.Errorf("read as %q and as %q", texts[0], texts[1])
		}
	})
}

// FuzzPosition: a position is written as it is read.
func FuzzPosition(f *testing.F) {
	for _, text := range []string{"", "binlog.000002:157", "a%20b%25.000001:4", "gtid:0-1-5,1-1-7", "b.1:4 server:407cee1d gtid:407cee1d:1-3", "a%3Ab.000001:4", "%67tid:5"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := ParsePosition(text)
		if err != nil {
			return
		}
		if again, err := ParsePosition(p.String()); err != nil || again != p {
			t.Errorf("%q is %+v, written as %q, read again as %+v, %v", text, p, p.String(), again, err)
		}
	})
}

// FuzzGTIDs: a list covers itself, and a set is encoded as the library reads it.
func FuzzGTIDs(f *testing.F) {
	for _, list := range []string{"", "0-1-5,1-1-7", "[0-1-5]", "407cee1d-e80c-11ee-9a52-0242ac110002:1-5:9", "407cee1d-e80c-11ee-9a52-0242ac110002:tag:1"} {
		f.Add(list)
	}
	f.Fuzz(func(t *testing.T, list string) {
		if domains, err := parseDomains(list); err == nil {
			if covered, err := covers(list, list); !covered || err != nil {
				t.Errorf("%q, which is %v, does not cover itself: %v", list, domains, err)
			}
		}
		_ = isTagged(list)
		encoded, err := encodeGTIDs(list)
		if err != nil {
			return
		}
		if _, err := protocol.DecodeMysqlGTIDSet(encoded); err != nil {
			t.Errorf("%q is encoded as %x: %v", list, encoded, err)
		}
	})
}
