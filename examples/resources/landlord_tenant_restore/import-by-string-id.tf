import {
  to = landlord_tenant_restore.look
  id = "bakery/7"
}
