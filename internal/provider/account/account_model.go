package account

import (
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/value"
)

// accountModel is an account as Terraform has it.
type accountModel struct {
	Tenant             types.String `tfsdk:"tenant"`
	Name               types.String `tfsdk:"name"`
	Role               types.String `tfsdk:"role"`
	Hosts              types.Set    `tfsdk:"hosts"`
	RequireTLS         types.Bool   `tfsdk:"require_tls"`
	MaxUserConnections types.Int64  `tfsdk:"max_user_connections"`

	Password        types.String `tfsdk:"password_wo"` // of a configuration only
	PasswordVersion types.Int64  `tfsdk:"password_wo_version"`
	DiscardFormer   types.Bool   `tfsdk:"discard_former_password"`

	ID             types.String `tfsdk:"id"`
	Accounts       types.List   `tfsdk:"accounts"`
	Status         types.String `tfsdk:"status"`
	Locked         types.Bool   `tfsdk:"locked"`
	FormerPassword types.Bool   `tfsdk:"former_password"`
	Drift          types.List   `tfsdk:"drift"`
	OtherHosts     types.List   `tfsdk:"other_hosts"`
	Statements     types.List   `tfsdk:"statements"`
	Fingerprint    types.String `tfsdk:"fingerprint"`
	CreatedAt      types.String `tfsdk:"created_at"`
}

// accountIdentity is what names an account.
type accountIdentity struct {
	Tenant types.String `tfsdk:"tenant"`
	Name   types.String `tfsdk:"name"`
}

func (m *accountModel) identity() accountIdentity { return accountIdentity{m.Tenant, m.Name} }

// toSpec returns what the configuration wants, without the password.
func (m *accountModel) toSpec(prior *accountModel) landlord.TenantAccountSpec {
	return landlord.TenantAccountSpec{
		Tenant: m.Tenant.ValueString(), Name: m.Name.ValueString(), Hosts: value.ToTexts(m.Hosts), Role: landlord.AccountRole(m.Role.ValueString()),
		RequireTLS: m.RequireTLS.ValueBool(), MaxUserConnections: m.MaxUserConnections.ValueInt64(), DiscardFormerPassword: m.DiscardFormer.ValueBool(),
		NewPassword: prior != nil && !m.PasswordVersion.IsNull() && !m.PasswordVersion.Equal(prior.PasswordVersion),
	}
}

// isPlannable says whether everything is known that shapes the statements.
func (m *accountModel) isPlannable() bool {
	return value.Known(m.Tenant, m.Role, m.Hosts, m.RequireTLS, m.MaxUserConnections, m.PasswordVersion, m.DiscardFormer)
}

// isSettled says whether a state leaves nothing to do.
func (m *accountModel) isSettled() bool {
	return m.Status.ValueString() == string(landlord.AccountReady) && len(m.Drift.Elements()) == 0 && !(m.DiscardFormer.ValueBool() && m.FormerPassword.ValueBool())
}

// fromAccount fills the model with what is there now.
func (m *accountModel) fromAccount(a *landlord.TenantAccount) {
	if m.ID.IsNull() { // an import
		m.DiscardFormer = types.BoolValue(false)
	}
	m.Password = types.StringNull()
	m.Role = types.StringValue(string(a.Role))
	m.Hosts = value.KeepSet(m.Hosts, a.Hosts)
	m.RequireTLS, m.MaxUserConnections = types.BoolValue(a.RequireTLS), types.Int64Value(a.MaxUserConnections)
	m.fromResults(a)
	m.Statements = value.FromTexts(nil)
}

// fromResults sets what the landlord finds out.
func (m *accountModel) fromResults(a *landlord.TenantAccount) {
	m.Name = types.StringValue(a.Name)
	m.ID = types.StringValue(a.ID())
	m.Accounts = value.FromTexts(landlord.AccountNames(a.Name, a.Hosts))
	m.Status, m.Locked, m.FormerPassword = types.StringValue(string(a.Status)), types.BoolValue(a.Locked), types.BoolValue(a.FormerPassword)
	m.Drift, m.OtherHosts = value.FromTexts(a.Drift), value.FromTexts(a.OtherHosts)
	m.Fingerprint, m.CreatedAt = types.StringValue(a.Fingerprint), value.TimeOrNull(a.CreatedAt)
}

// forget marks everything that depends on the server as unknown.
func (m *accountModel) forget(prior *accountModel) {
	m.ID, m.Accounts = types.StringUnknown(), types.ListUnknown(types.StringType)
	if value.Known(m.Tenant, m.Name) {
		m.ID = types.StringValue(m.Tenant.ValueString() + "/" + m.Name.ValueString())
		if value.Known(m.Hosts) {
			m.Accounts = value.FromTexts(landlord.AccountNames(m.Name.ValueString(), value.ToTexts(m.Hosts)))
		}
	}
	m.Status, m.Drift = types.StringValue(string(landlord.AccountReady)), value.FromTexts(nil)
	m.Locked, m.FormerPassword = types.BoolUnknown(), types.BoolUnknown()
	m.OtherHosts, m.Statements = types.ListUnknown(types.StringType), types.ListUnknown(types.StringType)
	m.Fingerprint, m.CreatedAt = types.StringUnknown(), types.StringUnknown()
	if prior != nil && prior.Status.ValueString() != string(landlord.AccountUnmanaged) {
		m.CreatedAt = prior.CreatedAt
	}
}

// fromPlan sets everything that the plan knows.
func (m *accountModel) fromPlan(p *landlord.AccountPlan, prior *accountModel) {
	if p.Name != "" {
		m.Name = types.StringValue(p.Name)
	}
	m.forget(prior)
	if p.Unknown {
		return
	}
	m.Statements, m.Locked = value.FromTexts(p.Statements), types.BoolValue(p.Locked)
	if prior != nil && len(p.Statements) == 0 {
		m.FormerPassword, m.OtherHosts, m.Fingerprint, m.Locked = prior.FormerPassword, prior.OtherHosts, prior.Fingerprint, prior.Locked
	}
}

// planned returns the statements of a plan; nil when it does not know them.
func (m *accountModel) planned() []string {
	if m.Statements.IsUnknown() {
		return nil
	}
	return append([]string{}, value.ListedTexts(m.Statements)...)
}

// resolve replaces what the plan left unknown.
func (m *accountModel) resolve(a *landlord.TenantAccount) {
	now := *m
	now.fromResults(a)
	m.Password = types.StringNull()
	for _, pair := range []struct {
		value *types.String
		now   types.String
	}{{&m.Name, now.Name}, {&m.ID, now.ID}, {&m.Fingerprint, now.Fingerprint}, {&m.CreatedAt, now.CreatedAt}} {
		value.ResolveText(pair.value, pair.now)
	}
	for _, pair := range []struct{ value, now *types.List }{{&m.Accounts, &now.Accounts}, {&m.OtherHosts, &now.OtherHosts}} {
		value.ResolveList(pair.value, *pair.now)
	}
	value.ResolveList(&m.Statements, value.FromTexts(nil))
	if m.Locked.IsUnknown() {
		m.Locked = now.Locked
	}
	if m.FormerPassword.IsUnknown() {
		m.FormerPassword = now.FormerPassword
	}
}
