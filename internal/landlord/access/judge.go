package access

import (
	"fmt"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/privilege"
)

// judge decides whether an account may become what is wanted, and completes the
// wish with what follows from what there is. tenant is nil for one that this run
// makes; prior is empty for an account that Terraform does not have.
func (a *Accesses) judge(w *wish, tenant *registry.TenantRow, recorded *registry.AccountRow, live []privilege.Account, prior string) error {
	if err := a.checkName(w); err != nil {
		return err
	}
	if recorded != nil && (tenant == nil || recorded.Tenant != tenant.ID || recorded.Temporary()) {
		return ofAnother(w.Spec.Tenant, recorded)
	}
	if prior != "" && prior != fingerprintOf(live) {
		return changedSince(w.Spec, "Its hosts, rights or limits are not what the last refresh has seen.")
	}
	recent := false
	switch {
	case recorded != nil:
		w.Recorded = recorded.Hosts
		recent = recorded.Recent && recorded.Role == w.Spec.Role && slices.Equal(recorded.Hosts, w.Spec.Hosts)
	case prior != "": // it is taken over, with all of its hosts
		for _, one := range live {
			w.Recorded = append(w.Recorded, one.Host)
		}
	}
	if err := w.checkFree(recorded, live, prior == "", recent); err != nil {
		return err
	}
	w.Renews = w.Spec.NewPassword || prior == ""
	w.Fresh = prior == ""
	w.Resumed = prior == "" && recorded != nil && recorded.Ready
	if recorded == nil && prior != "" {
		if beyond := w.beyond(live, w.own); len(beyond) > 0 {
			return landlord.NewProblem(landlord.FieldName, "Account has rights beyond its tenant",
				fmt.Sprintf("The account `%s`, which the landlord did not make, is to become an account of tenant `%s`, and may do more than anything in its database.", w.Spec.Name, w.Spec.Tenant),
				"Nothing was touched: others may need these rights.",
				"Take them away yourself, and plan again:\n"+strings.Join(beyond, "\n"),
				"Or make an account of another name.")
		}
	}
	return nil
}

// checkName refuses names of accounts that are no tenant's.
func (a *Accesses) checkName(w *wish) error {
	if err := landlord.CheckAccountName(w.Spec.Name); err != nil {
		return err //nolint:wrapcheck // it is in the words of the interface
	}
	user, _ := mysql.SplitAccount(w.Info.Account)
	whose := ""
	switch {
	case w.Spec.Name == user:
		whose = "is the account of the provider itself"
	case a.Accounts.Names.IsOurs(w.Spec.Name):
		whose = "begins as the names of the accounts that the landlord makes for itself"
	default:
		return nil
	}
	return landlord.NewProblem(landlord.FieldName, "Account name cannot be used", fmt.Sprintf("The name `%s` %s.", w.Spec.Name, whose), "Choose another one, or leave `name` out.")
}

// checkFree refuses to take accounts over without being asked: those that the
// landlord did not make, and those that another run has made long ago.
func (w *wish) checkFree(recorded *registry.AccountRow, live []privilege.Account, anew, recent bool) error {
	var taken []string
	ours := false
	for _, a := range live {
		known := recorded != nil && slices.Contains(recorded.Hosts, a.Host)
		ours = ours || known
		switch {
		case known, !slices.Contains(w.Spec.Hosts, a.Host):
		case anew, recorded != nil: // else it is being imported
			taken = append(taken, a.Name())
		}
	}
	if anew && recorded == nil && len(live) > 0 {
		taken = nil
		for _, a := range live {
			taken = append(taken, a.Name())
		}
	}
	id := w.Spec.Tenant + "/" + w.Spec.Name
	switch {
	case len(taken) > 0 && recorded != nil:
		return landlord.NewProblem(landlord.FieldHosts, "Account exists already",
			fmt.Sprintf("The server has %s, which the landlord did not make, beside the accounts `%s` of tenant `%s` that it made.", strings.Join(taken, ", "), w.Spec.Name, w.Spec.Tenant),
			"Nothing was touched. Leave this host out of `hosts`, or drop that account yourself when nobody needs it: DROP USER "+strings.Join(taken, ", "))
	case len(taken) > 0:
		return landlord.NewProblem(landlord.FieldName, "Account exists already",
			fmt.Sprintf("Tenant `%s` needs the account `%s`, and the server has %s, which the landlord did not make.", w.Spec.Tenant, w.Spec.Name, strings.Join(taken, ", ")),
			"Nothing was touched. To take it over, import it: `terraform import <address> "+id+"`. Otherwise choose another `name`.")
	case anew && recorded != nil && recorded.Ready && ours && !recent:
		return w.existsAlready()
	}
	return nil
}

// existsAlready refuses to make an account that another configuration or an
// earlier run has made.
func (w *wish) existsAlready() error {
	return landlord.NewProblem(landlord.FieldName, "Account exists already",
		fmt.Sprintf("Tenant `%s` has an account `%s`, which another configuration or an earlier run made.", w.Spec.Tenant, w.Spec.Name),
		"Nothing was touched. To go on with it, import it: `terraform import <address> "+w.Spec.Tenant+"/"+w.Spec.Name+"`. Otherwise choose another `name`.")
}

// ofAnother says that an account serves somebody else.
func ofAnother(tenant string, recorded *registry.AccountRow) error {
	whose := fmt.Sprintf("an account of tenant `%s`", recorded.Slug)
	if recorded.Temporary() {
		whose = fmt.Sprintf("an account of tenant `%s` for one run", recorded.Slug)
	}
	return landlord.NewProblem(landlord.FieldName, "Account belongs to somebody else",
		fmt.Sprintf("The account `%s`, wanted for tenant `%s`, is %s. An account never has more than one tenant.", recorded.Name, tenant, whose),
		"Nothing was touched. Choose another `name`, or remove that account first.")
}

// changedSince says that an account is not what the plan was made from.
func changedSince(spec landlord.TenantAccountSpec, what string) error {
	return landlord.NewProblem(landlord.FieldNone, "Account changed since the plan",
		fmt.Sprintf("Account `%s` of tenant `%s` was changed by somebody else. %s", spec.Name, spec.Tenant, what), "Nothing was run. Plan again.")
}
