# Accounts that applications log in with.
list "landlord_tenant_account" "all" {
  provider = landlord
}
