# A tenant, a checkpoint of it, and the way back. Apply it as it is, spoil the
# tenant, then set `restore` and look at the plan.

terraform {
  required_version = ">= 1.8"

  required_providers {
    landlord = {
      source = "landlord-db/landlord"
    }
  }
}

variable "restore" {
  type        = string
  default     = "no"
  description = "What to do: no, look (into a database of its own) or undo (in place)."

  validation {
    condition     = contains(["no", "look", "undo"], var.restore)
    error_message = "Set it to no, look or undo."
  }
}

variable "checkpoint" {
  type        = string
  default     = "1"
  description = "Another value takes the checkpoint anew."
}

# The server and the account come from LANDLORD_ENDPOINT, LANDLORD_USERNAME and
# LANDLORD_PASSWORD. The names keep this example apart from everything else.
provider "landlord" {
  landlord_database    = "landlord_restore"
  database_prefix      = "restore_"
  checkpoint_directory = "${path.module}/checkpoints"

  create_checkpoint_directory = true
}

resource "landlord_tenant_template" "shop" {
  name    = "shop"
  version = "1.0.0"

  core = {
    "001_orders.sql" = "CREATE TABLE orders (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, item VARCHAR(190) NOT NULL) COMMENT = 'what was bought';"
  }

  seeds = {
    "001_orders.sql" = "INSERT INTO orders (item) VALUES ('bread'), ('rolls');"
  }
}

resource "landlord_tenant" "bakery" {
  slug     = "bakery"
  name     = "Corner Bakery"
  template = landlord_tenant_template.shop.id
}

resource "landlord_tenant_checkpoint" "before" {
  tenant = landlord_tenant.bakery.slug
  name   = "before"
  verify = true

  keepers = {
    taken = var.checkpoint
  }
}

resource "landlord_tenant_restore" "bakery" {
  count = var.restore == "no" ? 0 : 1

  tenant     = landlord_tenant.bakery.slug
  checkpoint = landlord_tenant_checkpoint.before.id
  mode       = var.restore == "undo" ? "in_place" : "side_by_side"

  allow_destructive = true
}

output "checkpoint" {
  value = {
    rows     = landlord_tenant_checkpoint.before.rows
    location = landlord_tenant_checkpoint.before.location
  }
}

output "restored" {
  value = one(landlord_tenant_restore.bakery[*].database_name)
}
