import {
  to = landlord_tenant.shop["bakery"]
  id = "bakery"
}
