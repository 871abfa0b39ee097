# terraform apply -invoke=action.landlord_roll_back_tenant.bakery
#
# The first attempt changes nothing: its error lists the statements with their
# digest. Whoever agrees writes that out.
action "landlord_roll_back_tenant" "bakery" {
  config {
    tenant            = "bakery"
    checkpoint        = "before-import"
    allow_destructive = true
    digest            = "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
  }
}
