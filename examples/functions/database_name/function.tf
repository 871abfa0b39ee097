output "database" {
  value = provider::landlord::database_name("rowing-club") # tenant_rowing_club
}

output "database_with_prefix" {
  value = provider::landlord::database_name("rowing-club", "customer_") # customer_rowing_club
}
