provider "landlord" {
  # On a disk that outlives the runs.
  checkpoint_directory = "/var/lib/landlord/checkpoints"
}

# A copy with all rows, taken anew every day and proved by a restore into a
# scratch database.
resource "landlord_tenant_checkpoint" "daily" {
  tenant    = landlord_tenant.shop["bakery"].slug
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
  tenant   = landlord_tenant.shop["bakery"].slug
  name     = "before-2.0"
  contents = "schema"
}
