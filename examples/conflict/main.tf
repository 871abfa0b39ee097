# One template and three tenants. Two of them have something of their own: one
# that a new version of the template does not touch, and one that it meets.

terraform {
  required_version = ">= 1.8"

  required_providers {
    landlord = {
      source = "landlord-db/landlord"
    }
  }
}

variable "release" {
  type        = string
  default     = "1.0.0"
  description = "Version of the template that the tenants are to have: 1.0.0 or 2.0.0."
}

variable "decided" {
  type        = bool
  default     = false
  description = "Whether somebody has decided about the conflicts of the call center."
}

# The server and the account come from LANDLORD_ENDPOINT, LANDLORD_USERNAME and
# LANDLORD_PASSWORD. The names keep this example apart from everything else.
provider "landlord" {
  landlord_database = "landlord_conflict"
  database_prefix   = "conflict_"
}

resource "landlord_tenant_template" "crm" {
  name    = "crm"
  version = var.release
  source  = "${path.module}/templates/${var.release == "1.0.0" ? "v1" : "v2"}"
}

resource "landlord_tenant" "customer" {
  for_each = {
    bakery     = "Corner Bakery"
    bookstore  = "Harbour Books"
    callcenter = "Ring Ring Ltd"
  }

  slug     = each.key
  name     = each.value
  template = landlord_tenant_template.crm.id

  # The second version drops a column; its values are set aside for 30 days.
  allow_destructive = true

  # What was agreed with the call center: it keeps its own column, and its list
  # of fax numbers becomes one of phone numbers.
  resolutions = each.key == "callcenter" && var.decided ? {
    "table people column phone" = { decision = "keep_tenant" }
    "view fax_list" = {
      decision = "sql"
      sql      = "CREATE VIEW fax_list AS SELECT id, full_name, phone AS number FROM people"
    }
  } : null
}

# Nothing that version 2.0.0 touches: the two are merged without a question.
resource "landlord_tenant_customization" "bookstore" {
  tenant = landlord_tenant.customer["bookstore"].slug
  name   = "newsletter"
  reason = "Readers can subscribe to new titles."

  columns = [
    { table = "people", name = "newsletter", definition = "TINYINT NOT NULL DEFAULT 0" },
  ]
}

# A column that version 2.0.0 adds, too, and a view over one that it drops.
resource "landlord_tenant_customization" "callcenter" {
  tenant = landlord_tenant.customer["callcenter"].slug
  name   = "calls"
  reason = "Agents dial with one click."

  columns = [
    { table = "people", name = "phone", definition = "VARCHAR(60) NULL" },
  ]

  views = {
    fax_list = (
      var.decided
      ? "SELECT id, full_name, phone AS number FROM people"
      : "SELECT id, full_name, fax AS number FROM people"
    )
  }
}

# What the update would do to the call center, without waiting for the plan.
data "landlord_migration_preview" "callcenter" {
  tenant      = landlord_tenant.customer["callcenter"].slug
  template    = landlord_tenant_template.crm.id
  resolutions = landlord_tenant.customer["callcenter"].resolutions
}

output "conflicts" {
  description = "What somebody has to decide for the call center."
  value = {
    for c in data.landlord_migration_preview.callcenter.conflicts : c.key => "${c.verdict}: ${c.reason}" if c.open
  }
}
