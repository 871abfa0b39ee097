data "landlord_tenants" "shops" {
  template = "shop"
  status   = "active"
}

output "behind" {
  description = "Shops that do not have version 1.4.0 yet."
  value = [
    for slug, tenant in data.landlord_tenants.shops.tenants : slug
    if tenant.template != "shop@1.4.0"
  ]
}
