# By tenant and name.
terraform import landlord_tenant_customization.bakery_loyalty bakery/loyalty
