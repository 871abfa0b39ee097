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
