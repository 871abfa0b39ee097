package provider

import (
	"context"
	"errors"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/landlord-db/terraform-provider-landlord/internal/engine"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/attribute"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/value"
)

// The functions are pure: Terraform runs them in a process that is never
// configured, while it validates and again while it plans.

// databaseNameFunction tells the name of a tenant's database.
type databaseNameFunction struct{}

func newDatabaseNameFunction() function.Function { return databaseNameFunction{} }

// Metadata names the function.
func (databaseNameFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "database_name"
}

// Definition describes parameters and result.
func (databaseNameFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary:             "Name of a tenant's database",
		MarkdownDescription: "Returns the name of the database of the tenant with the given slug: the prefix and the slug with `_` for `-`.",
		Parameters: []function.Parameter{
			function.StringParameter{Name: "slug", MarkdownDescription: "Slug of the tenant."},
		},
		VariadicParameter: function.StringParameter{Name: "prefix", MarkdownDescription: "The provider's `database_prefix`, at most one. Default: `" + landlord.DefaultPrefix + "`."},
		Return:            function.StringReturn{},
	}
}

// Run computes the name.
func (databaseNameFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var slug string
	var prefixes []string
	if resp.Error = req.Arguments.Get(ctx, &slug, &prefixes); resp.Error != nil {
		return
	}
	prefix := landlord.DefaultPrefix
	switch len(prefixes) {
	case 0:
	case 1:
		prefix = prefixes[0]
		if err := checkDatabaseName(prefix); err != nil {
			resp.Error = argumentError(1, err)
			return
		}
	default:
		resp.Error = function.NewArgumentFuncError(2, "One prefix is enough.")
		return
	}
	name, err := landlord.DatabaseName(prefix, slug)
	if err != nil {
		resp.Error = argumentError(0, err)
		return
	}
	resp.Error = resp.Result.Set(ctx, name)
}

// splitSQLFunction takes a script apart.
type splitSQLFunction struct{}

func newSplitSQLFunction() function.Function { return splitSQLFunction{} }

// Metadata names the function.
func (splitSQLFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "split_sql"
}

// Definition describes parameters and result.
func (splitSQLFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary:             "Statements of an SQL script",
		MarkdownDescription: "Returns the statements of a script as the client of MySQL reads it, with `DELIMITER` and the bodies of routines, without delimiters and the comments between statements.",
		Parameters: []function.Parameter{
			function.StringParameter{Name: "text", MarkdownDescription: "The script."},
		},
		Return: function.ListReturn{ElementType: types.StringType},
	}
}

// Run splits the script.
func (splitSQLFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var script string
	if resp.Error = req.Arguments.Get(ctx, &script); resp.Error != nil {
		return
	}
	statements, err := engine.SplitSQL(script)
	if err != nil {
		resp.Error = argumentError(0, err)
		return
	}
	resp.Error = resp.Result.Set(ctx, value.FromTexts(statements))
}

// flavorDescription describes the parameter that says whose SQL a text is.
const flavorDescription = "`mysql` or `mariadb`, perhaps with a version behind a dash, as in `mariadb-10.11`; without one, the newest that is tested."

// schemaDiffFunction compares two schemas as texts.
type schemaDiffFunction struct{}

func newSchemaDiffFunction() function.Function { return schemaDiffFunction{} }

// Metadata names the function.
func (schemaDiffFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "schema_diff"
}

// Definition describes parameters and result.
func (schemaDiffFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Statements between two schemas",
		MarkdownDescription: "Returns the statements that turn one schema into another, in their order. Both are texts that a server has printed: `sql` of the data source `landlord_schema_snapshot`, or `SHOW CREATE`. " +
			"No server is asked, so algorithms, locks and what is in the rows are not known: the plan of a tenant and the data source `landlord_migration_preview` say these. Renames are not guessed: what has another name is dropped and created.",
		Parameters: []function.Parameter{
			function.StringParameter{Name: "from", MarkdownDescription: "Schema before."},
			function.StringParameter{Name: "to", MarkdownDescription: "Schema after."},
			function.StringParameter{Name: "flavor", MarkdownDescription: "Server that has printed them: " + flavorDescription},
		},
		Return: function.ListReturn{ElementType: types.StringType},
	}
}

// Run compares.
func (schemaDiffFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var from, to, flavor string
	if resp.Error = req.Arguments.Get(ctx, &from, &to, &flavor); resp.Error != nil {
		return
	}
	statements, err := engine.CompareSQL(from, to, flavor)
	if err != nil {
		resp.Error = textArgumentError(err)
		return
	}
	resp.Error = resp.Result.Set(ctx, value.FromTexts(statements))
}

// schemaValidateFunction judges a schema as a text.
type schemaValidateFunction struct{}

func newSchemaValidateFunction() function.Function { return schemaValidateFunction{} }

// Metadata names the function.
func (schemaValidateFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "schema_validate"
}

// Definition describes parameters and result.
func (schemaValidateFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "What is wrong with a schema",
		MarkdownDescription: "Judges a text as the core of a template: syntax, what it may not say, objects that are defined twice, foreign keys and views that point to nothing. Returns a list of objects with `severity` (`error` or `warning`), " +
			"`line` and `column` (from 1; 0 when the whole text is meant), `summary` and `detail`; empty when nothing is found. No server is asked: what only a server refuses shows in the plan of a template.",
		Parameters: []function.Parameter{
			function.StringParameter{Name: "sql", MarkdownDescription: "Statements."},
			function.StringParameter{Name: "flavor", MarkdownDescription: "Server that they are for: " + flavorDescription},
		},
		Return: function.ListReturn{ElementType: types.ObjectType{AttrTypes: textFindingTypes()}},
	}
}

// textFinding is one element of the result.
type textFinding struct {
	Severity string `tfsdk:"severity"`
	Line     int64  `tfsdk:"line"`
	Column   int64  `tfsdk:"column"`
	Summary  string `tfsdk:"summary"`
	Detail   string `tfsdk:"detail"`
}

func textFindingTypes() map[string]attr.Type {
	return map[string]attr.Type{"severity": types.StringType, "line": types.Int64Type, "column": types.Int64Type, "summary": types.StringType, "detail": types.StringType}
}

// Run judges.
func (schemaValidateFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var sql, flavor string
	if resp.Error = req.Arguments.Get(ctx, &sql, &flavor); resp.Error != nil {
		return
	}
	found, err := engine.ValidateSQL(sql, flavor)
	if err != nil {
		resp.Error = textArgumentError(err)
		return
	}
	list := make([]textFinding, 0, len(found))
	for _, f := range found {
		list = append(list, textFinding{f.Severity, int64(f.Line), int64(f.Column), f.Summary, f.Detail})
	}
	resp.Error = resp.Result.Set(ctx, list)
}

// textArgumentError puts an error at the argument that it is about.
func textArgumentError(err error) *function.FuncError {
	var a *engine.TextArgument
	if errors.As(err, &a) {
		return argumentError(int64(a.Number), a.Err)
	}
	return argumentError(0, err)
}

// argumentError says what is wrong with an argument, in the engine's words if
// it has some.
func argumentError(position int64, err error) *function.FuncError {
	var p *landlord.Problem
	if errors.As(err, &p) {
		return function.NewArgumentFuncError(position, p.Summary+".\n\n"+p.Text())
	}
	return function.NewArgumentFuncError(position, attribute.Sentence(err.Error()))
}
