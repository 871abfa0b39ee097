import {
  to = landlord_tenant_template.shop
  id = "shop@1.4.0"
}
