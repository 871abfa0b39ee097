terraform {
  required_providers {
    landlord = {
      source = "landlord-db/landlord"
    }
  }
}

provider "landlord" {}

resource "landlord_tenant_template" "shop" {
  name    = "shop"
  version = "1.0.0"
  core = {
    "001_orders.sql" = "CREATE TABLE orders (id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, total DECIMAL(10,2) NOT NULL);"
  }
}

# Twenty databases wait for customers; those that have got an owner follow the template.
resource "landlord_tenant_fleet" "shops" {
  name     = "shops"
  template = landlord_tenant_template.shop.id
  select   = {}
  pool     = 20
}
