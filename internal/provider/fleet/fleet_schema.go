package fleet

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/fleet"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/attribute"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/tenant"
)

// fleetSchema describes the resource.
func fleetSchema(ctx context.Context) schema.Schema {
	attributes := fleetInputs()
	for name, attribute := range tenant.Policies() {
		attributes[name] = attribute
	}
	for name, attribute := range fleetResults() {
		attributes[name] = attribute
	}
	attributes["timeouts"] = attribute.ChangeTimeouts(ctx)
	return schema.Schema{
		MarkdownDescription: "Many tenants in one resource. They share a template and policies; what equal tenants have in common is planned and told once: `plans` has one entry for all tenants with which the same is to be done. " +
			"A tenant that fails stops only itself. Everything else that works with a tenant, as customizations, checkpoints and approvals, works with one of a fleet.",
		Attributes: attributes,
	}
}

// fleetInputs are the attributes that say what the fleet is.
func fleetInputs() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"name": schema.StringAttribute{
			Required:            true,
			MarkdownDescription: "Name of the fleet: lower-case letters, digits, `-` and `_`, a letter first. A change renames it and touches no database.",
			Validators:          []validator.String{attribute.IsSlug()},
		},
		"template": schema.StringAttribute{
			Required:            true,
			MarkdownDescription: "Template version that the tenants follow, as `name@version`; refer to the `id` of a `landlord_tenant_template`.",
			Validators:          []validator.String{attribute.IsTemplateID()},
		},
		"tenants": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "The tenants as a JSON text: an object whose keys are slugs and whose values are objects with `name` (default: the slug), `modules` (list of optional modules), `metadata` (object of texts), `version` (of the template, where a tenant is not to follow the fleet's), `server` (key of the provider's `servers`, `\"\"` for the main one; a change moves the tenant, and one without it stays where it is) and `database_name` (of a database that is there and becomes this tenant's as it is), all optional. " +
				"Write it as `jsonencode({ … })`, `file(\"tenants.json\")` or `jsonencode(yamldecode(file(\"tenants.yaml\")))`. Order and white space are no difference. The tenants of the list are active. A tenant that is taken out is destroyed as `deletion_policy` says, unless `released` names it. Default: none, with `select`.",
		},
		"select": schema.SingleNestedAttribute{
			Optional: true,
			MarkdownDescription: "Tenants that the landlord database knows, beside those of `tenants` or instead of a list: active or suspended ones that are in no other fleet. They join as they are, keep their name, metadata, status and modules, and follow the fleet's template from then on; " +
				"one that is chosen no longer leaves the fleet and stays as it is, and is never dropped. Default: none.",
			Attributes: map[string]schema.Attribute{
				"template": schema.StringAttribute{
					Optional:            true,
					MarkdownDescription: "Template that they have, as `name` or `name@version`. Default: the name of the fleet's template.",
					Validators:          []validator.String{attribute.IsTemplate()},
				},
				"metadata": schema.MapAttribute{
					Optional: true, ElementType: types.StringType,
					MarkdownDescription: "Metadata that they have, with whatever else. Default: any.",
				},
			},
		},
		"pool": schema.Int64Attribute{
			Optional: true,
			MarkdownDescription: "How many tenants are kept ready on the main server for customers that nobody knows yet: made at the fleet's version, with its core modules, and changed along in the last wave of a rollout. `CALL landlord.claim_tenant(slug, name, metadata)` gives one of them to its caller at once; each apply fills the pool up again, " +
				"and `select` takes in those that have got an owner. A tenant that is ready is nobody's: when the number shrinks, or the fleet goes, it is dropped, whatever `deletion_policy` says. Default: none.",
			Validators: []validator.Int64{int64validator.Between(0, 1000)},
		},
		"released": schema.SetAttribute{
			Optional: true, ElementType: types.StringType,
			MarkdownDescription: "Slugs of tenants that leave the fleet and stay as they are: name one here and take it out of `tenants`. A `landlord_tenant` or another fleet can then take it. Default: none.",
			Validators:          []validator.Set{setvalidator.ValueStringsAre(attribute.IsSlug())},
		},
		"placement": schema.MapAttribute{
			Optional: true, ElementType: types.Int64Type,
			MarkdownDescription: "Servers on which tenants are made whose entry names none, with their weights: keys of the provider's `servers`, and `\"\"` for the main server. A server takes tenants in proportion to its weight, counted over the tenants of the fleet; with equal weights the one with the fewest takes the next, and with `0` none goes there. " +
				"A tenant stays where it was made, until its entry names a `server`. Tenants of the pool are made on the main server. Default: the main server.",
			Validators: []validator.Map{mapvalidator.SizeAtLeast(1), mapvalidator.ValueInt64sAre(int64validator.Between(0, 1000))},
		},
		"rollout": rolloutAttribute(),
	}
}

// rolloutAttribute describes how a change reaches the tenants.
func rolloutAttribute() schema.Attribute {
	return schema.SingleNestedAttribute{
		Optional: true,
		MarkdownDescription: "How another template version, or other modules, reach the tenants: wave by wave, each begun when the tenants of those before it are done and still as they were left. " +
			"Tenants that are made, go, or of which only the landlord database changes, need no wave. Default: all at once, and no tenant may fail.",
		Attributes: map[string]schema.Attribute{
			"canary": schema.SetAttribute{
				Optional: true, ElementType: types.StringType,
				MarkdownDescription: "Slugs of the tenants of the first wave, which is called `canary`. Default: none.",
				Validators:          []validator.Set{setvalidator.ValueStringsAre(attribute.IsSlug())},
			},
			"canary_metadata": schema.MapAttribute{
				Optional: true, ElementType: types.StringType,
				MarkdownDescription: "Tenants whose metadata has all of this are in the wave `canary` too. Default: none.",
			},
			"waves": schema.ListAttribute{
				Optional: true, ElementType: types.StringType,
				MarkdownDescription: "The waves after the canary, in order: how many tenants of the fleet have the change when the wave is done, those before it included, as a number (`50`) or a share (`10%`, rounded up). Tenants are taken by slug. What is left is the wave `100%`. Default: none.",
				Validators:          []validator.List{listvalidator.ValueStringsAre(isWave())},
			},
			"through": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "The last wave that an apply may begin: `canary`, one of `waves`, or `100%`. Raising it promotes the change. Tenants that are made meanwhile, and whose wave does not begin, get the version that most others behind it have. Default: `100%`.",
				Validators:          attribute.NotEmpty(),
			},
			"soak": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "How long an apply waits between two waves, as a duration. Default: not at all.",
				Validators:          []validator.String{attribute.IsDuration()},
			},
			"max_parallel": schema.Int64Attribute{
				Optional:            true,
				MarkdownDescription: "How many tenants are changed at a time in all; `max_connections` of a server bounds them as well. Default: `4`.",
				Validators:          []validator.Int64{int64validator.Between(1, 1000)},
			},
			"max_parallel_per_server": schema.Int64Attribute{
				Optional:            true,
				MarkdownDescription: "How many of them on one server, so that one that is slow keeps no other waiting. One that moves counts on both servers. Default: as many as `max_parallel`.",
				Validators:          []validator.Int64{int64validator.Between(1, 1000)},
			},
			"max_failures": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "How many tenants may fail, as a number (`2`) or a share of those of the fleet (`5%`, rounded down): with no more, the apply ends well, with a warning that names them; with more, no further tenant is begun and it ends with an error. A tenant that is to go and does not is an error in any case. Default: `0`.",
				Validators:          []validator.String{isBudget()},
			},
			"on_failure": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "What becomes of the rollout when more tenants fail than may: `halt` leaves it where it is, and the next apply goes on; `rollback` takes exactly those tenants that it has changed back to the version and modules that they had, also those of earlier applies. " +
					"What it had added to them is set aside for `retention`. Where all of them fail beside the rollout, as at the making or the move of a tenant, it is halted. Default: `halt`.",
				Validators: []validator.String{attribute.OneOf(fleet.Halt, fleet.Rollback)},
			},
		},
	}
}

// fleetResults are the attributes that the landlord finds out.
func fleetResults() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"id":            computedText("The name."),
		"ready_tenants": computedText("The slugs of the tenants that are ready, as a JSON text; null without `pool`. One that somebody has got leaves it with the next apply."),
		"selected":      computedText("The slugs that `select` has taken in, as a JSON text; null without it."),
		"plans":         fleetPlans(),
		"plan_digest":   computedText("Digest of everything that is pending; null when nothing is."),
		"summary": schema.SingleNestedAttribute{
			Computed:            true,
			MarkdownDescription: "How many tenants there are, and what is the matter with them: after an apply, as it left them. In a plan, `total`, `to_create`, `to_update`, `conflict` and `held` are what it has found; what only the apply can tell is known after it, as are all counts of a plan that nobody sees.",
			Attributes: map[string]schema.Attribute{
				"total":            computedCount("All tenants of the list."),
				"current":          computedCount("Those that are where they should be, with nothing to do."),
				"conflict":         computedCount("Those that wait for a decision."),
				"to_create":        computedCount("Those that the plan makes; 0 after a refresh."),
				"to_update":        computedCount("Those that the plan brings statements, another version or other modules; 0 after a refresh. One that waits for an approval is none of them."),
				"pending_approval": computedCount("Those whose migration waits for an approval."),
				"held":             computedCount("Those that their policy holds."),
				"interrupted":      computedCount("Those on which a run was cut off."),
				"drifted":          computedCount("Those whose schema somebody changed."),
				"ready":            computedCount("Those that wait for an owner in the pool; they are not in `total`."),
				"later":            computedCount("Those whose wave does not begin yet."),
				"failing":          computedCount("Those that are missing, failed, not reached, or cannot be planned."),
			},
		},
		"results": schema.ListNestedAttribute{
			Computed:            true,
			MarkdownDescription: "The tenants that are not where they should be, by slug; empty when all are.",
			NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"slug":   computedText("Slug of the tenant."),
				"status": computedText("`conflict`, `held`, `pending_approval`, `interrupted`, `drifted`, `missing`, `unreached` (its server does not answer) or `failed`."),
				"reason": computedText("Why, in one sentence."),
			}},
		},
		"fingerprint": computedText("Fingerprint of what is known of all tenants: the schemas, versions and statuses."),
	}
}

func computedText(what string) schema.StringAttribute {
	return schema.StringAttribute{Computed: true, MarkdownDescription: what}
}

func computedCount(what string) schema.Int64Attribute {
	return schema.Int64Attribute{Computed: true, MarkdownDescription: what}
}

// fleetPlans describes what is pending.
func fleetPlans() schema.ListNestedAttribute {
	list := func(what string) schema.ListAttribute {
		return schema.ListAttribute{Computed: true, ElementType: types.StringType, MarkdownDescription: what}
	}
	return schema.ListNestedAttribute{
		Computed:            true,
		MarkdownDescription: "What is pending: one entry for all tenants with which the same is to be done, the largest first. Each refresh empties it.",
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"action":           computedText("`create`, `update`, `record` (only the landlord database changes), `delete`, `release`, `join` (comes in as it is), `wait` (for an approval), `stay` (held or in conflict), `later` (its wave does not begin yet) or `fail` (cannot be planned)."),
			"server":           computedText("Key of the provider's `servers` where tenants are made or move to; null for the main server, and for all others."),
			"wave":             computedText("Wave of the rollout, as `canary` or `10%`; null for what needs none."),
			"tenants":          computedCount("How many tenants."),
			"slugs":            computedText("The first ten of them, with commas between; all of those that cannot be planned, or whose data forbids a statement."),
			"from":             computedText("Template version in force, as `name@version`; null for tenants that are made."),
			"to":               computedText("Template version afterwards; null for tenants that go."),
			"verdict":          computedText("How the migration was found: `auto`, `review` or `merge`, or `blocked` where the data forbids a statement, as `findings` says; null without one."),
			"digest":           computedText("Digest of the migration, as an approval names it; null without one."),
			"steps":            list("The statements in their order, as the first tenant gets them: those of the others differ in the name of the database."),
			"rows":             computedCount("How many rows the tables have that the statements change, in all these tenants together, as InnoDB estimates it; null where none is changed that is there, where the server keeps no estimate, and in the plan that makes the fleet; known after apply in a plan without a refresh."),
			"bytes":            computedCount("How many bytes these tables have with their indexes, likewise."),
			"drifted":          computedCount("How many of them somebody has changed; with `drift_policy = \"repair\"`, an `update` undoes that. Null for none."),
			"findings":         attribute.ClassFindings(),
			"conflicts":        list("What waits for a decision, by the keys of `resolutions`."),
			"conflict_details": conflictDetails(),
			"reason":           computedText("Why the tenants wait, stay, fail or become active, and what becomes of those that go; null for others."),
		}},
	}
}

// conflictDetails describes conflicts of a class with their definitions.
func conflictDetails() schema.ListNestedAttribute {
	return schema.ListNestedAttribute{
		Computed:            true,
		MarkdownDescription: "The same with both sides, as the first of the tenants has them; null without conflicts.",
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"object":   computedText("What it is about, as a key of `resolutions`."),
			"detail":   computedText("Why it is a conflict, and whose the other side is."),
			"action":   computedText("What to do, with the HCL that decides."),
			"base":     computedText("The definition before the update; of what depends on something else, the one of that. Null where there is none."),
			"template": computedText("The same as the template wants it; null where it goes."),
			"own":      computedText("The definition that the tenants have; null where there is none."),
		}},
	}
}

// The types of the nested values, as the schema above has them.

func fleetPlanTypes() map[string]attr.Type {
	texts := types.ListType{ElemType: types.StringType}
	return map[string]attr.Type{
		"action": types.StringType, "server": types.StringType, "wave": types.StringType, "tenants": types.Int64Type, "slugs": types.StringType, "from": types.StringType, "to": types.StringType,
		"verdict": types.StringType, "digest": types.StringType, "steps": texts, "rows": types.Int64Type, "bytes": types.Int64Type, "drifted": types.Int64Type, "findings": attribute.NoFindings().Type(context.Background()), "conflicts": texts, "conflict_details": types.ListType{ElemType: types.ObjectType{AttrTypes: fleetConflictTypes()}}, "reason": types.StringType,
	}
}

func fleetConflictTypes() map[string]attr.Type {
	object, _ := conflictDetails().NestedObject.Type().(types.ObjectType)
	return object.AttrTypes
}

func fleetResultTypes() map[string]attr.Type {
	return map[string]attr.Type{"slug": types.StringType, "status": types.StringType, "reason": types.StringType}
}

// attributeTypes returns the types of the attributes of a nested value.
func attributeTypes(of schema.Attribute) map[string]attr.Type {
	object, _ := of.GetType().(types.ObjectType)
	return object.AttrTypes
}

func fleetSelectTypes() map[string]attr.Type { return attributeTypes(fleetInputs()["select"]) }

func fleetRolloutTypes() map[string]attr.Type { return attributeTypes(rolloutAttribute()) }

// fleetCounts are the counts of a summary, by attribute.
func fleetCounts(s fleet.Summary) map[string]int64 {
	return map[string]int64{
		"total": s.Total, "to_create": s.ToCreate, "to_update": s.ToUpdate, "current": s.Current, "conflict": s.Conflict, "pending_approval": s.PendingApproval, "held": s.Held, "interrupted": s.Interrupted,
		"drifted": s.Drifted, "later": s.Later, "ready": s.Ready, "failing": s.Failing,
	}
}

func fleetSummaryTypes() map[string]attr.Type {
	out := map[string]attr.Type{}
	for name := range fleetCounts(fleet.Summary{}) {
		out[name] = types.Int64Type
	}
	return out
}

func isBudget() validator.String {
	return attribute.Checked{Summary: "Number of failures cannot be read", Wants: "a number of tenants or a share of them, for example `2` or `5%`", Check: func(text string) error {
		_, _, err := fleet.ParseFailures(text)
		return err //nolint:wrapcheck // it is in the words of the interface
	}}
}

func isWave() validator.String {
	return attribute.Checked{Summary: "Wave cannot be read", Wants: "a number of tenants or a share of them, for example `50` or `10%`", Check: func(text string) error {
		_, err := fleet.ParseWave(text)
		return err //nolint:wrapcheck // it is in the words of the interface
	}}
}
