output "statements" {
  value = provider::landlord::split_sql(file("${path.module}/schema.sql"))
}
