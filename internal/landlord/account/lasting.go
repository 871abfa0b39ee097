package account

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/program"
	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
)

// verbs are the words that a text may begin with. A transaction of several servers
// (XA) that is prepared outlives its account and keeps its locks. It can be begun by
// a statement of its own, by a procedure that is called and by SQL that is put
// together, and by nothing in functions and triggers: servers refuse it there. So
// what is none of these leaves nothing behind but what it says.
var verbs = []string{
	"CREATE", "ALTER", "DROP", "RENAME", "TRUNCATE", "INSERT", "REPLACE", "UPDATE", "DELETE", "SELECT", "WITH", "VALUES", "TABLE", "DO", "SET",
}

// between matches what may stand between two words of a statement. Quotes and
// comments are not read: what a server executes of a comment depends on its version,
// and where a text ends on its sql_mode.
const between = `(?:[\s\x00-\x1f\x7f]|/\*.*\*/|/\*M?!\d*|\*/|(?:--|#)[^\n]*\n)*`

// opens matches the words behind a SET that give the account another password, or run
// another statement.
var opens = regexp.MustCompile(`(?is)(?:set|,)` + between + `(password)` + between + `(?::?=|for|to)|set` + between + `(statement)`)

// checkSet refuses a SET that gives the account a password. Everybody may do so, and who
// knows the password of this account could log in beside the text, and write where
// the provider writes for it (Runner.Lend). MySQL wants the present password for that,
// which no text knows; MariaDB has no such rule, and no other statement for it:
// functions and triggers may not set a password.
func checkSet(sql string) error {
	words := opens.FindStringSubmatch(sql)
	if words == nil {
		return nil
	}
	return fmt.Errorf("the statement has `SET %s`: only variables may be set, because who knows the password of the account that runs a text could log in beside it, and another statement could be any", strings.ToUpper(words[1]+words[2]))
}

// checkText refuses a statement that could leave something behind which dropping the
// account, and the database, does not take away, and that no privilege keeps it from.
// It is judged by each word with which it may begin, whatever a server executes of the
// comments before it.
func checkText(sql string) error {
	for _, head := range heads(sql) {
		switch {
		case head[0].IsPunct('('):
		case !head[0].IsAny(verbs...):
			return fmt.Errorf("the statement begins with `%s`: only one that changes rows or structure may run, because a distributed transaction (XA) outlives the account that runs it", sqltext.Join(head))
		case head[0].Is("SET"):
			if err := checkSet(sql); err != nil {
				return err
			}
		case head[0].IsAny("CREATE", "ALTER"):
			if err := checkPlace(sql); err != nil {
				return err
			}
			if err := checkSchedule(sql); err != nil {
				return err
			}
		}
	}
	return nil
}

// heads returns the first two tokens of a statement, and those of each comment before it
// that some servers execute and others skip. What never ends has an empty one.
func heads(sql string) (all [][]sqltext.Token) {
	const words = 2
	s := sqltext.NewScanner(sql, sqltext.Mode{})
	some := 0 // the depth of a comment that only some servers execute; 0 outside of any
	var head []sqltext.Token
	done := func() {
		if len(head) > 0 {
			all = append(all, head)
		}
		head = nil
	}
	defer done()
	for {
		switch t := s.Next(); {
		case t.Kind == sqltext.End && s.Err() != nil:
			head = append(head, t)
			return all
		case t.Kind == sqltext.End:
			return all
		case t.Kind == sqltext.Open:
			if some == 0 && !sqltext.IsForAllServers(t.Text) {
				if len(head) > 0 {
					return all
				}
				some = s.Depth()
			}
		case t.Kind == sqltext.Close:
			if s.Depth() < some {
				done()
				some = 0
			}
		case t.Kind == sqltext.Comment, t.Kind == sqltext.Hint:
		case len(head) < words:
			head = append(head, t)
		case some == 0:
			return all
		}
	}
}

// elsewhere matches what puts a table, an index or a partition into a directory of its
// choice; a path is absolute.
var elsewhere = regexp.MustCompile(`(?is)(data|index)` + between + `directory` + between + `=?` + between + `['"](?:[/~\\]|[a-z]:)`)

// checkPlace refuses a statement that names a directory, also in a body: MariaDB asks
// for no privilege there, and lets everybody who may make a table write to any
// directory that the server may write to.
func checkPlace(sql string) error {
	if words := elsewhere.FindStringSubmatch(sql); words != nil {
		return fmt.Errorf("the statement has `%s DIRECTORY` with a path: leave it out, because rows are kept in their database and MariaDB asks no privilege for any directory", strings.ToUpper(words[1]))
	}
	return nil
}

// checkSchedule refuses an event whose schedule is more than a moment or an interval.
// The account of the provider makes events, and computes the schedule then: with its own
// rights a function would read files, wait, or give up the lock of the tenant. Subqueries
// and stored functions servers refuse there.
func checkSchedule(sql string) error {
	if program.ReadEvent(sql) == nil {
		return nil
	}
	if t := sqltext.EventSchedule(sql); t.Kind != sqltext.End {
		return fmt.Errorf("the schedule of the event has `%s`: only values, the present moment and functions that compute with dates may stand there, because it is computed with the rights of the provider", sqltext.OneLine(t.Text))
	}
	return nil
}

// Texts returns q for statements about rows that users wrote: For judges those
// that change the structure.
func Texts(q mysql.Queryer) mysql.Queryer { return texts{q} }

type texts struct{ mysql.Queryer }

// Exec refuses what could outlive the account.
func (t texts) Exec(ctx context.Context, sql string, args ...any) (mysql.Result, error) {
	if err := checkText(sql); err != nil {
		return mysql.Result{}, err
	}
	return t.Queryer.Exec(ctx, sql, args...)
}

// Query refuses what Exec does.
func (t texts) Query(ctx context.Context, sql string, args ...any) (*mysql.Rows, error) {
	if err := checkText(sql); err != nil {
		return nil, err
	}
	return t.Queryer.Query(ctx, sql, args...)
}
