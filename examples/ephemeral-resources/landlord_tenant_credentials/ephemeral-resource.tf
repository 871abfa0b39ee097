# An account for this run: there while Terraform plans and applies, gone afterwards.
ephemeral "landlord_tenant_credentials" "bakery" {
  tenant = "bakery"
  role   = "application"
  ttl    = "15m"
}

# Whatever takes ephemeral values can log in with it: a provider, a provisioner,
# a write-only attribute.
resource "terraform_data" "smoke_test" {
  triggers_replace = "2026.11" # the release that is tested

  provisioner "local-exec" {
    command = "mysql --host $HOST --user $USERNAME $DATABASE --execute 'SELECT 1'"
    environment = {
      HOST      = ephemeral.landlord_tenant_credentials.bakery.host
      USERNAME  = ephemeral.landlord_tenant_credentials.bakery.username
      MYSQL_PWD = ephemeral.landlord_tenant_credentials.bakery.password
      DATABASE  = ephemeral.landlord_tenant_credentials.bakery.database
    }
  }
}
