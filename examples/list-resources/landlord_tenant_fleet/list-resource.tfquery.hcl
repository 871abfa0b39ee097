# Fleets that have tenants.
list "landlord_tenant_fleet" "all" {
  provider = landlord
}
