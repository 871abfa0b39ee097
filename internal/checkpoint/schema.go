package checkpoint

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint/script"
	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint/session"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/catalog"
)

// structure is what is known of a database at one moment.
type structure struct {
	schema      script.Schema
	fingerprint ddl.Fingerprint
	firm        ddl.Fingerprint // see readFingerprints
	tables      []tableInfo     // that hold rows, by name
}

// A tableInfo is a table that holds rows.
type tableInfo struct {
	name   string
	engine string
	size   int64 // of its rows in bytes, about
	rows   int64 // about
	// versioned says that the table keeps old versions of its rows.
	versioned bool
}

// snapshots says whether the rows of the table belong to a snapshot.
func (t tableInfo) snapshots() bool { return strings.EqualFold(t.engine, "InnoDB") }

// remote says that the rows belong to other tables or servers.
func (t tableInfo) remote() bool {
	switch strings.ToUpper(t.engine) {
	case "FEDERATED", "CONNECT", "SPIDER", "MRG_MYISAM", "BLACKHOLE":
		return true
	}
	return false
}

// readStructure reads it, statement by statement; see stableStructure.
func readStructure(ctx context.Context, q mysql.Queryer, info mysql.Info, database string) (*structure, error) {
	s := &structure{}
	var err error
	if s.fingerprint, s.firm, err = readFingerprints(ctx, q, info, database); err != nil {
		return nil, err
	}
	dump, err := catalog.DumpDatabase(ctx, q, info, database)
	if err != nil {
		return nil, fmt.Errorf("read the structure of `%s`: %w", database, err)
	}
	s.schema.CharacterSet, s.schema.Collation = dump.CharacterSet, dump.Collation
	for _, o := range dump.Objects {
		s.schema.Objects = append(s.schema.Objects, ddl.Object{
			Kind: ddl.Kind(o.Kind), Name: o.Name, Table: o.Table, SQL: o.SQL,
			SQLMode: o.SQLMode, CharacterSetClient: o.CharacterSetClient, CollationConnection: o.CollationConnection,
		})
	}
	if err := s.readTables(ctx, q, database); err != nil {
		return nil, fmt.Errorf("list the tables of `%s`: %w", database, err)
	}
	if err := s.readEventZones(ctx, q, database); err != nil {
		return nil, fmt.Errorf("read the time zones of the events of `%s`: %w", database, err)
	}
	if missing := s.disagreement(); len(missing) > 0 {
		return nil, &ChangedError{Database: database, Objects: missing}
	}
	return s, nil
}

// disagreement returns the objects that one of the questions knew and another
// did not: they were asked one after the other, and a list of MariaDB's lacks a
// table that is being renamed.
func (s *structure) disagreement() []string {
	described, dumped, stored := map[string]string{}, map[string]string{}, map[string]string{}
	for _, name := range keys(s.fingerprint.Objects) {
		described[name] = ""
	}
	for _, o := range s.schema.Objects {
		dumped[o.Key()] = ""
		if o.Kind == ddl.KindTable {
			stored[o.Key()] = ""
		}
	}
	found := map[string]string{}
	for _, t := range s.tables {
		found[ddl.Object{Kind: ddl.KindTable, Name: t.name}.Key()] = ""
	}
	return append(missingFrom(described, dumped), missingFrom(stored, found)...)
}

// missingFrom returns the names that only one of two sets has, sorted.
func missingFrom(a, b map[string]string) []string {
	var names []string
	for _, pair := range [][2]map[string]string{{a, b}, {b, a}} {
		for name := range pair[0] {
			if _, ok := pair[1][name]; !ok {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	return names
}

// readFingerprint asks the server for the structure; a database that does not
// exist has an empty fingerprint.
func readFingerprint(ctx context.Context, q mysql.Queryer, info mysql.Info, database string) (ddl.Fingerprint, error) {
	whole, _, err := readFingerprints(ctx, q, info, database)
	return whole, err
}

// readFingerprints is readFingerprint, and the same without the columns of views,
// which follow from what else is there: in a transaction that only reads, MariaDB
// does not know those of a view with a function that writes.
func readFingerprints(ctx context.Context, q mysql.Queryer, info mysql.Info, database string) (whole, firm ddl.Fingerprint, err error) {
	product := ddl.Product(info.Product)
	all, some := ddl.NewHasher(product), ddl.NewHasher(product)
	err = catalog.Describe(ctx, q, info, catalog.Databases{Names: []string{database}}, func(r catalog.DescribeRow) error {
		all.Add(r.Database, r.Kind, r.Object, r.Source, r.Values)
		if r.Kind != string(ddl.KindView) || r.Source != "columns" {
			some.Add(r.Database, r.Kind, r.Object, r.Source, r.Values)
		}
		return nil
	})
	if err != nil {
		return whole, firm, fmt.Errorf("read the structure of `%s`: %w", database, err)
	}
	return all.Fingerprints()[database], some.Fingerprints()[database], nil
}

func (s *structure) readTables(ctx context.Context, q mysql.Queryer, database string) error {
	rows, err := q.Query(ctx, "SELECT TABLE_NAME, TABLE_TYPE, COALESCE(ENGINE, ''), COALESCE(DATA_LENGTH, 0), COALESCE(INDEX_LENGTH, 0), COALESCE(TABLE_ROWS, 0), COALESCE(TABLE_COMMENT, '')"+
		" FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_TYPE <> 'TEMPORARY' ORDER BY TABLE_NAME", database)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var t tableInfo
		var kind, comment string
		var keys int64
		if err := rows.Scan(&t.name, &kind, &t.engine, &t.size, &keys, &t.rows, &comment); err != nil {
			return err
		}
		switch kind {
		case "VIEW":
			// The comment of a view that works is the word VIEW.
			if comment != "VIEW" && comment != "" {
				s.schema.Broken = append(s.schema.Broken, t.name)
			}
		case "SEQUENCE":
		default:
			t.versioned = kind == "SYSTEM VERSIONED"
			s.tables = append(s.tables, t)
			s.noteMemory(t, keys)
		}
	}
	return rows.Err()
}

// noteMemory keeps how much memory a table of the engine MEMORY has.
func (s *structure) noteMemory(t tableInfo, keys int64) {
	if !strings.EqualFold(t.engine, "MEMORY") || t.size+keys == 0 {
		return
	}
	if s.schema.Memory == nil {
		s.schema.Memory = map[string]int64{}
	}
	s.schema.Memory[t.name] = t.size + keys
}

func (s *structure) readEventZones(ctx context.Context, q mysql.Queryer, database string) error {
	if !slices.ContainsFunc(s.schema.Objects, func(o ddl.Object) bool { return o.Kind == ddl.KindEvent }) {
		return nil
	}
	rows, err := q.Query(ctx, "SELECT EVENT_NAME, TIME_ZONE FROM information_schema.EVENTS WHERE EVENT_SCHEMA = ?", database)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var name, zone string
		if err := rows.Scan(&name, &zone); err != nil {
			return err
		}
		if zone == session.TimeZone {
			continue
		}
		if s.schema.EventTimeZones == nil {
			s.schema.EventTimeZones = map[string]string{}
		}
		s.schema.EventTimeZones[name] = zone
	}
	return rows.Err()
}

// readCounters reads the next automatic values and where sequences stand. They
// belong to no snapshot: they only grow, so that those read after a snapshot fit
// its rows.
func readCounters(ctx context.Context, q mysql.Queryer, database string, schema *script.Schema) error {
	for _, o := range schema.Objects {
		switch o.Kind {
		case ddl.KindTable:
			if !strings.Contains(strings.ToUpper(o.SQL), "AUTO_INCREMENT") {
				continue
			}
			next, err := readCounter(ctx, q, database, o.Name)
			if err != nil {
				return err
			}
			if next > 1 {
				if schema.Counters == nil {
					schema.Counters = map[string]uint64{}
				}
				schema.Counters[o.Name] = next
			}
		case ddl.KindSequence:
			var v script.SequenceValue
			err := q.Row(ctx, "SELECT next_not_cached_value, cycle_count FROM "+mysql.Qualified(database, o.Name)).Scan(&v.Next, &v.Round)
			if err != nil {
				return fmt.Errorf("read the sequence `%s`: %w", o.Name, err)
			}
			if schema.Sequences == nil {
				schema.Sequences = map[string]script.SequenceValue{}
			}
			schema.Sequences[o.Name] = v
		}
	}
	return nil
}

func readCounter(ctx context.Context, q mysql.Queryer, database, table string) (uint64, error) {
	var name string
	var text sql.RawBytes
	rows, err := q.Query(ctx, "SHOW CREATE TABLE "+mysql.Qualified(database, table))
	if err != nil {
		return 0, fmt.Errorf("read the counter of `%s`: %w", table, err)
	}
	defer func() { _ = rows.Close() }()
	var next uint64 = 1
	if rows.Next() {
		if err := rows.Scan(&name, &text); err != nil {
			return 0, fmt.Errorf("read the counter of `%s`: %w", table, err)
		}
		next = ddl.Object{SQL: string(text)}.AutoIncrement()
	}
	if err := rows.Err(); err != nil {
		return 0, fmt.Errorf("read the counter of `%s`: %w", table, err)
	}
	return next, nil
}

// only keeps the tables that were chosen, with their triggers.
func (s *structure) only(tables []string) error {
	if len(tables) == 0 {
		return nil
	}
	for _, name := range tables {
		if !slices.ContainsFunc(s.tables, func(t tableInfo) bool { return t.name == name }) {
			return &NoTableError{Table: name}
		}
	}
	s.tables = slices.DeleteFunc(s.tables, func(t tableInfo) bool { return !slices.Contains(tables, t.name) })
	s.schema = s.schema.Only(tables)
	return nil
}
