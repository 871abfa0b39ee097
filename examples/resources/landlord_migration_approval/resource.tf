resource "landlord_tenant_template" "office" {
  name    = "office"
  version = "1.0.0"
  source  = "builtin:basic"
}

# A tenant whose migrations wait, because of `update_policy = "review"` or of the
# template's `approval_required`. The plan shows the statements and their digest.
resource "landlord_tenant" "ministry" {
  slug          = "ministry"
  name          = "Ministry of Transport"
  template      = landlord_tenant_template.office.id
  update_policy = "review"
}

# The digest stands here as a text: whoever reviews this change has seen the plan
# that has it. One that is computed would approve whatever comes.
resource "landlord_migration_approval" "ministry" {
  digest      = "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
  tenant      = "ministry"
  approved_by = "Database board"
  note        = "Board meeting of 3 March, item 4."
  expires_at  = "2027-03-31T22:00:00Z"
}
