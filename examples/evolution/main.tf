# One template, two versions, a few tenants. Apply it as it is, then set
# `release = "2.0.0"` and look at the plan.

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

# The server and the account come from LANDLORD_ENDPOINT, LANDLORD_USERNAME and
# LANDLORD_PASSWORD. The names keep this example apart from everything else.
provider "landlord" {
  landlord_database = "landlord_evolution"
  database_prefix   = "evolution_"
}

resource "landlord_tenant_template" "crm" {
  name    = "crm"
  version = var.release
  source  = "${path.module}/templates/${var.release == "1.0.0" ? "v1" : "v2"}"
}

resource "landlord_tenant" "customer" {
  for_each = {
    north = "North Shipping"
    south = "South Bakery"
  }

  slug     = each.key
  name     = each.value
  template = landlord_tenant_template.crm.id

  # The second version drops a column. Without this the plan is an error as soon
  # as the table has a row; with it the values are set aside for 30 days.
  allow_destructive = true
}
