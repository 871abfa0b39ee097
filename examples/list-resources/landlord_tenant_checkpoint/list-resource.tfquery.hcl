# Checkpoints of one tenant.
list "landlord_tenant_checkpoint" "all" {
  provider = landlord

  config {
    tenant = "bakery"
  }
}
