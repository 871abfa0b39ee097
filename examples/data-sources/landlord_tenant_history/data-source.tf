data "landlord_tenant_history" "acme" {
  tenant = "acme"
  limit  = 20
}

output "slow_migrations" {
  description = "Migrations that took longer than a minute, the newest first."
  value = [
    for migration in data.landlord_tenant_history.acme.migrations : "${migration.name}: ${migration.duration_ms / 1000} s"
    if coalesce(migration.duration_ms, 0) > 60000
  ]
}

output "why_different" {
  description = "Why the tenant differs from its template."
  value = {
    for customization in data.landlord_tenant_history.acme.customizations : customization.name => customization.reason
    if customization.status == "active"
  }
}
