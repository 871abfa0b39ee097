# Two tenants with one template, one of which has tables, columns, an index, a
# view and a trigger of its own. README.md says what to try.

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
  description = "Version of the template: 1.0.0, or 1.1.0, which has what North Shipping has asked for."
}

variable "card_length" {
  type        = number
  default     = 20
  description = "Length of the number on a loyalty card; another one shows the plan of an edit."
}

# The server and the account come from LANDLORD_ENDPOINT, LANDLORD_USERNAME and
# LANDLORD_PASSWORD. The names keep this example apart from everything else.
provider "landlord" {
  landlord_database = "landlord_customization"
  database_prefix   = "customization_"
}

resource "landlord_tenant_template" "crm" {
  name          = "crm"
  version       = var.release
  source        = "${path.module}/templates/${var.release == "1.0.0" ? "v1" : "v2"}"
  frozen_tables = ["audit"]
}

resource "landlord_tenant" "customer" {
  for_each = {
    north = "North Shipping"
    south = "South Bakery"
  }

  slug              = each.key
  name              = each.value
  template          = landlord_tenant_template.crm.id
  deletion_policy   = "drop"
  allow_destructive = true
}

# The plan of a customization is exact, although its tenant is made in the same
# run: it stands on the template, not on the database.
resource "landlord_tenant_customization" "visits" {
  tenant = landlord_tenant.customer["north"].slug
  name   = "visits"
  reason = "The front desk writes down who comes (contract of 2026-03, annex B)."

  tables = {
    visits = <<-SQL
      CREATE TABLE visits (
        id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
        person_id INT NOT NULL,
        seen_at DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
        CONSTRAINT fk_visits_person FOREIGN KEY (person_id) REFERENCES people (id)
      )
    SQL
  }
}

resource "landlord_tenant_customization" "loyalty" {
  tenant = landlord_tenant.customer["north"].slug
  name   = "loyalty"
  reason = "Frequent shippers get a card."

  # An extension of a table of the template takes NULL or has a default, so that
  # the template's own statements go on working.
  columns = [
    { table = "people", name = "card", definition = "VARCHAR(${var.card_length}) NULL COMMENT 'number on the card'" },
    { table = "people", name = "points", definition = "INT NOT NULL DEFAULT 0" },
  ]

  indexes = [
    { table = "people", name = "uq_people_card", columns = ["card"], unique = true },
  ]

  views = {
    frequent = "SELECT id, full_name, points FROM people WHERE points >= 100"
  }

  # A point for each visit. `visits` is made by the other customization.
  sql = <<-SQL
    CREATE TRIGGER visits_points AFTER INSERT ON visits FOR EACH ROW
      UPDATE people SET points = points + 1 WHERE id = NEW.person_id;
  SQL

  depends_on = [landlord_tenant_customization.visits]
}

output "what_goes_when_loyalty_goes" {
  value = landlord_tenant_customization.loyalty.summary.loses
}
