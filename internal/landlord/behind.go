package landlord

import "fmt"

// NotRegistered warns that the landlord database does not know a tenant whose
// database is there, and which follows a template by Terraform's state.
func NotRegistered(slug, template, database string) Note {
	return Note{Severity: Warning, Field: FieldSlug, Summary: "Tenant is not registered any more", Detail: fmt.Sprintf(
		"The landlord database does not know tenant `%s`, which follows `%s` by Terraform's state. Its database `%s` is there.\n\n"+
			"The plan registers it anew, with its schema as it is and without its history. Look first whether `landlord_database` of the provider names the right one.", slug, template, database)}
}

// LostSince refuses what was planned of a tenant of which the landlord database knew
// more when the state was written or refreshed: the plan did not show that it is to be
// recorded anew.
func LostSince(slug, template string) *Problem {
	return NewProblem(FieldSlug, "Landlord database is older than the plan", fmt.Sprintf(
		"Tenant `%s` follows `%s` by Terraform's state, and the landlord database knew that when the state was written or refreshed. It does not any more: it was lost, brought back from an older dump, or `landlord_database` of the provider names another one.", slug, template),
		"Nothing was run. Plan again, and without `-refresh=false`: the plan then shows what is recorded anew.")
}

// Behind warns that the landlord database knows an earlier state of a tenant
// than Terraform.
func Behind(slug, template string) Note {
	return Note{Severity: Warning, Field: FieldSlug, Summary: "Landlord database is older than a tenant", Detail: fmt.Sprintf(
		"Tenant `%s` follows `%s` by Terraform's state, and the landlord database does not know the migration that led there. A dump that is older than the tenant leaves this.\n\n"+
			"The plan records what the state knows, with the tenant's schema as it is. What the lost migrations did is not done again. Look first whether `landlord_database` of the provider names the right one.", slug, template)}
}
