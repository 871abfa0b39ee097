resource "landlord_tenant_template" "books" {
  name    = "books"
  version = "1.0.0"
  core = {
    "001_catalog.sql" = <<-SQL
      CREATE TABLE products (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, title VARCHAR(190) NOT NULL);
      CREATE TABLE prices (product_id INT NOT NULL PRIMARY KEY, cents INT UNSIGNED NOT NULL,
        CONSTRAINT fk_prices_product FOREIGN KEY (product_id) REFERENCES products (id));
    SQL
    "002_orders.sql"  = <<-SQL
      CREATE TABLE customers (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, email VARCHAR(190) NOT NULL);
      CREATE TABLE orders (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, customer_id INT NOT NULL, placed_at DATETIME NOT NULL,
        CONSTRAINT fk_orders_customer FOREIGN KEY (customer_id) REFERENCES customers (id));
      CREATE TABLE order_items (order_id INT NOT NULL, line INT NOT NULL, product_id INT NOT NULL, PRIMARY KEY (order_id, line),
        CONSTRAINT fk_order_items_order FOREIGN KEY (order_id) REFERENCES orders (id));
    SQL
  }
}

resource "landlord_tenant" "shop" {
  for_each = {
    bookstore       = "Harbour Books"
    bookstore-north = "Harbour Books, North Quay"
  }

  slug     = each.key
  name     = each.value
  template = landlord_tenant_template.books.id
}

# The bookstore opens a second shop and takes this year's customers and orders
# along. Everything that does not fit is in the plan.
resource "landlord_tenant_data_copy" "second_shop" {
  source = landlord_tenant.shop["bookstore"].slug
  target = landlord_tenant.shop["bookstore-north"].slug
  tables = ["customers", "orders", "order_items"]

  where = {
    orders      = "placed_at >= '2026-01-01'"
    order_items = "order_id IN (SELECT id FROM orders WHERE placed_at >= '2026-01-01')"
  }
}

# Prices come from the main shop, again with every new list. What is there
# already takes the new values.
resource "landlord_tenant_data_copy" "prices" {
  source      = landlord_tenant.shop["bookstore"].slug
  target      = landlord_tenant.shop["bookstore-north"].slug
  tables      = ["products", "prices"]
  on_conflict = "replace"
  chunk_rows  = 5000

  keepers = {
    list = "2026-spring"
  }

  timeouts = {
    create = "12h"
  }
}

output "copied" {
  value = { for table, rows in landlord_tenant_data_copy.second_shop.copied : table => rows.inserted }
}
