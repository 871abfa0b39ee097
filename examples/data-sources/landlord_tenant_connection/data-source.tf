# What the configuration of one application needs.
data "landlord_tenant_connection" "bakery" {
  tenant = "bakery"
}

output "bakery_database_url" {
  value = data.landlord_tenant_connection.bakery.accounts[0].dsn
}

# Of all tenants: a map for a router that chooses the database by customer.
data "landlord_tenant_connection" "all" {}

output "databases" {
  value = {
    for slug, c in data.landlord_tenant_connection.all.connections :
    slug => "${c.host}:${c.port}/${c.database}" if c.status == "active"
  }
}
