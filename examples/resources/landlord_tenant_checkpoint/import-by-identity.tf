import {
  to = landlord_tenant_checkpoint.daily
  identity = {
    tenant = "bakery"
    name   = "daily"
  }
}
