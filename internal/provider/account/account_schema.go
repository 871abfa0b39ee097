package account

import (
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64default"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/setdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/attribute"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/value"
)

// accountIdentitySchema describes what names an account for an import.
func accountIdentitySchema() identityschema.Schema {
	return identityschema.Schema{Attributes: map[string]identityschema.Attribute{
		"tenant": identityschema.StringAttribute{RequiredForImport: true, Description: "Slug of the tenant."},
		"name":   identityschema.StringAttribute{RequiredForImport: true, Description: "Name of the account on the server."},
	}}
}

// accountSchema describes the resource.
func accountSchema() schema.Schema {
	attributes := accountInputs()
	for name, attribute := range accountPassword() {
		attributes[name] = attribute
	}
	for name, attribute := range accountResults() {
		attributes[name] = attribute
	}
	return schema.Schema{
		MarkdownDescription: "An account with which applications and people log in to one tenant. It has the rights of its role in the database of that tenant and none anywhere else, and may not hand them on. " +
			"It is locked while its tenant is suspended or archived, and dropped with it. The password is write-only (Terraform and OpenTofu 1.11 or later): it is in no plan, state, log or statement. " +
			"An account that somebody else made is never taken over unless it is imported. The plan lists the statements.",
		Attributes: attributes,
	}
}

func accountInputs() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"tenant": schema.StringAttribute{
			Required:            true,
			MarkdownDescription: "Slug of the tenant; refer to the `slug` of a `landlord_tenant`, so that Terraform knows the order. Another tenant replaces the account.",
			Validators:          []validator.String{attribute.IsSlug()},
			PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
		},
		"name": schema.StringAttribute{
			Optional: true, Computed: true,
			MarkdownDescription: "Name of the account on the server, at most 32 characters. Another name replaces the account. Default: the name of the database with `_app`, `_read` or `_migrator` behind it, shortened with a hash where it is too long.",
			Validators:          []validator.String{isAccountName()},
			PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown(), stringplanmodifier.RequiresReplace()},
		},
		"role": schema.StringAttribute{
			Required: true,
			MarkdownDescription: "What the account may do in the database of the tenant: `application` reads and writes rows and calls routines; `read_only` reads, also the text of views; " +
				"`migrator` does that and changes tables, views, routines, triggers and events.",
			Validators: []validator.String{attribute.OneOf(landlord.RoleMigrator, landlord.RoleApplication, landlord.RoleReadOnly)},
		},
		"hosts": schema.SetAttribute{
			Optional: true, Computed: true, ElementType: types.StringType,
			Default:             setdefault.StaticValue(types.SetValueMust(types.StringType, value.TextValues([]string{"%"}))),
			MarkdownDescription: "Hosts from which the account logs in: names or addresses, also with `%` and `_`, or IPv4 networks as `10.1.0.0/255.255.0.0`. To the server each is an account of its own with the same password. Default: `%`, all hosts.",
			Validators:          []validator.Set{setvalidator.SizeAtLeast(1), setvalidator.ValueStringsAre(isAccountHost())},
		},
		"require_tls": schema.BoolAttribute{
			Optional: true, Computed: true, Default: booldefault.StaticBool(false),
			MarkdownDescription: "Whether the server refuses connections of the account without TLS. Default: `false`.",
		},
		"max_user_connections": schema.Int64Attribute{
			Optional: true, Computed: true, Default: int64default.StaticInt64(0),
			MarkdownDescription: "How many connections the account may have at the same time from each of its hosts. Default: `0`, no limit but the server's.",
			Validators:          []validator.Int64{int64validator.Between(0, 1<<31-1)},
		},
	}
}

// accountPassword are the attributes about the password.
func accountPassword() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"password_wo": schema.StringAttribute{
			Optional: true, WriteOnly: true, Sensitive: true,
			MarkdownDescription: "The password, at least 8 characters. It is sent as a hash, so rules of the server for good passwords do not see it. An account that is made needs one; leave it out to keep that of an account that is imported. Default: none.",
			Validators:          []validator.String{stringvalidator.LengthAtLeast(8), stringvalidator.AlsoRequires(path.MatchRoot("password_wo_version"))},
		},
		"password_wo_version": schema.Int64Attribute{
			Optional: true,
			MarkdownDescription: "Any number: a change sets the password. On MySQL the former one stays valid beside it, until the next change or `discard_former_password`, so that applications move one by one. " +
				"MariaDB keeps one password: who connects from then on needs the new one, open connections go on, and the plan warns. Default: none.",
			Validators: []validator.Int64{int64validator.AlsoRequires(path.MatchRoot("password_wo"))},
		},
		"discard_former_password": schema.BoolAttribute{
			Optional: true, Computed: true, Default: booldefault.StaticBool(false),
			MarkdownDescription: "Whether the former password loses its validity: set it when all applications have the new one. While it is set, a change of the password has no overlap. Default: `false`.",
		},
	}
}

// accountResults are the attributes that the landlord finds out.
func accountResults() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"id":              schema.StringAttribute{Computed: true, MarkdownDescription: "Tenant and name: `tenant/name`."},
		"accounts":        schema.ListAttribute{Computed: true, ElementType: types.StringType, MarkdownDescription: "The accounts as statements name them, one for each host."},
		"status":          schema.StringAttribute{Computed: true, MarkdownDescription: "`ready`; `incomplete` after a run that was interrupted, which the next apply completes; `unmanaged` for an account that is being imported and that the landlord did not make: the next apply takes it over."},
		"locked":          schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether the account is locked, because its tenant is suspended or archived."},
		"former_password": schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether the server takes the password of before too."},
		"drift":           schema.ListAttribute{Computed: true, ElementType: types.StringType, MarkdownDescription: "What somebody changed by hand in its rights or its lock; the next apply repairs it."},
		"other_hosts":     schema.ListAttribute{Computed: true, ElementType: types.StringType, MarkdownDescription: "Hosts for which the server has an account of this name that the landlord did not make. They are left alone."},
		"statements":      schema.ListAttribute{Computed: true, ElementType: types.StringType, MarkdownDescription: "What is pending: the statements that the next apply sends, with `<secret>` in the place of a password. Each refresh empties it."},
		"fingerprint":     schema.StringAttribute{Computed: true, MarkdownDescription: "Fingerprint of what the server has of the account, without passwords. An apply refuses when it is not the one of the plan."},
		"created_at":      schema.StringAttribute{Computed: true, MarkdownDescription: "When the landlord made the account or took it over (RFC 3339, UTC)."},
	}
}

func isAccountName() validator.String {
	return attribute.Checked{Summary: "Account name cannot be used", Wants: "a name: letters, digits, `_`, `.` and `-`, a letter, a digit or `_` first, at most 32 characters", Check: landlord.CheckAccountName}
}

func isAccountHost() validator.String {
	return attribute.Checked{Summary: "Account host cannot be read", Wants: "a host of an account", Check: landlord.CheckAccountHost}
}
