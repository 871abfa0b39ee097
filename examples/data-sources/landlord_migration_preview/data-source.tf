# What version 2.0.0 would do to a tenant, whether it follows it or not.
data "landlord_migration_preview" "bakery" {
  tenant   = "bakery"
  template = "shop@2.0.0"

  resolutions = {
    "table customers column phone" = { decision = "keep_tenant" }
    "view fax_list" = {
      decision = "sql"
      sql      = "CREATE VIEW fax_list AS SELECT id, phone AS number FROM customers"
    }
  }
}

output "statements" {
  value = data.landlord_migration_preview.bakery.script
}

# Nobody publishes a version that meets what a tenant has of its own without
# knowing it.
check "bakery_can_follow" {
  assert {
    condition     = data.landlord_migration_preview.bakery.verdict == "auto"
    error_message = join("\n", [for c in data.landlord_migration_preview.bakery.conflicts : "${c.key}: ${c.reason}" if c.open])
  }
}
