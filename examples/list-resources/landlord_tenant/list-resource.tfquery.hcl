# Databases that look like tenants, also those that could be adopted.
list "landlord_tenant" "all" {
  provider = landlord

  config {
    unregistered = true
  }
}
