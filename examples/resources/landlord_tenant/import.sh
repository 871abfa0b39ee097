# By slug. A database `tenant_bakery` that the landlord database does not know
# is adopted: its schema is recorded, and the next plan compares it with the
# template.
terraform import 'landlord_tenant.shop["bakery"]' bakery
