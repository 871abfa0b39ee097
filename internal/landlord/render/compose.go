package render

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/estate"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/template"
)

// Asked composes what a reference to a template and names of modules ask for.
func (r *Renderer) Asked(ctx context.Context, srv *registry.Server, reference string, modules []string, doing string) (*estate.Target, error) {
	id, err := template.ParseID(reference)
	if err != nil {
		return nil, &landlord.Problem{Field: landlord.FieldTemplate, Summary: "Template reference is not valid", Detail: []string{
			landlord.Sentence(err.Error()), "Take `id` of a `landlord_tenant_template`, or write `name@version`."}, Err: err}
	}
	t, err := r.Estate.Find(ctx, id)
	if err != nil {
		return nil, err
	}
	if t == nil {
		return nil, r.Estate.UnknownTemplate(ctx, id)
	}
	lineage, err := r.Estate.Lineage(ctx, *t)
	if err != nil {
		return nil, estate.LineageProblem(err)
	}
	info, err := srv.Info(ctx)
	if err != nil {
		return nil, registry.Unreachable(srv, doing, err)
	}
	composition, err := r.Compose(lineage, modules, r.Servers.Guarding(info))
	if err != nil {
		return nil, err
	}
	return &estate.Target{ID: id, Info: info, Lineage: lineage, Composition: composition}, nil
}

// Compose composes a template with modules, once for all tenants that ask for
// the same. What the rules of today do not allow in a published version is in Refused.
func (r *Renderer) Compose(l *template.Lineage, modules []string, srv ddl.Server) (*template.Composition, error) {
	sorted := slices.Clone(modules)
	slices.Sort(sorted)
	key := estate.LineageKey(l) + "\x00" + strings.Join(sorted, "\x00") + "\x00" + string(srv.Product) + srv.Version
	return r.compositions.Get(context.Background(), key, func() (*template.Composition, error) {
		c, findings := l.ComposePublished(sorted, srv)
		if template.HasErrors(findings) {
			return nil, estate.FindingsProblem(landlord.FieldModules, "Modules cannot be composed", "", findings)
		}
		return c, nil
	})
}

// RefusedProblem says that a published version holds what may not come into a further
// database; nil when it does not.
func RefusedProblem(id template.ID, c *template.Composition) error {
	if c == nil || len(c.Refused) == 0 {
		return nil
	}
	p := estate.FindingsProblem(landlord.FieldTemplate, "Published template is not accepted any more", "", c.Refused)
	p.Detail = slices.Concat([]string{fmt.Sprintf("Template `%s` was published with what this version of the provider refuses.", id)}, p.Detail,
		[]string{"Nothing was run. Tenants that have it keep it. Publish a version without that, and refer to that one."})
	return p
}

// RefusedNote is RefusedProblem for whoever has the version already.
func RefusedNote(id template.ID, field landlord.Field, c *template.Composition) []landlord.Note {
	if c == nil || len(c.Refused) == 0 {
		return nil
	}
	return []landlord.Note{{Severity: landlord.Warning, Field: field, Summary: "Published template would be refused now",
		Detail: fmt.Sprintf("Template `%s` was published with what this version of the provider refuses, for example `%s`. It stays as it is where it is; no further database gets it. Publish a version without that, and bring its tenants there.",
			id, c.Refused[0].String())}}
}

// ComposedFor returns the composition in force; nil when its template is gone.
func (r *Renderer) ComposedFor(ctx context.Context, row *registry.TenantRow, info mysql.Info) (*template.Composition, error) {
	t, err := r.Estate.Find(ctx, template.ID{Name: row.Template, Version: row.Applied})
	if err != nil || t == nil {
		return nil, err
	}
	lineage, err := r.Estate.Lineage(ctx, *t)
	if err != nil {
		return nil, err
	}
	return r.Compose(lineage, row.Modules, r.Servers.Guarding(info))
}

// NoScratchNote warns that statements were only parsed, because the account may
// not create scratch databases with the prefix.
func NoScratchNote(prefix string) landlord.Note {
	return landlord.Note{Severity: landlord.Warning, Summary: "Template is not proven on the server",
		Detail: fmt.Sprintf("The account of the provider may not create databases `%s…`, so the statements were only parsed. "+
			"Grant it all privileges on them. An account that plans and never applies sets `plan_rendering = \"parser\"` instead.", prefix)}
}

// CheckTexts refuses a schema of which the server cannot print every text: what
// migrations are made of would say less than the statements that have made it. The
// error is a *landlord.Problem.
func CheckTexts(statements []string, schema ddl.Schema, info mysql.Info) error {
	if info.Product != mysql.MySQL {
		return nil
	}
	table, shown := ddl.LostText(statements, schema)
	if table == "" {
		return nil
	}
	return landlord.NewProblem(landlord.FieldNone, "Server cannot print a text of an expression",
		fmt.Sprintf("Table `%s` has an expression in which a text is joined or compared with a column of another character set. MySQL keeps the text, and prints %s in its place.", table, shown),
		"Migrations are made of what the server prints, so tenants that come to this version by one would have `?` there. Nothing was run.",
		"Let the column be utf8mb4, or write the text as `CONVERT(0x… USING utf8mb4)`, with its bytes in UTF-8: `SELECT HEX('ä')` tells them.")
}

// StatementProblem translates a statement that a server refused.
func StatementProblem(field landlord.Field, doing string, err error) error {
	var refused *landlord.StatementError
	if !errors.As(err, &refused) {
		return err
	}
	st, next := refused.Statement, landlord.NextStep(refused.Err, "Correct the file.")
	switch {
	case strings.Contains(st.SQL, "0000-00-00") && mysql.IsInvalidDefault(err):
		next = "A zero date is no date: the sessions of the provider have NO_ZERO_DATE, on every server. Let the column be NULL, give it a real date as its default, or set `sql_mode = \"STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO\"` of the template, which takes such dates."
	case mysql.IsTooWide(err):
		next = "Tenants have the character set utf8mb4, of which a character counts as 4 bytes. Where the file was written for a smaller one, name it behind the table (`DEFAULT CHARACTER SET latin1`) or its column; or make the column or the key shorter, or let the column be TEXT."
	case st.Seed && mysql.IsNoParentRow(err):
		next = "Put the rows of the parent table first: in the same file, or in one whose name comes before. A `SET FOREIGN_KEY_CHECKS` is left out, so rows that refer to each other in a circle get NULL first and an UPDATE after."
	case st.Seed && mysql.IsColumnMismatch(err):
		next = "Seeds run when the whole structure stands, behind every ALTER of the files too. Write the statement for the columns that the table has in the end, or leave it out."
	case mysql.IsBinaryLogDenied(err):
		next = "Set `log_bin_trust_function_creators = ON` on the server: while it writes a binary log, an account without SUPER makes no functions and triggers otherwise."
	}
	return &landlord.Problem{Field: field, Summary: "Server refuses a statement of the template", Detail: []string{
		doing + fmt.Sprintf(" stopped at statement %d of %d.", refused.Number, refused.Total),
		fmt.Sprintf("%s:%d:%d: %s", st.File, st.Line, st.Column, landlord.Shorten(st.SQL)),
		"Cause: " + refused.Err.Error() + nearText(refused.Err),
		next,
	}, Err: err}
}

// nearText says where a server stopped to understand a statement that is shown
// anyway, so that a name that became a reserved word is found.
func nearText(err error) string {
	const most = 40
	near, _, _ := strings.Cut(strings.TrimSpace(mysql.Near(err)), "\n")
	if near == "" {
		return ""
	}
	if len(near) > most {
		near = strings.ToValidUTF8(near[:most], "") + " …"
	}
	return ": it stops at `" + near + "`"
}
