# Files in a directory: core/, optional/, seeds/ and migrations/.
resource "landlord_tenant_template" "shop" {
  name        = "shop"
  version     = "1.4.0"
  description = "Catalog, customers and orders of a web shop"
  source      = "${path.module}/templates/shop"
}

# A template that comes with the provider.
resource "landlord_tenant_template" "association" {
  name    = "association"
  version = "1.0.0"
  source  = "builtin:ngo"
}

# Inline files, added to another template.
resource "landlord_tenant_template" "club" {
  name    = "club"
  version = "1.0.0"
  extends = landlord_tenant_template.association.id

  core = {
    "001_boats.sql" = <<-EOT
      CREATE TABLE boats (
        id   BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
        name VARCHAR(190) NOT NULL UNIQUE
      ) COMMENT = 'boats of the club';
    EOT
  }

  optional = {
    "regattas.sql" = <<-EOT
      -- landlord:description: races and their results
      CREATE TABLE regattas (
        id      BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
        boat_id BIGINT UNSIGNED NOT NULL,
        held_on DATE NOT NULL,
        place   SMALLINT UNSIGNED NULL,
        CONSTRAINT fk_regattas_boat FOREIGN KEY (boat_id) REFERENCES boats (id)
      );
    EOT
  }
}
