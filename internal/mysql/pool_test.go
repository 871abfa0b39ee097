package mysql_test

import (
	"errors"
	"testing"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/sessiontest"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// TestServer_poolHeld asks for a connection while somebody holds the only one: the
// wait ends when nothing is under way on any server of the traffic, and lasts as long
// as something is.
func TestServer_poolHeld(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	cfg := sessiontest.Config(s)
	cfg.MaxConnections, cfg.PoolPatience, cfg.Traffic = 1, 300*time.Millisecond, &mysql.Traffic{}
	server, other := sessiontest.Open(t, cfg), sessiontest.Open(t, cfg)
	x := sessiontest.Session(t, server)

	began := time.Now()
	_, err := server.Exec(t.Context(), "DO 1")
	want := "all connections to `" + cfg.Endpoint + "` are held (1), and no statement has been under way on any server for 0.3 seconds, so none will become free"
	var held *mysql.PoolError
	if !errors.As(err, &held) || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if _, err := server.Session(t.Context()); !errors.As(err, &held) {
		t.Errorf("got %v", err)
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("it took %s", took)
	}

	// Who holds the connection waits for another server, on which something is under way.
	slept := make(chan error, 1)
	go func() {
		_, err := other.Exec(t.Context(), "DO SLEEP(1.2)")
		x.Close()
		slept <- err
	}()
	time.Sleep(100 * time.Millisecond)
	if _, err := server.Exec(t.Context(), "DO 1"); err != nil {
		t.Errorf("who waits for a connection that becomes free: %v", err)
	}
	if err := <-slept; err != nil {
		t.Error(err)
	}
}
