# By tenant and number, as in `id`.
terraform import landlord_tenant_restore.look bakery/7
