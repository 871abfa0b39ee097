import {
  to = landlord_tenant_fleet.shops
  id = "shops"
}
