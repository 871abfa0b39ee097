data "landlord_schema_snapshot" "acme" {
  tenant = "acme"
}

output "own_columns" {
  description = "Columns that the template does not have, and whose they are."
  value = {
    for name, table in data.landlord_schema_snapshot.acme.tables : name => {
      for column in table.columns : column.name => column.origin if column.origin != "core"
    }
  }
}

# A template version as a script, for a database outside of Terraform:
#   terraform output -raw shop_sql | mysql --comments empty_database
data "landlord_schema_snapshot" "shop" {
  template = "shop@1.4.0"
  modules  = ["loyalty"]
}

output "shop_sql" {
  value = data.landlord_schema_snapshot.shop.sql
}
