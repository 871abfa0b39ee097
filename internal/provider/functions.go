package provider

import (
	"context"
	"errors"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/landlord-db/terraform-provider-landlord/internal/engine"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
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
		if err := checkDatabaseName(maxPrefix)(prefix); err != nil {
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
	resp.Error = resp.Result.Set(ctx, fromTexts(statements))
}

// argumentError says what is wrong with an argument, in the engine's words if
// it has some.
func argumentError(position int64, err error) *function.FuncError {
	var p *landlord.Problem
	if errors.As(err, &p) {
		return function.NewArgumentFuncError(position, p.Summary+".\n\n"+p.Text())
	}
	return function.NewArgumentFuncError(position, sentence(err.Error()))
}
