# What tenants have of their own.
list "landlord_tenant_customization" "all" {
  provider = landlord
}
