# By tenant and name of the account on the server.
terraform import landlord_tenant_account.app bakery/tenant_bakery_app
