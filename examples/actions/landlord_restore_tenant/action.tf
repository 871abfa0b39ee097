# terraform apply -invoke=action.landlord_restore_tenant.look
#
# A copy beside the tenant, to look at what it was. In place, `mode = "in_place"`
# needs the digest of the statements, which the first attempt lists.
action "landlord_restore_tenant" "look" {
  config {
    tenant     = "bakery"
    checkpoint = "before-import"
  }
}
