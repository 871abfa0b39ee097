resource "landlord_tenant" "initech" {
  slug     = "initech"
  name     = "Initech"
  template = "shop@1.4.0"
}

# A check reads again after each apply, and warns without stopping anything.
check "initech_is_as_recorded" {
  data "landlord_tenant_drift" "initech" {
    tenant = landlord_tenant.initech.slug
  }

  assert {
    condition = data.landlord_tenant_drift.initech.in_sync
    error_message = join("\n", [
      for change in data.landlord_tenant_drift.initech.changes :
      "${change.object} ${coalesce(change.element, "")} (${change.kind}): ${change.detail}"
    ])
  }
}

# The two ways out: back to what was recorded, or into a customization.
data "landlord_tenant_drift" "globex" {
  tenant   = "globex"
  thorough = true
}

output "globex_repair" {
  value = data.landlord_tenant_drift.globex.repair_sql
}

output "globex_adopt" {
  value = data.landlord_tenant_drift.globex.adopt_hcl
}
