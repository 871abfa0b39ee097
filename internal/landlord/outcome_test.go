package landlord_test

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// TestNextStep: a statement is blamed only where it is at fault.
func TestNextStep(t *testing.T) {
	t.Parallel()
	const innocent = "The statement is not at fault: "
	for number, want := range map[uint16]string{
		1064: "Correct the file.",
		1142: "Correct the file.",
		1213: innocent + "another session held what it needs, or the server had no room for more sessions. Run the same again.",
		1317: innocent + "somebody ended it on the server, or a limit of time there did. Run the same again; where a limit did, raise it.",
		1290: innocent + "the server takes no changes. Let `endpoint` name the one that does, or switch its `read_only` off, and run the same again.",
		1026: innocent + "the server has no space or memory left. Make room, or raise the setting that limits it, and run the same again.",
	} {
		if got := landlord.NextStep(fmt.Errorf("trying: %w", &mysql.ServerError{Number: number}), "Correct the file."); got != want {
			t.Errorf("%d: %s", number, got)
		}
	}
}

// TestOutcome: what a statement is blamed for on its way up does not count where
// no server has refused it.
func TestOutcome(t *testing.T) {
	t.Parallel()
	lost := &mysql.LostError{Endpoint: "db:3306", Err: driver.ErrBadConn}
	late := &mysql.StatementTimeoutError{Limit: 30 * time.Second}
	away := &mysql.ConnectError{Endpoint: "db:3306", Cause: "the connection was accepted, but no server answered within 10 seconds", Err: context.DeadlineExceeded}
	held := &mysql.PoolError{Endpoint: "db:3306", Connections: 2, Quiet: 2 * time.Minute}
	blamed := func(err error) error {
		return &landlord.Problem{Field: landlord.FieldTemplate, Summary: "Server refuses a statement of the template", Err: err,
			Detail: []string{"Trying template `shop@1.0.0` stopped at statement 2 of 3.", "core/a.sql:2:1: CREATE TABLE a", "Cause: " + err.Error(), "Correct the file."}}
	}
	const known = "\n\nWhether the last statement took effect is not known: a server ends what it has begun. What was done before is recorded. Run the same again: it looks first, and goes on from there."
	const look = "\n\nLook at what the server is doing (`SHOW PROCESSLIST`) and at the machine that it runs on. Whether the last statement took effect is not known: a server ends what it has begun. " +
		"What was done before is recorded. Run the same again: it looks first, and goes on from there."
	const correct = "\n\nCorrect `endpoint`, `username`, `password` or `tls` of the provider, or start the server."
	const fewer = ", end connections there that nobody needs (`SHOW PROCESSLIST`), or lower `max_connections` of the provider, which opens so many to each server, and one more for each of them that runs SQL of templates or customizations. " +
		"What was done before is recorded: run the same again."
	full := func(number uint16, message string) error {
		return &mysql.ConnectError{Endpoint: "db:3306", Cause: "the server has no free connection (" + message + ")", Err: &mysql.ServerError{Number: number, Message: message}}
	}
	refused := blamed(&mysql.ServerError{Number: 1064, Message: "no such thing"})
	cases := map[string]struct {
		err  error
		want string
	}{
		"lost":         {fmt.Errorf("recording tenant `a`: %w", lost), "Connection to the server was lost: Cause: recording tenant `a`: the connection to `db:3306` was lost (driver: bad connection)." + known},
		"lost, blamed": {blamed(lost), "Connection to the server was lost: Trying template `shop@1.0.0` stopped at statement 2 of 3.\n\nCause: the connection to `db:3306` was lost (driver: bad connection)." + known},
		"late, blamed": {blamed(late), "Server does not answer in time: Trying template `shop@1.0.0` stopped at statement 2 of 3.\n\nCause: the statement took longer than 30 seconds and was given up; the server may still be running it." + look},
		"away, blamed": {blamed(away), "Server cannot be reached: Trying template `shop@1.0.0` stopped at statement 2 of 3.\n\nConnect to `db:3306`: the connection was accepted, but no server answered within 10 seconds." + correct},
		"said already": {landlord.Outcome(away), "Server cannot be reached: Connect to `db:3306`: the connection was accepted, but no server answered within 10 seconds." + correct},
		"no connection": {fmt.Errorf("recording tenant `a`: %w", held), "No connection to the server became free: Cause: recording tenant `a`: all connections to `db:3306` are held (2), and no statement has been under way on any server for 120 seconds, so none will become free." +
			"\n\nWhat was done before is recorded: run the same again. If it stays so, raise `max_connections` of that server or lower what runs at a time (`max_parallel` of a fleet, `-parallelism` of Terraform), and report this."},
		"all taken": {fmt.Errorf("recording tenant `a`: %w", full(1040, "Too many connections")), "Server has no free connection: Connect to `db:3306`: the server has no free connection (Too many connections).\n\nRaise `max_connections` of the server" + fewer},
		"all of the account taken": {blamed(full(1203, "User a already has more than 'max_user_connections' active connections")), "Server has no free connection: Trying template `shop@1.0.0` stopped at statement 2 of 3.\n\n" +
			"Connect to `db:3306`: the server has no free connection (User a already has more than 'max_user_connections' active connections).\n\nRaise `max_user_connections` of the server" + fewer},
		"its own limit": {full(1226, "User 'a' has exceeded the 'max_user_connections' resource (current value: 2)"), "Server has no free connection: Connect to `db:3306`: the server has no free connection (User 'a' has exceeded the 'max_user_connections' resource (current value: 2))." +
			"\n\nRaise the limit of the account that is named there (`ALTER USER`)" + fewer},
		"refused":       {refused, refused.Error()},
		"asked to stop": {fmt.Errorf("planning: %w", context.Canceled), "planning: context canceled"},
		"another one":   {errors.New("x"), "x"},
	}
	for name, c := range cases {
		if got := landlord.Outcome(c.err).Error(); got != c.want {
			t.Errorf("%s:\ngot  %s\nwant %s", name, got, c.want)
		}
		if !errors.Is(landlord.Outcome(c.err), errors.Unwrap(c.err)) && errors.Unwrap(c.err) != nil {
			t.Errorf("%s: the cause is gone", name)
		}
		if got, want := landlord.IsStopped(landlord.Outcome(c.err)), name == "asked to stop"; got != want {
			t.Errorf("%s: stopped is %v", name, got)
		}
	}
}
