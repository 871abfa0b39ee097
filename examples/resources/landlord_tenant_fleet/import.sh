# By name: the tenants that the landlord database has in the fleet become its list.
terraform import landlord_tenant_fleet.shops shops
