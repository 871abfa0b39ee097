package report

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/health"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/attribute"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/session"
)

var _ datasource.DataSourceWithConfigure = (*tenantHealthDataSource)(nil)

// tenantHealths tells how tenants do.
type tenantHealths interface {
	Health(ctx context.Context, filter health.Filter) (*health.Report, error)
}

// tenantHealthDataSource tells how tenants do.
type tenantHealthDataSource struct {
	session *session.Session
	engine  tenantHealths // nil while the session has none
}

// NewTenantHealthDataSource returns the data source of how tenants do.
func NewTenantHealthDataSource() datasource.DataSource { return &tenantHealthDataSource{} }

// Metadata names the data source.
func (d *tenantHealthDataSource) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = session.TypeName + "_tenant_health"
}

// Configure takes the session.
func (d *tenantHealthDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.session, d.engine = session.From[tenantHealths](req.ProviderData, &resp.Diagnostics)
}

// Schema describes the attributes.
func (d *tenantHealthDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "How tenants do: whether they can be reached and are as recorded, how big they are and how much they grow, what they lack, what waits for them, and a score with its reasons. " +
			"For all tenants together the number of statements for each server does not depend on the number of tenants. A tenant or a server that cannot be read is reported as such and keeps no other from being read. " +
			"What the account of the provider may not see is null, with a reason in `unknown`, and takes no points: transactions need `PROCESS` on the server, and the load `SELECT` on `performance_schema`. " +
			"`terraform-provider-landlord sample` keeps samples, and growth is told against the last one. The guide [monitoring](../guides/monitoring.md) has the rest.",
		Attributes: map[string]schema.Attribute{
			"tenant":           schema.StringAttribute{Optional: true, MarkdownDescription: "Only this tenant, by its slug. Default: all."},
			"server":           schema.StringAttribute{Optional: true, MarkdownDescription: "Only tenants on this server: a key of the provider's `servers`, or an empty text for the main server. Default: all."},
			"backup_objective": schema.StringAttribute{Optional: true, MarkdownDescription: "How old the newest checkpoint of a tenant may be, for example `24h`. Default: `backup_objective` of the provider; without one the age of checkpoints takes no points.", Validators: []validator.String{attribute.IsDuration()}},
			"healthy":          schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether all tenants are `healthy`."},
			"score":            schema.Int64Attribute{Computed: true, MarkdownDescription: "The lowest score of all tenants, null without tenants."},
			"slugs":            schema.ListAttribute{Computed: true, ElementType: types.StringType, MarkdownDescription: "Slugs of the tenants that are not `healthy`, in alphabetical order."},
			"tenants":          schema.MapNestedAttribute{Computed: true, MarkdownDescription: "The tenants, by slug.", NestedObject: schema.NestedAttributeObject{Attributes: tenantHealthAttributes()}},
		},
	}
}

// The attributes that are computed, with what they mean.
func computedText(what string) schema.StringAttribute {
	return schema.StringAttribute{Computed: true, MarkdownDescription: what}
}

func computedNumber(what string) schema.Int64Attribute {
	return schema.Int64Attribute{Computed: true, MarkdownDescription: what}
}

func computedShare(what string) schema.Float64Attribute {
	return schema.Float64Attribute{Computed: true, MarkdownDescription: what}
}

func computedObject(what string, attributes map[string]schema.Attribute) schema.SingleNestedAttribute {
	return schema.SingleNestedAttribute{Computed: true, MarkdownDescription: what, Attributes: attributes}
}

func computedObjects(what string, attributes map[string]schema.Attribute) schema.ListNestedAttribute {
	return schema.ListNestedAttribute{Computed: true, MarkdownDescription: what, NestedObject: schema.NestedAttributeObject{Attributes: attributes}}
}

// tenantHealthAttributes are those of one tenant.
func tenantHealthAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"name":          computedText("Name of the tenant."),
		"database_name": computedText("Name of the tenant's database."),
		"server":        computedText("Key of the provider's `servers`, null for the main server."),
		"template":      computedText("Template version in force, as `name@version`."),
		"status":        computedText("`active`, `suspended` or `archived`; `creating` or `dropping` after an interrupted run."),
		"score":         computedNumber("From 0 to 100: 100 less the points of all `reasons`."),
		"level":         computedText("`healthy`: a score of 80 and more. `degraded`: 50 and more, somebody should look. `unhealthy`: somebody has to act."),
		"reasons": computedObjects("What took points away, the most first.", map[string]schema.Attribute{
			"kind": computedText("`unreachable`, `missing`, `interrupted`, `drifted`, `conflict`, `pending_approval`, `no_checkpoint`, `checkpoint_too_old`, `no_primary_key`, `auto_increment`, `fragmentation`, `long_transaction`, `lock_wait`, `statement_errors` or `out_of_place`."), "points": computedNumber("How many."), "detail": computedText("What is wrong, and what to do."),
		}),
		"reachable":                  schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether its database is there and was read."},
		"problem":                    computedText("Why not."),
		"state":                      computedText(driftStates + " `unreadable`: see `problem`."),
		"update_status":              computedText("What waits: `current` when nothing does, else as in `landlord_tenants`."),
		"wanted":                     computedText("Template version that it stays behind, as `name@version`."),
		"size":                       computedObject("What its tables take, by the estimates of the storage engine; null when that was not read.", sizeAttributes()),
		"growth":                     computedObject("What became more since the last sample; null when there is none.", growthAttributes()),
		"tables_without_primary_key": schema.ListAttribute{Computed: true, ElementType: types.StringType, MarkdownDescription: "Names of tables, in alphabetical order."},
		"auto_increment": computedObject("The AUTO_INCREMENT column that has the least values left; null when there is none.", map[string]schema.Attribute{
			"table": computedText("Table."), "column": computedText("Column."), "next": schema.NumberAttribute{Computed: true, MarkdownDescription: "The value that comes next."},
			"highest": schema.NumberAttribute{Computed: true, MarkdownDescription: "The highest value of the type."}, "used": computedShare("Share that is used, from 0 to 1."),
		}),
		"checkpoints": computedObject("Checkpoints from which all rows come back: ready, with data, of all tables.", map[string]schema.Attribute{
			"count": computedNumber("How many."), "size_bytes": computedNumber("What they take together."), "oldest_at": computedText("The moment that the oldest one is a copy of, null without one."),
			"newest_at": computedText("The moment that the newest one is a copy of, null without one."), "age_seconds": computedNumber("How old the newest one is, null without one."),
		}),
		"transactions": computedObject("What connections do that have the tenant's database selected; null when the account may not see it.", map[string]schema.Attribute{
			"open": computedNumber("Open transactions."), "longest_seconds": computedNumber("How long the longest one is open."),
			"waiting": computedNumber("Connections that wait for a lock."), "longest_wait_seconds": computedNumber("How long the longest one waits."),
		}),
		"load": computedObject("What was done in its database since the server began to count; null when it does not count.", loadAttributes()),
		"out_of_place": computedObjects("Accounts, definers and programs that reach further than they should, as in `landlord_isolation_report`.", map[string]schema.Attribute{
			"severity": computedText("`high`, `medium` or `low`."), "kind": computedText("What it is about."), "object": computedText("As a statement names it."),
			"detail": computedText("What is reached, and how."), "statement": computedText("SQL that ends it, for a person to judge and run; null when there is none."),
		}),
		"unknown": schema.MapAttribute{Computed: true, ElementType: types.StringType, MarkdownDescription: "Why something is null, by what it is: `size`, `fragmentation`, `transactions`, `load`, `statements` (of the load), `out_of_place`."},
	}
}

func sizeAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"tables": computedNumber("How many."), "rows": computedNumber("In all of them."), "bytes": computedNumber("Data and indexes."),
		"free_bytes":    computedNumber("Allocated to its tables and not used; null where tables share their files."),
		"fragmentation": computedShare("Share of what is allocated that is not used, from 0 to 1."),
	}
}

func growthAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"since": computedText("When that sample was taken."), "rows": computedNumber("Negative when it became less."), "bytes": computedNumber("Negative when it became less."),
		"load": computedObject("What was done since; null when nobody knows.", loadAttributes()),
	}
}

func loadAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"source":     computedText("`performance_schema`: statements by the database that their connection had selected. `userstat` (MariaDB): rows by table, statements by `landlord_tenant_account`."),
		"incomplete": schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether the server has counted less than there was, because there were more kinds of statements than `performance_schema_digests_size`."},
		"statements": computedNumber("How many."), "latency_seconds": computedShare("That they took together."), "errors": computedNumber("Statements that failed."),
		"rows_read": computedNumber("That were looked at."), "rows_changed": computedNumber("That were written."),
	}
}

// Read looks at the tenants.
func (d *tenantHealthDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model tenantHealthModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() || !session.Configured(d.session, "Looking at the health of tenants", &resp.Diagnostics) {
		return
	}
	filter := health.Filter{Server: model.Server.ValueStringPointer()}
	if !model.Tenant.IsNull() {
		filter.Slugs = []string{model.Tenant.ValueString()}
	}
	if !model.BackupObjective.IsNull() {
		filter.Objective, _ = attribute.ParseDuration(model.BackupObjective.ValueString()) // the validator has seen it
	}
	report, err := d.engine.Health(ctx, filter)
	if err != nil {
		session.NewReporter(&resp.Diagnostics, func(attribute string) bool { return attribute == "server" || attribute == "tenant" }).Problem(err, "Health of tenants could not be looked at")
		return
	}
	model.fromReport(report)
	resp.Diagnostics.Append(resp.State.Set(ctx, model)...)
}
