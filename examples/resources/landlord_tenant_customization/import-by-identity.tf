import {
  to = landlord_tenant_customization.bakery_loyalty
  identity = {
    tenant = "bakery"
    name   = "loyalty"
  }
}
