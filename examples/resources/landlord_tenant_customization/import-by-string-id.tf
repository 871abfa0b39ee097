import {
  to = landlord_tenant_customization.bakery_loyalty
  id = "bakery/loyalty"
}
