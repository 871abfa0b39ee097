# By tenant and name.
terraform import landlord_tenant_checkpoint.daily bakery/daily
