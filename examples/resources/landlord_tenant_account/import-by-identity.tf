import {
  to = landlord_tenant_account.app
  identity = {
    tenant = "bakery"
    name   = "tenant_bakery_app"
  }
}
