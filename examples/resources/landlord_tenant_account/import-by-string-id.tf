import {
  to = landlord_tenant_account.app
  id = "bakery/tenant_bakery_app"
}
