import {
  to = landlord_tenant_fleet.shops
  identity = {
    name = "shops"
  }
}
