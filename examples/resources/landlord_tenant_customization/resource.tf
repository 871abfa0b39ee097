resource "landlord_tenant_template" "shop" {
  name    = "shop"
  version = "1.0.0"
  core = {
    "001_customers.sql" = "CREATE TABLE customers (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, email VARCHAR(190) NOT NULL);"
  }
  extension_points = ["customers"] # customizations may change its rows
}

resource "landlord_tenant" "bakery" {
  slug     = "bakery"
  name     = "Corner Bakery"
  template = landlord_tenant_template.shop.id
}

# The bakery counts loyalty points of its own. Everything is recorded with its
# reason, and goes again when the resource is removed; its data is set aside.
resource "landlord_tenant_customization" "bakery_loyalty" {
  tenant = landlord_tenant.bakery.slug
  name   = "loyalty"
  reason = "Paper stamp cards become digital, agreed on in ticket 4711."

  tables = {
    stamps = <<-SQL
      CREATE TABLE stamps (
        id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
        customer_id INT NOT NULL,
        given_at DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
        CONSTRAINT fk_stamps_customer FOREIGN KEY (customer_id) REFERENCES customers (id)
      )
    SQL
  }

  columns = [
    { table = "customers", name = "stamp_card", definition = "VARCHAR(20) NULL COMMENT 'number on the paper card'" },
  ]

  indexes = [
    { table = "customers", name = "uq_stamp_card", columns = ["stamp_card"], unique = true },
  ]

  views = {
    full_cards = "SELECT customer_id, COUNT(*) AS stamps FROM stamps GROUP BY customer_id HAVING COUNT(*) >= 10"
  }
}

# Reads what the other one makes, so it comes behind it.
resource "landlord_tenant_customization" "bakery_rewards" {
  tenant = landlord_tenant.bakery.slug
  name   = "rewards"
  reason = "A free coffee for a full card."

  sql = <<-SQL
    CREATE TRIGGER stamps_first AFTER INSERT ON stamps FOR EACH ROW
      UPDATE customers SET stamp_card = COALESCE(stamp_card, CONCAT('D', NEW.customer_id)) WHERE id = NEW.customer_id;
  SQL

  depends_on = [landlord_tenant_customization.bakery_loyalty]
}
