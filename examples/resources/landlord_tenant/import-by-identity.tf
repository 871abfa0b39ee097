import {
  to = landlord_tenant.shop["bakery"]
  identity = {
    slug = "bakery"
  }
}
