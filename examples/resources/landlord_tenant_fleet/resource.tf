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

  # A new version goes to the gold tenants first. Raising `through` to "10%" and
  # then to "100%" promotes it.
  rollout = {
    canary_metadata = { tier = "gold" }
    waves           = ["10%", "50%"]
    through         = "canary"
    soak            = "10m"
    max_parallel    = 8
    max_failures    = 2
    on_failure      = "rollback"
  }
}
