# terraform apply -invoke=action.landlord_take_checkpoint.before_import
action "landlord_take_checkpoint" "before_import" {
  config {
    tenant    = "bakery"
    name      = "before-import"
    contents  = "schema"
    retention = "168h"
  }
}
