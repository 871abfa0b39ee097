resource "landlord_tenant_template" "shop" {
  name    = "shop"
  version = "1.4.0"
  source  = "${path.module}/templates/shop"
}

# Tenants in a file, as many as there are.
resource "landlord_tenant_fleet" "shops" {
  name     = "shops"
  template = landlord_tenant_template.shop.id
  tenants  = jsonencode(yamldecode(file("${path.module}/tenants.yaml")))

  rollout = {
    max_parallel = 8
    max_failures = 2
  }
}
