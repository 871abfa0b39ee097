# Templates that are published.
list "landlord_tenant_template" "all" {
  provider = landlord
}
