# All tenants, with the age of their checkpoints.
data "landlord_tenant_health" "all" {
  backup_objective = "24h"
}

# A plan that would change a tenant in trouble says so.
check "tenants_are_healthy" {
  assert {
    condition     = data.landlord_tenant_health.all.healthy
    error_message = "Look at ${join(", ", data.landlord_tenant_health.all.slugs)} first."
  }
}

output "why" {
  description = "What is wrong, by tenant."
  value = {
    for slug, tenant in data.landlord_tenant_health.all.tenants :
    slug => tenant.reasons[*].detail if length(tenant.reasons) > 0
  }
}
