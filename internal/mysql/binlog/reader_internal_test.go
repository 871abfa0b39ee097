package binlog

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/go-mysql-org/go-mysql/replication"
	"github.com/klauspost/compress/zstd"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

const (
	mysqlBegan   = "begin  2023-11-14 22:13:20 9.7.0"
	mariadbBegan = "begin 0-1-7 2023-11-14 22:13:20 11.8.9-MariaDB"
	committed    = "commit rolledback=false at "
)

// storedValues are rows of one column of every type, as bytes of the log, and
// their values. A row begins with a bit for each column that is NULL.
var storedValues = map[string]struct {
	kind, meta string
	rows       string
	want       []string
}{
	"TINYINT":            {"01", "", "00 80  00 7f  01  00 ff", []string{"-128", "127", "NULL", "-1"}},
	"SMALLINT":           {"02", "", "00 0080  00 ff7f", []string{"-32768", "32767"}},
	"MEDIUMINT":          {"09", "", "00 000080  00 ffff7f  00 ffffff", []string{"-8388608", "8388607", "-1"}},
	"INT":                {"03", "", "00 00000080  00 ffffff7f", []string{"-2147483648", "2147483647"}},
	"BIGINT":             {"08", "", "00 0000000000000080  00 ffffffffffffffff", []string{"-9223372036854775808", "-1"}},
	"YEAR":               {"0d", "", "00 00  00 01  00 ff", []string{"0", "1901", "2155"}},
	"FLOAT":              {"04", "04", "00 0000c03f  00 cdcccc3d  00 00000080", []string{"1.5f", "0.1f", "-0f"}},
	"DOUBLE":             {"05", "08", "00 000000000000f83f  00 0100000000000000", []string{"1.5d", "5e-324d"}},
	"DECIMAL(3,2)":       {"f6", "0302", "00 810a  00 7ef5  00 8000", []string{"'1.10'", "'-1.10'", "'0.00'"}},
	"DECIMAL(20,0)":      {"f6", "1400", "00 8c 22c03c84 22222222", []string{"'12583023748572662306'"}},
	"DATE":               {"0a", "", "00 43c80f  00 000000  00 1fc80f", []string{"'2020-02-03'", "'0000-00-00'", "'2020-00-31'"}},
	"TIME":               {"13", "00", "00 b46efb  00 800000  00 4b9105  00 7fffff", []string{"'838:59:59'", "'00:00:00'", "'-838:59:59'", "'-00:00:01'"}},
	"TIME(2)":            {"13", "02", "00 7fffff ff  00 7fffff 00  00 800000 05", []string{"'-00:00:00.01'", "'-00:00:01'", "'00:00:00.05'"}},
	"TIME(6)":            {"13", "06", "00 7fffffffffff  00 800001000007", []string{"'-00:00:00.000001'", "'00:00:01.000007'"}},
	"DATETIME":           {"12", "00", "00 99a5864146  00 8000000000", []string{"'2020-02-03 04:05:06'", "'0000-00-00 00:00:00'"}},
	"DATETIME(3)":        {"12", "03", "00 99a5864146 1388", []string{"'2020-02-03 04:05:06.500'"}},
	"TIMESTAMP":          {"11", "00", "00 5e379d02  00 00000000  00 ffffffff", []string{"'2020-02-03 04:09:38'", "'0000-00-00 00:00:00'", "'2106-02-07 06:28:15'"}},
	"TIMESTAMP(6)":       {"11", "06", "00 5e379d02 000007", []string{"'2020-02-03 04:09:38.000007'"}},
	"CHAR(10)":           {"fe", "fe0a", "00 02 6162  00 00", []string{`"ab"`, `""`}},
	"CHAR(255) utf8mb4":  {"fe", "cefc", "00 0300 616263", []string{`"abc"`}},
	"BINARY(4)":          {"fe", "fe04", "00 02 00ff", []string{"x'00ff'"}},
	"VARCHAR(20)":        {"0f", "1400", "00 03 616263", []string{`"abc"`}},
	"VARCHAR(2000)":      {"0f", "d007", "00 0300 616263", []string{`"abc"`}},
	"TINYBLOB":           {"fc", "01", "00 02 00ff", []string{"x'00ff'"}},
	"BLOB":               {"fc", "02", "00 0200 6162", []string{`"ab"`}},
	"MEDIUMBLOB":         {"fc", "03", "00 020000 6162", []string{`"ab"`}},
	"LONGBLOB":           {"fc", "04", "00 02000000 6162", []string{`"ab"`}},
	"ENUM":               {"fe", "f701", "00 00  00 ff", []string{"0", "255"}},
	"ENUM of many":       {"fe", "f702", "00 0001", []string{"256"}},
	"SET":                {"fe", "f801", "00 05", []string{"5u"}},
	"SET of 64":          {"fe", "f808", "00 0100000000000080", []string{"9223372036854775809u"}},
	"BIT(1)":             {"10", "0100", "00 01", []string{"1u"}},
	"BIT(9)":             {"10", "0101", "00 0102", []string{"258u"}},
	"BIT(64)":            {"10", "0008", "00 8000000000000001", []string{"9223372036854775809u"}},
	"JSON":               {"f5", "04", "00 02000000 0401  00 00000000", []string{"json true", "json null"}},
	"GEOMETRY":           {"ff", "04", "00 05000000 0000000001", []string{"x'0000000001'"}},
	"VECTOR":             {"f2", "04", "00 04000000 0000c03f", []string{"x'0000c03f'"}},
	"CHAR in the log of": {"fe", "fe24", "00 03 e282ac", []string{`"€"`}},
}

func TestReader_values(t *testing.T) {
	t.Parallel()
	for name, c := range storedValues {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newLog(mysql.MySQL, true).begin().query("BEGIN").table(c.kind, c.meta)
			w.rows(replication.WRITE_ROWS_EVENTv2, "0200 01 ff "+c.rows).commit()
			want := "insert d.t"
			for _, v := range c.want {
				want += "\n  (" + v + ")"
			}
			mustRead(t, w.read(), mysqlBegan, want, committed)
		})
	}
}

// The three changes, in each form of their event, with and without checksums.
func TestReader_changes(t *testing.T) {
	t.Parallel()
	one, two := "00 01000000 01 61", "02 02000000" // (1, 'a'), (2, NULL)
	for name, c := range map[string]struct {
		kind replication.EventType
		rest string
		want string
	}{
		"insert v1": {replication.WRITE_ROWS_EVENTv1, "02 ff" + one + two, "insert d.t\n  (1, \"a\")\n  (2, NULL)"},
		"insert v2": {replication.WRITE_ROWS_EVENTv2, "0200 02 ff" + one, "insert d.t\n  (1, \"a\")"},
		"extra":     {replication.WRITE_ROWS_EVENTv2, "0500 010203 02 ff" + one, "insert d.t\n  (1, \"a\")"},
		"update v1": {replication.UPDATE_ROWS_EVENTv1, "02 ff ff" + one + two, "update d.t\n  (1, \"a\") -> (2, NULL)"},
		"update v2": {replication.UPDATE_ROWS_EVENTv2, "0200 02 ff ff" + one + two, "update d.t\n  (1, \"a\") -> (2, NULL)"},
		"delete v1": {replication.DELETE_ROWS_EVENTv1, "02 ff" + two, "delete d.t\n  (2, NULL)"},
		"delete v2": {replication.DELETE_ROWS_EVENTv2, "0200 02 ff" + two, "delete d.t\n  (2, NULL)"},
		"in part":   {replication.UPDATE_ROWS_EVENTv1, "02 01 02 00 01000000 00 01 62", "update d.t\n  (1, missing) -> (missing, \"b\")"},
		"no rows":   {replication.WRITE_ROWS_EVENTv1, "02 ff", "insert d.t"},
	} {
		for _, product := range []mysql.Product{mysql.MySQL, mysql.MariaDB} {
			for _, summed := range []bool{true, false} {
				t.Run(fmt.Sprintf("%s %s %t", name, product, summed), func(t *testing.T) {
					t.Parallel()
					w := newLog(product, summed).begin().query("BEGIN").table("03 0f", "1400").rows(c.kind, c.rest).commit()
					began := mysqlBegan
					if product == mysql.MariaDB {
						began = mariadbBegan
					}
					mustRead(t, w.read(), began, c.want, committed)
				})
			}
		}
	}
}

// Rows that cannot be what they say. None of them may reach the library, which
// reads rows without columns forever.
func TestReader_damagedRows(t *testing.T) {
	t.Parallel()
	const (
		misfit = "error: the binary log cannot be read at ``: rows that do not fit the description of their table"
		v1, v2 = replication.WRITE_ROWS_EVENTv1, replication.WRITE_ROWS_EVENTv2
	)
	apart := func(kind replication.EventType) string {
		return fmt.Sprintf("error: the binary log cannot be read at ``: an event of the type %s cannot be taken apart", kind)
	}
	const inPart = "error: the server writes rows into its binary log in part (`binlog_row_image = MINIMAL`), and only whole rows can be replayed;" +
		" set `binlog_row_image = FULL` and take a new checkpoint"
	for name, c := range map[string]struct {
		kind replication.EventType
		rest string
		want string
	}{
		"no columns":                  {v1, "02 00 0000", inPart},
		"no columns and no rows":      {v1, "02 00", inPart},
		"columns that are not there":  {v1, "02 fc 0000", inPart},
		"no columns after an update":  {replication.UPDATE_ROWS_EVENTv1, "02 ff 00 00 01000000 01 61", inPart},
		"more columns":                {v1, "03 ff 00", misfit},
		"4 billion columns":           {v1, "fe ffffffff00000000 ff 00", misfit},
		"as many as there are atoms":  {v1, "fe ffffffffffffffff ff 00", misfit},
		"no number of columns":        {v2, "0200", misfit},
		"a number cut off":            {v1, "fe 0200", misfit},
		"no bits":                     {v1, "02", misfit},
		"no bits of the second image": {replication.UPDATE_ROWS_EVENTv2, "0200 02 ff", misfit},
		"no extra":                    {v2, "02", misfit},
		"extra of 64 KiB":             {v2, "ffff 02 ff", misfit},
		"rows cut off":                {v1, "02 ff 00 010000", apart(v1)},
		"a text cut off":              {v1, "02 ff 00 01000000 05 61", apart(v1)},
		"half an update":              {replication.UPDATE_ROWS_EVENTv1, "02 ff ff 00 01000000 01 61", apart(replication.UPDATE_ROWS_EVENTv1)},
		"a document in part": {
			replication.PARTIAL_UPDATE_ROWS_EVENT, "0200 02 ff ff",
			"error: the server writes JSON documents into its binary log in part, and only whole ones can be replayed; set `binlog_row_value_options = ''` and take a new checkpoint",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newLog(mysql.MySQL, false).begin().query("BEGIN").table("03 0f", "1400").rows(c.kind, c.rest)
			mustRead(t, w.read(), c.want)
		})
	}
	t.Run("no table", func(t *testing.T) {
		t.Parallel()
		w := newLog(mysql.MySQL, false).begin().add(v1, bytesOf("0900"))
		mustRead(t, w.read(), "error: the binary log cannot be read at ``: rows without a table")
	})
	t.Run("a table that was not described", func(t *testing.T) {
		t.Parallel()
		w := newLog(mysql.MySQL, false).begin().query("BEGIN").rows(v1, "02 ff 00 01000000 01 61")
		mustRead(t, w.read(), "error: the binary log cannot be read at ``: rows without a table")
	})
	t.Run("no rows of no table", func(t *testing.T) {
		t.Parallel()
		w := newLog(mysql.MySQL, false).begin().query("BEGIN").add(v1, bytesOf("ffffff000000 0100 00")).commit()
		mustRead(t, w.read(), mysqlBegan, committed)
	})
}

// Descriptions of tables that cannot be.
func TestReader_damagedTables(t *testing.T) {
	t.Parallel()
	const apart = "error: the binary log cannot be read at ``: an event is not what its type says"
	const none = "error: the binary log cannot be read at ``: the description of a table cannot be read"
	const short = "error: the binary log cannot be read at ``: the description of a table is too short"
	long := "090000000000 0100 01 6400 01 7400 "
	for name, c := range map[string]struct{ body, want string }{
		"nothing":                  {"", short},
		"no name":                  {"090000000000 0100 05 64", short},
		"no table":                 {"090000000000 0100 01 6400", apart},
		"no columns":               {long, none},
		"a number cut off":         {long + "fe 01", apart},
		"a number that is cut off": {long + "fd 0100", apart},
		"4 billion columns":        {long + "fe ffffffff00000000 03", apart},
		"columns without end":      {long + "fe ffffffffffffffff 03", apart},
		"a null of columns":        {long + "fb 00 00", none},
		"nothing said of them":     {long + "01 0f", apart},
		"too little said of them":  {long + "01 0f 01 14 00", apart},
		"an old type": {
			long + "01 00 02 0302 00",
			"error: the binary log holds rows of the table `t` with the type 0 in column 1 at ``, whose values cannot be read",
		},
		"an unknown string": {
			long + "02 03 fe 02 f504 00",
			"error: the binary log holds rows of the table `t` with the type 254 in column 2 at ``, whose values cannot be read",
		},
	} {
		for _, product := range []mysql.Product{mysql.MySQL, mysql.MariaDB} {
			t.Run(name+" "+string(product), func(t *testing.T) {
				t.Parallel()
				mustRead(t, newLog(product, false).begin().add(replication.TABLE_MAP_EVENT, bytesOf(c.body)).read(), c.want)
			})
		}
	}
}

// MariaDB's compressed columns, rows and statements.
func TestReader_compressedByMariaDB(t *testing.T) {
	t.Parallel()
	text := strings.Repeat("a", 300)
	stored := append([]byte{0x82, 0x01, 0x2c}, deflated(t, text, true)...)
	for _, summed := range []bool{true, false} {
		w := newLog(mysql.MariaDB, summed).begin().query("BEGIN").table("8d 8c", "d007 02")
		row := append([]byte{0}, binary.LittleEndian.AppendUint16(nil, uint16(len(stored)))...)
		row = append(append(row, stored...), 3, 0, 0, 'b', 'c')
		w.add(replication.WRITE_ROWS_EVENTv1, append(bytesOf("090000000000 0100 02 ff"), row...)).commit()
		mustRead(t, w.read(), mariadbBegan, "insert d.t\n  (300 bytes 89971909, \"bc\")", committed)
	}
	rows := deflated(t, string(bytesOf("00 01000000 00 02000000")), true)
	const apart = "error: the binary log cannot be read at ``: "
	for length, want := range map[string][]string{
		"81 0a":               {mariadbBegan, "insert d.t\n  (1)\n  (2)", committed},
		"84 0000000a":         {mariadbBegan, "insert d.t\n  (1)\n  (2)", committed},
		"84 ffffffff":         {apart + "compressed rows cannot be read"},
		"87 ffffffffffffff":   {apart + "compressed rows cannot be read"},
		"86 010000000000":     {apart + "compressed rows cannot be read"},
		"81 0b":               {apart + "an event of the type MariadbWriteRowsCompressedEventV1 cannot be taken apart"},
		"84 00ffff0a":         {apart + "compressed rows cannot be read"},
		"81 0a 00 is no zlib": {apart + "an event of the type MariadbWriteRowsCompressedEventV1 cannot be taken apart"},
	} {
		head := bytesOf("090000000000 0100 01 ff " + strings.Split(length, " is")[0])
		w := newLog(mysql.MariaDB, false).begin().query("BEGIN").table("03", "")
		w.add(replication.MARIADB_WRITE_ROWS_COMPRESSED_EVENT_V1, append(head, rows...)).commit()
		mustRead(t, w.read(), want...)
	}
	statement := deflated(t, "CREATE TABLE t (id INT)", true)
	for length, want := range map[string][]string{
		"81 17":             {mariadbBegan, `query "CREATE TABLE t (id INT)" in "d" mode=0 charsets=0,0,0`, committed},
		"84 ffffffff":       {apart + "a statement cannot be read"},
		"87 ffffffffffffff": {apart + "a statement cannot be read"},
		"81 18":             {apart + "an event of the type MariadbQueryCompressedEvent cannot be taken apart"},
	} {
		w := newLog(mysql.MariaDB, false).add(replication.MARIADB_GTID_EVENT, bytesOf("0700000000000000 00000000 01"))
		w.add(replication.MARIADB_QUERY_COMPRESSED_EVENT, append(bytesOf("00000000 00000000 01 0000 0000 6400"+length), statement...))
		mustRead(t, w.read(), want...)
	}
}

// payload returns the body of a compressed transaction of these events.
func payload(t testing.TB, events ...[]byte) []byte {
	t.Helper()
	z, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	return z.EncodeAll(bytes.Join(events, nil), bytesOf("02 01 00 00"))
}

// MySQL's compressed transactions.
func TestReader_compressedByMySQL(t *testing.T) {
	t.Parallel()
	const (
		kind  = replication.TRANSACTION_PAYLOAD_EVENT
		whole = "error: the binary log cannot be read at ``: a compressed transaction is not whole"
		event = "error: the binary log cannot be read at ``: an event in a compressed transaction cannot be read"
		read  = "error: the binary log cannot be read at ``: a compressed transaction cannot be read"
	)
	begin := eventOf(replication.QUERY_EVENT, append(bytesOf("00000000 00000000 01 0000 0000 6400"), "BEGIN"...))
	table := eventOf(replication.TABLE_MAP_EVENT, tableBody("03", ""))
	rows := eventOf(replication.WRITE_ROWS_EVENTv2, bytesOf("090000000000 0100 0200 01 ff 00 01000000"))
	end := eventOf(replication.XID_EVENT, make([]byte, 8))
	sized := func(size uint32) []byte {
		e := bytes.Clone(rows)
		binary.LittleEndian.PutUint32(e[9:], size)
		return e
	}
	for name, c := range map[string]struct {
		body []byte
		want []string
	}{
		"whole":                    {payload(t, begin, table, rows, end), []string{mysqlBegan, "insert d.t\n  (1)", committed}},
		"nothing":                  {payload(t), []string{"error: the binary log cannot be read at ``, because its last transaction is not whole"}},
		"an event of 4 GiB":        {payload(t, begin, table, sized(1<<32-1)), []string{event}},
		"an event of 1 GiB":        {payload(t, begin, table, sized(1<<30)), []string{whole}},
		"an event of 18 bytes":     {payload(t, begin, table, sized(18)), []string{event}},
		"half a head":              {payload(t, begin, table, rows[:10]), []string{read}},
		"one in another":           {payload(t, eventOf(kind, payload(t, begin))), []string{event}},
		"a description":            {payload(t, newLog(mysql.MySQL, false).events[0]), []string{event}},
		"not compressed after all": {append(bytesOf("02 01 00 00"), begin...), []string{read}},
		"cut off":                  {payload(t, begin, table, rows, end)[:30], []string{read}},
		"a window of 4 GiB":        {bytesOf("02 01 00 00 28b52ffd 00 b0 010000 00"), []string{read}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, summed := range []bool{true, false} {
				mustRead(t, newLog(mysql.MySQL, summed).begin().add(kind, c.body).read(), c.want...)
			}
		})
	}
}

func eventOf(kind replication.EventType, body []byte) []byte { return event(kind, 0, body) }

// What begins and ends transactions, and what there is besides.
func TestReader_boundaries(t *testing.T) {
	t.Parallel()
	rotate := append(bytesOf("0400000000000000"), "binlog.000007"...)
	load := append(bytesOf("00000000 00000000 01 0000 0000 01000000 00000000 00000000 00 6400"), "LOAD DATA"...)
	create := append(bytesOf("00000000 00000000 01 0000 0000 6400"), "CREATE TABLE x (id INT)"...)
	const created = `query "CREATE TABLE x (id INT)" in "d" mode=0 charsets=0,0,0`
	for name, c := range map[string]struct {
		log  *logWriter
		want []string
	}{
		"statement": {newLog(mysql.MySQL, true).begin().add(replication.QUERY_EVENT, create), []string{mysqlBegan, created, committed}},
		"two statements": {
			newLog(mysql.MySQL, true).begin().query("BEGIN").query("INSERT INTO x VALUES (1)").query("COMMIT"),
			[]string{mysqlBegan, `query "INSERT INTO x VALUES (1)" in "d" mode=0 charsets=0,0,0`, committed},
		},
		"undone":       {newLog(mysql.MySQL, true).begin().query("BEGIN").query("ROLLBACK"), []string{mysqlBegan, "commit rolledback=true at "}},
		"not finished": {newLog(mysql.MySQL, true).begin().query("BEGIN"), []string{"error: the binary log cannot be read at ``, because its last transaction is not whole"}},
		"in two phases": {
			newLog(mysql.MySQL, true).begin().query("XA START x'61',x'',1").add(replication.XA_PREPARE_LOG_EVENT, bytesOf("00 01000000 01000000 00000000 61")),
			[]string{mysqlBegan, `query "XA START x'61',x'',1" in "d" mode=0 charsets=0,0,0`, "prepare at "},
		},
		"in one phase": {
			newLog(mysql.MySQL, true).begin().query("XA START x'61',x'',1").add(replication.XA_PREPARE_LOG_EVENT, bytesOf("01 01000000 01000000 00000000 61")),
			[]string{mysqlBegan, `query "XA START x'61',x'',1" in "d" mode=0 charsets=0,0,0`, committed},
		},
		"LOAD DATA": {
			newLog(mysql.MySQL, true).begin().query("BEGIN").add(replication.BEGIN_LOAD_QUERY_EVENT, bytesOf("01000000 61")).add(replication.EXECUTE_LOAD_QUERY_EVENT, load).commit(),
			[]string{mysqlBegan, `query "LOAD DATA" in "d" error=0 load=true incomplete=false mode=0 charsets=0,0,0`, committed},
		},
		"LOAD DATA cut off": {
			newLog(mysql.MySQL, true).begin().query("BEGIN").add(replication.EXECUTE_LOAD_QUERY_EVENT, load[:20]),
			[]string{"error: the binary log cannot be read at ``: a statement cannot be read"},
		},
		"LOAD DATA without its statement": {
			newLog(mysql.MySQL, true).begin().query("BEGIN").add(replication.EXECUTE_LOAD_QUERY_EVENT, load[:27]),
			[]string{"error: the binary log cannot be read at ``: a statement cannot be read"},
		},
		"MariaDB alone": {
			newLog(mysql.MariaDB, true).add(replication.MARIADB_GTID_EVENT, bytesOf("0700000000000000 00000000 01")).add(replication.QUERY_EVENT, create),
			[]string{mariadbBegan, created, committed},
		},
		"half of an ALTER": {
			newLog(mysql.MariaDB, true).add(replication.MARIADB_GTID_EVENT, bytesOf("0700000000000000 00000000 01")).
				add(replication.QUERY_EVENT, append(bytesOf("00000000 00000000 01 0000 0200 8202 6400"), "ALTER TABLE x ADD y INT"...)),
			[]string{mariadbBegan, committed},
		},
		"what does not matter": {
			newLog(mysql.MySQL, true).add(replication.PREVIOUS_GTIDS_EVENT, nil).begin().query("BEGIN").add(replication.ROWS_QUERY_EVENT, nil).
				add(replication.INTVAR_EVENT, nil).add(replication.RAND_EVENT, nil).add(replication.USER_VAR_EVENT, nil).commit().add(replication.STOP_EVENT, nil),
			[]string{mysqlBegan, committed},
		},
		"what may be ignored": {newLog(mysql.MySQL, true).begin().query("BEGIN").addFlags(199, replication.LOG_EVENT_IGNORABLE_F, nil).commit(), []string{mysqlBegan, committed}},
		"what may not": {
			newLog(mysql.MySQL, true).begin().query("BEGIN").add(199, nil),
			[]string{"error: the binary log holds an event of the type 199 (UnknownEvent) at ``, which is not known, so what it changes cannot be replayed"},
		},
		"a gap": {
			newLog(mysql.MySQL, true).add(replication.INCIDENT_EVENT, bytesOf("0100 00")),
			[]string{"error: the binary log has a gap at ``: the server could not write what happened there (an incident event), so changes after it cannot be replayed"},
		},
		"another file": {
			newLog(mysql.MySQL, true).add(replication.ROTATE_EVENT, rotate).begin().add(replication.QUERY_EVENT, create),
			[]string{mysqlBegan, created, "commit rolledback=false at binlog.000007:113"},
		},
		"another file without a checksum": {
			newLog(mysql.MySQL, false).add(replication.ROTATE_EVENT, rotate).begin().add(replication.QUERY_EVENT, create),
			[]string{mysqlBegan, created, "commit rolledback=false at binlog.000007:105"},
		},
		"another file of no name":      {newLog(mysql.MySQL, false).add(replication.ROTATE_EVENT, rotate[:8]), []string{"error: the binary log cannot be read at ``: a rotate event names no file"}},
		"a statement cut off":          {newLog(mysql.MySQL, false).begin().add(replication.QUERY_EVENT, create[:12]), []string{"error: the binary log cannot be read at ``: an event is not what its type says"}},
		"a statement without its text": {newLog(mysql.MySQL, false).begin().add(replication.QUERY_EVENT, create[:14]), []string{"error: the binary log cannot be read at ``: an event is not what its type says"}},
		"a name cut off":               {newLog(mysql.MySQL, false).add(replication.GTID_EVENT, make([]byte, 5)), []string{"error: the binary log cannot be read at ``: an event is not what its type says"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mustRead(t, c.log.read(), c.want...)
		})
	}
}

// Each bit of an event counts, also of what is not looked at any further.
func TestReader_checksums(t *testing.T) {
	t.Parallel()
	w := newLog(mysql.MySQL, true).begin().query("BEGIN").table("03", "").rows(replication.WRITE_ROWS_EVENTv2, "0200 01 ff 00 01000000").commit()
	for i, e := range w.events[1:] {
		for at := range e {
			if at == 4 || at >= 9 && at < 13 { // the type and the size decide what is read
				continue
			}
			broken := bytes.Clone(e)
			broken[at] ^= 0x40
			events := append(append([][]byte{}, w.events[:i+1]...), broken)
			events = append(events, w.events[i+2:]...)
			got := strings.Join(readEvents(mysql.MySQL, events, Request{}), "\n")
			if !strings.HasSuffix(got, ": a checksum does not match") {
				t.Errorf("event %d with another byte %d: %s", i+1, at, got)
			}
		}
	}
	mustRead(t, readEvents(mysql.MySQL, w.events[1:], Request{}), "error: the binary log cannot be read at ``: an event stands before the description of its format")
	short := bytes.Clone(w.events[1])
	binary.LittleEndian.PutUint32(short[9:], 20)
	mustRead(t, readEvents(mysql.MySQL, [][]byte{w.events[0], short}, Request{}), "error: the binary log cannot be read at ``: an event has not the size that it names")
	mustRead(t, readEvents(mysql.MySQL, [][]byte{{1, 2}}, Request{}), "error: the binary log cannot be read at ``: an event has not the size that it names")
}

// What is asked for ends reading, and only databases that are wanted are read.
func TestReader_requests(t *testing.T) {
	t.Parallel()
	rotate := append(bytesOf("0400000000000000"), "binlog.000007"...)
	log := newLog(mysql.MySQL, true).add(replication.ROTATE_EVENT, rotate)
	for range 2 {
		log.begin().query("BEGIN").table("03", "").rows(replication.WRITE_ROWS_EVENTv2, "0200 01 ff 00 01000000").commit()
	}
	moment := time.Unix(1700000000, 0)
	first := []string{mysqlBegan, "insert d.t\n  (1)", "commit rolledback=false at binlog.000007:207"}
	all := append(append([]string{}, first...), mysqlBegan, "insert d.t\n  (1)", "commit rolledback=false at binlog.000007:410")
	for name, c := range map[string]struct {
		r    Request
		want []string
	}{
		"everything":         {Request{}, all},
		"to the first end":   {Request{End: Position{File: "binlog.000007", Offset: 207}}, first},
		"to the second end":  {Request{End: Position{File: "binlog.000007", Offset: 410}}, all},
		"an earlier file":    {Request{End: Position{File: "binlog.000006", Offset: 999}}, nil},
		"a later file":       {Request{End: Position{File: "binlog.000008", Offset: 4}}, all},
		"to a later moment":  {Request{Until: moment.Add(time.Microsecond)}, all},
		"to the very moment": {Request{Until: moment}, nil},
		"another database": {
			Request{Wants: func(name string) bool { return name != "d" }},
			[]string{mysqlBegan, "commit rolledback=false at binlog.000007:207", mysqlBegan, "commit rolledback=false at binlog.000007:410"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mustRead(t, readEvents(mysql.MySQL, log.events, c.r), c.want...)
		})
	}
}
