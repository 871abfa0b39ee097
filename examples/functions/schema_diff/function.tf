# What differs between two tenants, as the statements that would make them equal.
data "landlord_schema_snapshot" "acme" {
  tenant = "acme"
}

data "landlord_schema_snapshot" "globex" {
  tenant = "globex"
}

output "from_acme_to_globex" {
  value = provider::landlord::schema_diff(
    data.landlord_schema_snapshot.acme.sql,
    data.landlord_schema_snapshot.globex.sql,
    "mysql",
  )
}
