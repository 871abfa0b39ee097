resource "landlord_tenant_template" "shop" {
  name    = "shop"
  version = "1.4.0"
  source  = "${path.module}/templates/shop"
}

locals {
  shops = {
    bakery    = { name = "Corner Bakery" }
    bookstore = { name = "Harbour Books", modules = ["loyalty", "reviews"] }
  }
}

resource "landlord_tenant" "shop" {
  for_each = local.shops

  slug     = each.key
  name     = each.value.name
  template = landlord_tenant_template.shop.id
  modules  = try(each.value.modules, null)

  metadata = {
    plan = "standard"
  }
}

# A tenant that stays where it is until somebody says otherwise.
resource "landlord_tenant" "ministry" {
  slug          = "ministry"
  name          = "Ministry of Transport"
  template      = landlord_tenant_template.shop.id
  update_policy = "hold"
  drift_policy  = "fail"

  timeouts = {
    update = "6h"
  }
}
