# terraform apply -invoke=action.landlord_claim_tenant.acme
action "landlord_claim_tenant" "acme" {
  config {
    slug     = "acme"
    name     = "Acme Ltd"
    metadata = { plan = "free" }
  }
}
