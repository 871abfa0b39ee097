# A look at what the tenant was, in a database of its own; destroying the
# resource drops it again.
resource "landlord_tenant_restore" "look" {
  tenant     = landlord_tenant.shop["bakery"].slug
  checkpoint = landlord_tenant_checkpoint.daily.id
}

output "look_into" {
  value = landlord_tenant_restore.look.database_name
}

# Back to the second before somebody dropped a table. The present tables are
# kept aside for a week.
resource "landlord_tenant_restore" "undo" {
  tenant        = landlord_tenant.shop["bakery"].slug
  point_in_time = "2026-05-04T12:29:59Z"
  mode          = "in_place"

  allow_destructive = true
  retention         = "168h"
}

# The schema of before, with the rows of now: the plan shows every statement.
resource "landlord_tenant_restore" "rollback" {
  tenant     = landlord_tenant.shop["bakery"].slug
  checkpoint = landlord_tenant_checkpoint.shape.id
  mode       = "in_place"
}
