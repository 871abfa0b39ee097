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

resource "landlord_tenant_checkpoint" "daily" {
  tenant = landlord_tenant.bakery.slug
  name   = "daily"

  keepers = {
    day = formatdate("YYYY-MM-DD", plantimestamp())
  }
}

# A look at what the tenant was, in a database of its own; destroying the
# resource drops it again.
resource "landlord_tenant_restore" "look" {
  tenant     = landlord_tenant.bakery.slug
  checkpoint = landlord_tenant_checkpoint.daily.id
}

output "look_into" {
  value = landlord_tenant_restore.look.database_name
}

# Back to the second before somebody dropped a table, once that is known:
#   terraform apply -var undo_to=2026-05-04T12:29:59Z
# The present tables are kept aside for a week.
variable "undo_to" {
  type    = string
  default = null
}

resource "landlord_tenant_restore" "undo" {
  count = var.undo_to == null ? 0 : 1

  tenant        = landlord_tenant.bakery.slug
  point_in_time = var.undo_to
  mode          = "in_place"

  allow_destructive = true
  retention         = "168h"
}

# The schema of before, with the rows of now: the plan shows every statement.
resource "landlord_tenant_checkpoint" "shape" {
  tenant   = landlord_tenant.bakery.slug
  name     = "before-2.0"
  contents = "schema"
}

variable "roll_back" {
  type    = bool
  default = false
}

resource "landlord_tenant_restore" "rollback" {
  count = var.roll_back ? 1 : 0

  tenant     = landlord_tenant.bakery.slug
  checkpoint = landlord_tenant_checkpoint.shape.id
  mode       = "in_place"
}
