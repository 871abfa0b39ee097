# Three hundred web shops in one resource: a version reaches the canary first, then
# a tenth of the shops, then half of them, then all. When one shop fails, exactly
# those that the rollout has changed go back. `make demo-fleet` runs it.

terraform {
  required_version = ">= 1.8"

  required_providers {
    landlord = {
      source = "landlord-db/landlord"
    }
  }
}

# The server and the account come from LANDLORD_ENDPOINT, LANDLORD_USERNAME and
# LANDLORD_PASSWORD.
provider "landlord" {}

locals {
  customers = {
    "1.0.0" = "CREATE TABLE customers (id INT NOT NULL PRIMARY KEY, email VARCHAR(190) NOT NULL);"
    "1.1.0" = "CREATE TABLE customers (id INT NOT NULL PRIMARY KEY, email VARCHAR(190) NOT NULL, UNIQUE KEY uq_customers_email (email));"
  }
}

resource "landlord_tenant_template" "shop" {
  name    = "shop"
  version = var.release
  core    = { "001_customers.sql" = local.customers[var.release] }
}

resource "landlord_tenant_fleet" "shops" {
  name     = "shops"
  template = landlord_tenant_template.shop.id
  tenants  = jsonencode({ for i in range(var.shops) : format("shop-%03d", i + 1) => {} })

  # Whether plans ask the rows of all shops what would refuse the change.
  probe_data = var.probe

  rollout = {
    canary       = ["shop-001", "shop-002"]
    waves        = ["10%", "50%"]
    through      = var.through
    max_parallel = 8
    on_failure   = "rollback"
  }

  deletion_policy   = var.disposable ? "drop" : "protect"
  allow_destructive = var.disposable
}

output "summary" {
  value = landlord_tenant_fleet.shops.summary
}
