# terraform apply -invoke=action.landlord_approve_migration.ministry
action "landlord_approve_migration" "ministry" {
  config {
    digest      = "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
    tenant      = "bakery"
    approved_by = "Database board"
  }
}
