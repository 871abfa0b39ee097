# A platform with two products: web shops, whose template is a directory in
# this example, and an office for associations, whose template comes with the
# provider. Every customer has a database of their own.

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

resource "landlord_tenant_template" "shop" {
  name        = "shop"
  version     = "1.0.0"
  description = "Catalog, customers and orders of a web shop"
  source      = "${path.module}/templates/shop"
}

resource "landlord_tenant_template" "office" {
  name    = "office"
  version = "1.0.0"
  source  = "builtin:basic"
}

locals {
  shops = {
    bakery    = { name = "Corner Bakery" }
    bookstore = { name = "Harbour Books", modules = ["loyalty", "reviews"] }
    florist   = { name = "Green Florist", modules = ["reviews"] }
  }
}

resource "landlord_tenant" "shop" {
  for_each = local.shops

  slug     = each.key
  name     = each.value.name
  template = landlord_tenant_template.shop.id
  modules  = try(each.value.modules, null)

  deletion_policy   = var.disposable ? "drop" : "protect"
  allow_destructive = var.disposable
}

resource "landlord_tenant" "association" {
  slug     = "rowing-club"
  name     = "Rowing Club"
  template = landlord_tenant_template.office.id
  modules  = ["membership_features"]

  metadata = {
    plan = "trial"
  }

  deletion_policy   = var.disposable ? "drop" : "protect"
  allow_destructive = var.disposable
}
