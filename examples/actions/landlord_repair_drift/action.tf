# terraform apply -invoke=action.landlord_repair_drift.bakery
#
# Without a `digest` nothing is done: the error lists the statements and has it.
action "landlord_repair_drift" "bakery" {
  config {
    tenant = "bakery"
  }
}
