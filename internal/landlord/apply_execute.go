package landlord

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// The pauses between attempts at a statement that met a lock or a deadlock.
// Their number bounds the attempts.
func retryPauses() []time.Duration {
	return []time.Duration{100 * time.Millisecond, 400 * time.Millisecond, time.Second, 2 * time.Second}
}

// retry repeats what fails for a passing reason, without having had an effect.
func (e *Engine) retry(ctx context.Context, run func() error) error {
	err := run()
	for _, pause := range retryPauses() {
		if err == nil || !mysql.IsTransient(err) {
			return err
		}
		e.cfg.Log(ctx, "Trying again after a passing error", map[string]any{"error": mysql.Message(err)})
		select {
		case <-ctx.Done():
			return err
		case <-time.After(pause):
		}
		err = run()
	}
	return err
}

// fault is called around everything that a killed run could leave half done.
// Tests end the process in it.
func (e *Engine) fault(point string) {
	if e.onFault != nil {
		e.onFault(point)
	}
}

// execute sends one statement of a migration.
func (e *Engine) execute(ctx context.Context, x *mysql.Session, step Step) error {
	e.fault("before " + step.Operation + " " + step.Object)
	err := e.retry(ctx, func() error { return runStep(ctx, x, step) })
	if err == nil {
		e.fault("after " + step.Operation + " " + step.Object)
	}
	return err
}

// The statements that keep the settings of a session that a step changes, and
// put them back.
const (
	keepSettings = "SET @landlord_mode = @@sql_mode, @landlord_client = @@character_set_client," +
		" @landlord_collation = @@collation_connection, @landlord_zone = @@time_zone"
	restoreSettings = "SET sql_mode = @landlord_mode, character_set_client = @landlord_client," +
		" collation_connection = @landlord_collation, time_zone = @landlord_zone"
)

// runStep sends a step under the session settings that the server is to keep
// with the object, and puts the session's own back.
func runStep(ctx context.Context, x *mysql.Session, step Step) error {
	set, args := settingsFor(step)
	if set == "" {
		_, err := x.Exec(ctx, step.SQL)
		return err
	}
	if _, err := x.Exec(ctx, keepSettings); err != nil {
		return err
	}
	if _, err := x.Exec(ctx, set, args...); err != nil {
		return err
	}
	_, err := x.Exec(ctx, step.SQL)
	_, backErr := x.Exec(context.WithoutCancel(ctx), restoreSettings)
	return errors.Join(err, backErr)
}

// settingsFor returns the statement that makes a session ready for a step,
// empty when the session is right as it is. A client character set is only
// set when it reads the text as it is meant.
func settingsFor(step Step) (string, []any) {
	var parts []string
	var args []any
	s := step.settings
	if s.SQLMode != "" || s.NoSQLMode {
		parts, args = append(parts, "sql_mode = ?"), append(args, s.SQLMode)
	}
	if s.CharacterSetClient != "" && (strings.HasPrefix(s.CharacterSetClient, "utf8") || isASCII(step.SQL)) {
		parts, args = append(parts, "character_set_client = ?"), append(args, s.CharacterSetClient)
	}
	if s.CollationConnection != "" {
		parts, args = append(parts, "collation_connection = ?"), append(args, s.CollationConnection)
	}
	if s.TimeZone != "" {
		parts, args = append(parts, "time_zone = ?"), append(args, s.TimeZone)
	}
	if len(parts) == 0 {
		return "", nil
	}
	return "SET " + strings.Join(parts, ", "), args
}

func isASCII(text string) bool {
	for i := range len(text) {
		if text[i] >= 0x80 {
			return false
		}
	}
	return true
}

// checkWritable refuses a server that is read-only. Accounts with enough
// privileges write on a read-only replica all the same, and what they write is
// lost or breaks replication, so the server is asked every time.
func checkWritable(ctx context.Context, x *mysql.Session) error {
	readOnly, err := x.ReadOnly(ctx)
	if err != nil || !readOnly {
		return err
	}
	return readOnlyProblem()
}

func readOnlyProblem() error {
	return problem(FieldServer, "Server is read-only",
		"The server does not take changes at present: `read_only` is on, as on a replica or after a failover.",
		"Let `endpoint` of the provider name the primary and apply again; what was interrupted goes on where it stopped.")
}
