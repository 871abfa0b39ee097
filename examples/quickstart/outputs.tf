output "databases" {
  description = "Database of each tenant."
  value = merge(
    { for slug, shop in landlord_tenant.shop : slug => shop.database_name },
    { (landlord_tenant.association.slug) = landlord_tenant.association.database_name },
  )
}

output "templates" {
  description = "Template version that each tenant follows."
  value = merge(
    { for slug, shop in landlord_tenant.shop : slug => shop.template },
    { (landlord_tenant.association.slug) = landlord_tenant.association.template },
  )
}
