package source_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/account"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest/instance"
)

// plantedServer is a private server with the databases that a planter mentions, and
// a connection that may do with shop_a what it likes and has nothing else.
type plantedServer struct {
	*mysqltest.Server
	accounts *account.Accounts
	x        *mysql.Session
	run      *account.Run
	before   string
}

// foreignValue is in every table of others and nowhere in shop_a.
const foreignValue = "8151623"

func newPlantedServer(t *testing.T, kind instance.Kind) *plantedServer {
	t.Helper()
	s := mysqltest.Private(t, kind, mysqltest.Args("--log-bin=binlog", "--server-id=7", "--log-bin-trust-function-creators=1")).Server
	for _, database := range []string{"shop_a", "shop_b", "SHOP_c", "landlord", "billing", "`shop_``x`"} {
		s.Exec(t, "CREATE DATABASE "+database)
		value := foreignValue
		if database == "shop_a" {
			value = "1"
		}
		for _, table := range []string{"notes", "tags", "users"} {
			s.Exec(t, "CREATE TABLE "+database+"."+table+" (id INT, body INT, KEY (id))", "INSERT INTO "+database+"."+table+" VALUES ("+value+", "+value+")")
		}
		s.Exec(t, "CREATE FUNCTION "+database+".f(n INT) RETURNS INT DETERMINISTIC RETURN "+value)
	}
	cfg := landlord.Config{Main: mysql.Config{Endpoint: s.Endpoint(), Username: s.Username, Password: s.Password}, Database: s.LandlordDatabase, Prefix: s.Prefix}.WithDefaults()
	servers, err := registry.Open(&cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = servers.Close() })
	p := &plantedServer{Server: s, accounts: account.New(servers.Config)}
	if p.x, err = servers.Main().Session(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.x.Close)
	p.open(t)
	t.Cleanup(func() { _ = p.run.Close() })
	p.before = p.others(t)
	return p
}

func (p *plantedServer) open(t *testing.T) {
	t.Helper()
	var err error
	if p.run, err = p.accounts.Open(t.Context(), account.Purpose{On: p.x, Database: "shop_a", Grants: []account.Grant{
		{Database: "shop_a", Privileges: account.OnDatabase + ", CREATE ROUTINE, ALTER ROUTINE, EVENT"},
	}}); err != nil {
		t.Fatal(err)
	}
}

// others reads everything but shop_a.
func (p *plantedServer) others(t *testing.T) string {
	t.Helper()
	text := fmt.Sprint(p.QueryRows(t, "SELECT TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME FROM information_schema.COLUMNS WHERE TABLE_SCHEMA IN ('shop_b', 'SHOP_c', 'landlord', 'billing', 'shop_`x') ORDER BY 1, 2, 3"),
		p.QueryRows(t, "SELECT ROUTINE_SCHEMA, ROUTINE_NAME FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA IN ('shop_b', 'SHOP_c', 'landlord', 'billing', 'shop_`x') ORDER BY 1, 2"),
		p.QueryRows(t, "SELECT User, Host FROM mysql.user WHERE User NOT LIKE '%\\_run\\_%' ORDER BY 1, 2"))
	for _, database := range []string{"shop_b", "SHOP_c", "landlord", "billing", "`shop_``x`"} {
		for _, table := range []string{"notes", "tags", "users"} {
			text += fmt.Sprint(p.QueryRows(t, "SELECT * FROM "+database+"."+table))
		}
	}
	return text
}

// try runs a statement and what it makes, and returns everything that came back.
// An error of the server is what is wanted.
func (p *plantedServer) try(t *testing.T, text string) string {
	t.Helper()
	var out strings.Builder
	send := func(sql string) {
		if p.run.Session.Poisoned() {
			return
		}
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		rows, err := p.run.Session.Query(ctx, sql)
		if err != nil {
			return
		}
		defer func() { _ = rows.Close() }()
		columns, err := rows.Columns()
		if err != nil {
			return
		}
		values, into := make([][]byte, len(columns)), make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		for rows.Next() && rows.Scan(into...) == nil {
			for _, v := range values {
				out.Write(append(v, '\t'))
			}
		}
	}
	send(text)
	for _, use := range []string{
		"SELECT * FROM ext_v", "SELECT ext_f()", "INSERT INTO notes (id) VALUES (1)", "INSERT INTO tags (id) VALUES (1)", "INSERT INTO users (id) VALUES (1)", "CALL ext_p()", "CALL shop_b()", "CALL `begin`()",
		"SELECT * FROM notes", "SELECT * FROM tags", "SELECT * FROM users", "SELECT * FROM ext_t",
		"DROP VIEW IF EXISTS ext_v", "DROP FUNCTION IF EXISTS ext_f", "DROP TRIGGER IF EXISTS `after`", "DROP TRIGGER IF EXISTS ext_t", "DROP TRIGGER IF EXISTS shop_b",
		"DROP PROCEDURE IF EXISTS ext_p", "DROP PROCEDURE IF EXISTS shop_b", "DROP PROCEDURE IF EXISTS `begin`", "DROP EVENT IF EXISTS ext_e", "DROP TABLE IF EXISTS ext_t",
		"DELETE FROM notes", "DELETE FROM tags", "DELETE FROM users",
	} {
		send(use)
	}
	if p.run.Session.Poisoned() {
		if err := p.run.Close(); err != nil {
			t.Fatal(err)
		}
		p.open(t)
	}
	return out.String()
}

// checkDenied makes one statement of a seed with something planted and has the
// account run it.
func (p *plantedServer) checkDenied(t *testing.T, seed uint64) {
	t.Helper()
	g := &planter{r: rand.New(rand.NewPCG(seed, 1)), chance: 2} //nolint:gosec // not for secrets
	text, _ := g.statement()
	if len(g.planted) == 0 {
		return
	}
	if got := p.try(t, text); strings.Contains(got, foreignValue) {
		t.Errorf("seed %d: what is another's came back: %q is in\n%s", seed, g.planted, text)
	}
	if after := p.others(t); after != p.before {
		t.Fatalf("seed %d: another database has changed: %q is in\n%s\nbefore: %s\nafter: %s", seed, g.planted, text, p.before, after)
	}
}

// TestGuard_plantedIsDenied: what the guard refuses the server denies too, to an
// account that has rights on one database.
func TestGuard_plantedIsDenied(t *testing.T) {
	t.Parallel()
	p := newPlantedServer(t, mysqltest.Kinds(t)[0])
	for seed := range uint64(200) {
		p.checkDenied(t, seed)
	}
}

// TestSoakGuard_plantedIsDenied does the same on every server for as long as
// LANDLORD_SOAK says.
func TestSoakGuard_plantedIsDenied(t *testing.T) {
	t.Parallel()
	length, err := time.ParseDuration(os.Getenv("LANDLORD_SOAK"))
	if err != nil {
		t.Skip("LANDLORD_SOAK is not set")
	}
	for _, kind := range mysqltest.Kinds(t) {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			p := newPlantedServer(t, kind)
			n := 0
			for end := time.Now().Add(length); time.Now().Before(end) && !t.Failed(); n++ {
				p.checkDenied(t, rand.Uint64()) //nolint:gosec // not for secrets
			}
			t.Logf("%d statements", n)
		})
	}
}
