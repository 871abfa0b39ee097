import {
  to = landlord_tenant_checkpoint.daily
  id = "bakery/daily"
}
