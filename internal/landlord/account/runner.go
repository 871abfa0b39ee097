package account

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/privilege"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/program"
)

// A Runner is who runs what users wrote in one database. Its account is made
// for the first text, so that a run without any makes none. It is not safe for
// concurrent use.
type Runner struct {
	accounts *Accounts
	on       *mysql.Session
	database string
	grants   []Grant
	from     *Reserve
	scratch  bool   // the database exists for this runner only
	run      *Run   // nil before the first text
	ran      bool   // a text ran on the session of the provider
	lent     *Grant // what Lend has given
}

// Runner returns the runner for a database, with some privileges on the whole of
// it. The session is one of the provider's account and stays the caller's; it
// makes the account, and must be there until Close.
func (a *Accounts) Runner(on *mysql.Session, database, privileges string) *Runner {
	scratch := strings.HasPrefix(database, a.Config.Database+"_scratch_")
	return &Runner{accounts: a, on: on, database: database, scratch: scratch, grants: []Grant{{Database: database, Privileges: privileges, Random: scratch}}}
}

// From lets the runner take an account that is made already; nil for none.
func (r *Runner) From(reserve *Reserve) *Runner {
	r.from = reserve
	return r
}

// Own says that texts run on the session of the provider itself, because the
// configuration accepts that.
func (r *Runner) Own() bool { return r.accounts.Config.ExecutionAccount == landlord.ExecutionOwn }

// Session returns the session for the next text, with the database selected.
// What was lent for the end of the text before is taken back. The error is a
// *landlord.Problem where the account of the provider lacks a privilege.
func (r *Runner) Session(ctx context.Context) (*mysql.Session, error) {
	if r.Own() {
		r.on.Taint()
		r.ran = true
		return r.on, nil
	}
	if r.run == nil {
		if err := r.ready(ctx); err != nil {
			return nil, err
		}
		run, err := r.accounts.Open(ctx, Purpose{On: r.on, Database: r.database, Grants: r.grants, From: r.from})
		if err != nil {
			return nil, err
		}
		r.run = run
	}
	if r.lent != nil {
		if err := Take(ctx, r.on, r.run.info, r.run.Account, *r.lent); err != nil {
			return nil, err
		}
		r.lent = nil
	}
	return r.run.Session, nil
}

// ready looks whether an account can be made.
func (r *Runner) ready(ctx context.Context) error {
	readOnly, err := r.on.ReadOnly(ctx)
	if err != nil {
		return err
	}
	if readOnly { // an administrator's account would write all the same
		return landlord.ReadOnlyProblem(r.on.Primary(ctx))
	}
	return r.accounts.Check(ctx, r.on, r.database)
}

// For returns the session that has to send a statement that a user wrote. A
// program is made by the account of the provider: with a binary log MySQL lets
// others make none, and making one runs nothing of it. It has to be one of the
// runner's database. A view, of which MariaDB computes the constant parts when it is
// made, is made by the account of the texts where that may be its definer too. What
// could outlive the account is an error, see checkText.
func (r *Runner) For(ctx context.Context, sql string) (*mysql.Session, error) {
	if err := checkText(sql); err != nil {
		return nil, err
	}
	databases, ok := program.Databases(sql)
	if !ok {
		return r.Session(ctx)
	}
	for _, database := range databases {
		if database != r.database {
			return nil, fmt.Errorf("the statement makes, alters or drops a program of database `%s`", database)
		}
	}
	if r.scratch && !r.Own() && program.MakesView(sql) {
		x, err := r.Session(ctx)
		if err == nil {
			x.SetDefiner(r.database, r.run.Account.String())
		}
		return x, err
	}
	r.on.Unsettle()
	return r.on, r.giveAway(ctx)
}

// Settle gives the session of the provider its settings back, where a text ran on it.
// What the text ended with is told before what that ends with.
func (r *Runner) Settle(ctx context.Context, text error) error {
	if !r.ran {
		return text
	}
	r.ran = false
	if err := r.on.Settle(context.WithoutCancel(ctx)); text == nil {
		return err
	}
	return text
}

// giveAway gives the programs of a scratch database to the account that runs the texts
// there: what a text calls, or sets off, reaches as little as the text. Programs
// of other databases outlive the account.
func (r *Runner) giveAway(ctx context.Context) error {
	if !r.scratch || r.Own() {
		return nil
	}
	if _, err := r.Session(ctx); err != nil {
		return err
	}
	r.on.SetDefiner(r.database, r.run.Account.String())
	return nil
}

// Lend gives the account rights on the rows of another database, for what the
// provider itself has to say in the transaction of a text that is over, and its
// session the settings back that the text may have changed. No text runs before the
// rights are taken back.
func (r *Runner) Lend(ctx context.Context, database string) error {
	if r.run == nil {
		return r.Settle(ctx, nil)
	}
	if r.lent != nil {
		return nil
	}
	if err := r.run.Session.Settle(ctx); err != nil {
		return err
	}
	g := Grant{Database: database, Privileges: "SELECT, INSERT, UPDATE, DELETE"}
	if err := r.run.Give(ctx, g); err != nil {
		return err
	}
	r.lent = &g
	return nil
}

// End ends the connection of the texts, so that nothing of them holds a lock or
// goes on. The account stays until Close.
func (r *Runner) End() error {
	if r.run == nil {
		return nil
	}
	return r.run.leave()
}

// Close ends what still runs and drops the account. It may be called twice. An
// account that cannot be dropped is left for the next run that makes one.
func (r *Runner) Close() {
	if r.run == nil {
		return
	}
	run := r.run
	r.run, r.lent = nil, nil
	if err := run.Close(); err != nil {
		r.accounts.Config.Log(context.Background(), "The account of a run could not be dropped", map[string]any{"account": run.Account.User, "error": mysql.Message(err)})
	}
}

// Check says what the account of the provider lacks to make a run account for a
// database, in a *landlord.Problem; nil when nothing is missing, or when the
// configuration lets texts run as the provider. The session stays the caller's.
func (a *Accounts) Check(ctx context.Context, x *mysql.Session, database string) error {
	if a.Config.ExecutionAccount == landlord.ExecutionOwn {
		return nil
	}
	rights, err := a.Rights(ctx, x)
	if err != nil {
		return err
	}
	return a.lacks(x.Server(), rights, database)
}

// CheckTexts is Check for a plan: nil when none of the steps is one that a user
// wrote. It asks a server once in a process.
func (a *Accounts) CheckTexts(ctx context.Context, srv *mysql.Server, database string, steps []landlord.Step) error {
	if a.Config.ExecutionAccount == landlord.ExecutionOwn || !slices.ContainsFunc(steps, func(s landlord.Step) bool { return s.Written }) {
		return nil
	}
	rights, err := a.rightsOn(ctx, srv)
	if err != nil {
		return err
	}
	if err := CheckName(rights.info, database); err != nil {
		return err
	}
	return a.lacks(srv, rights, database)
}

// lacks is the problem of missing privileges; nil when there are none.
func (a *Accounts) lacks(srv *mysql.Server, rights *Rights, database string) error {
	missing := a.missing(rights, database)
	if len(missing) == 0 {
		return nil
	}
	return landlord.NewProblem(landlord.FieldNone, "Account of the provider lacks privileges",
		fmt.Sprintf("SQL of templates, customizations and conditions runs as an account that is made for one run and has rights on one database. The account %s cannot make one for database `%s` on server `%s`.",
			provider(rights.info), database, srv),
		"Let an administrator run:\n"+strings.Join(missing, ";\n")+";",
		"Or set `execution_account = \"own\"` in the provider: then such SQL runs with all rights of the account of the provider, and nothing but the reading of its text keeps it from other databases.")
}

// missing returns the GRANT statements for what is missing.
func (a *Accounts) missing(rights *Rights, database string) (statements []string) {
	to := " TO " + provider(rights.info)
	var global []string
	if !rights.CreatesUsers() {
		global = append(global, "CREATE USER")
	}
	if !rights.SetsDefiners() {
		global = append(global, rights.info.SetsDefiner())
	}
	if len(global) > 0 {
		statements = append(statements, "GRANT "+strings.Join(global, ", ")+" ON *.*"+to)
	}
	of := func(database, pattern string) {
		if !rights.Grants(database, OnDatabase) {
			statements = append(statements, "GRANT ALL PRIVILEGES ON "+mysql.Quote(pattern)+".*"+to+" WITH GRANT OPTION")
		}
	}
	of(a.Config.Database, privilege.GrantedName(rights.info, a.Config.Database))
	if rights.info.PartialRevokes { // patterns are names there
		of(database, database)
		return statements
	}
	begins := []string{a.Config.Database + "_", a.Config.Prefix}
	for _, begin := range begins {
		of(begin+"x", privilege.GrantedName(rights.info, begin)+"%")
	}
	if !slices.ContainsFunc(begins, func(begin string) bool { return strings.HasPrefix(database, begin) }) {
		of(database, privilege.GrantedName(rights.info, database)) // made under another prefix
	}
	return statements
}

// provider quotes the account of the provider.
func provider(info mysql.Info) string {
	user, host := mysql.SplitAccount(info.Account)
	return mysql.AccountName(user, host)
}
