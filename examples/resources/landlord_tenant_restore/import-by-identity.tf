import {
  to = landlord_tenant_restore.look
  identity = {
    id = "bakery/7"
  }
}
