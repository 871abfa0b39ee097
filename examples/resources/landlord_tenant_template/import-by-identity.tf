import {
  to = landlord_tenant_template.shop
  identity = {
    name = "shop" # its newest published version
  }
}
