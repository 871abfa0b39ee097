package account

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
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

// checkText refuses a statement that could leave something behind which dropping the
// account, and the database, does not take away, and that no privilege keeps it from.
func checkText(sql string) error {
	if err := checkVerb(sql); err != nil {
		return err
	}
	return checkPlace(sql)
}

// checkVerb refuses a statement that begins with another word.
func checkVerb(sql string) error {
	const words = 2
	head := sqltext.Head(sql, sqltext.Mode{}, words)
	switch {
	case len(head) == 0 || head[0].IsPunct('('):
		return nil
	case !head[0].IsAny(verbs...), head[0].Is("SET") && len(head) == words && head[1].Is("STATEMENT"):
		return fmt.Errorf("the statement begins with `%s`: only one that changes rows or structure may run, because a distributed transaction (XA) outlives the account that runs it", sqltext.Join(head))
	}
	return nil
}

// elsewhere matches what puts a table, an index or a partition into a directory of its
// choice. Quotes and comments are not read: what a server executes of a comment
// depends on its version, and where a text ends on its sql_mode. Between the words
// may stand what some server reads over; a path is absolute.
var elsewhere = func() *regexp.Regexp {
	const between = `(?:\s|/\*.*\*/|/\*M?!\d*|\*/|(?:--|#)[^\n]*\n)*`
	return regexp.MustCompile(`(?is)(?:create|alter).*(data|index)` + between + `directory` + between + `=?` + between + `['"](?:[/~\\]|[a-z]:)`)
}()

// checkPlace refuses a statement that names a directory, also in a body: MariaDB asks
// for no privilege there, and lets everybody who may make a table write to any
// directory that the server may write to.
func checkPlace(sql string) error {
	if words := elsewhere.FindStringSubmatch(sql); words != nil {
		return fmt.Errorf("the statement has `%s DIRECTORY` with a path: leave it out, because rows are kept in their database and MariaDB asks no privilege for any directory", strings.ToUpper(words[1]))
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
