# terraform apply -invoke=action.landlord_control_rollout.pause
action "landlord_control_rollout" "pause" {
  config {
    fleet = "shops"
    wish  = "pause"
  }
}
