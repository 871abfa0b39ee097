# Two databases that were there before the provider become tenants. The guide
# "Adopting an existing estate" goes this way step by step.

terraform {
  required_version = ">= 1.8"

  required_providers {
    landlord = {
      source = "landlord-db/landlord"
    }
  }
}

variable "policy" {
  type        = string
  default     = "hold"
  description = "Update policy of the tenants: hold while they are looked at, auto afterwards."
}

variable "declared" {
  type        = bool
  default     = false
  description = "Whether what the library has of its own is declared."
}

# The server and the account come from LANDLORD_ENDPOINT, LANDLORD_USERNAME and
# LANDLORD_PASSWORD. The prefix is what the names of the databases have in common.
provider "landlord" {
  landlord_database = "landlord_adoption"
  database_prefix   = "adoption_"
}

resource "landlord_tenant_template" "shop" {
  name        = "shop"
  version     = "1.0.0"
  source      = "${path.module}/template"
  materialize = false
}

locals {
  shops = {
    bakery  = "Bakery"
    library = "Library"
  }
}

import {
  for_each = local.shops
  to       = landlord_tenant.shop[each.key]
  id       = each.key
}

resource "landlord_tenant" "shop" {
  for_each      = local.shops
  slug          = each.key
  name          = each.value
  template      = landlord_tenant_template.shop.id
  update_policy = var.policy
}

resource "landlord_tenant_customization" "loans" {
  count  = var.declared ? 1 : 0
  tenant = landlord_tenant.shop["library"].slug
  name   = "loans"
  reason = "The library lends books"

  columns = [{ table = "customers", name = "card", definition = "VARCHAR(20) NULL" }]
  indexes = [{ table = "customers", name = "by_card", columns = ["card"] }]
  tables = {
    loans = <<-SQL
      CREATE TABLE loans (
        id          INT  NOT NULL AUTO_INCREMENT PRIMARY KEY,
        customer_id INT  NOT NULL,
        due         DATE NOT NULL
      )
    SQL
  }
}
