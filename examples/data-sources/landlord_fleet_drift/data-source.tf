data "landlord_fleet_drift" "shops" {
  template = "shop"
  details  = true
}

# Nothing is rolled out while somebody has changed what the template stands on.
resource "terraform_data" "rollout" {
  input = "2026.11"

  lifecycle {
    precondition {
      condition = alltrue([
        for tenant in data.landlord_fleet_drift.shops.tenants : tenant.harm != "breaks_core"
      ])
      error_message = "Changed by hand: ${join(", ", data.landlord_fleet_drift.shops.slugs)}."
    }
  }
}

output "drifted" {
  description = "Changes by tenant, with what they break."
  value = {
    for slug, tenant in data.landlord_fleet_drift.shops.tenants : slug => [
      for change in tenant.changes : {
        object  = change.object
        element = change.element
        kind    = change.kind
        harm    = change.harm
      }
    ]
  }
}
