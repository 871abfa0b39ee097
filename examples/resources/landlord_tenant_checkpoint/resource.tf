resource "landlord_tenant_template" "office" {
  name    = "office"
  version = "1.0.0"
  source  = "builtin:basic"
}

resource "landlord_tenant" "bakery" {
  slug     = "bakery"
  name     = "Corner Bakery"
  template = landlord_tenant_template.office.id
}

# A copy with all rows, taken anew every day and proved by a restore into a
# scratch database. It lies in the `checkpoint_directory` of the provider, on a
# disk that outlives the runs.
resource "landlord_tenant_checkpoint" "daily" {
  tenant    = landlord_tenant.bakery.slug
  name      = "daily"
  verify    = true
  retention = "720h"

  keepers = {
    day = formatdate("YYYY-MM-DD", plantimestamp())
  }
}

# The schema alone, kept in the landlord database: a rollback to it keeps the
# rows.
resource "landlord_tenant_checkpoint" "shape" {
  tenant   = landlord_tenant.bakery.slug
  name     = "before-2.0"
  contents = "schema"
}
