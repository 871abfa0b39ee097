# Given by TF_VAR_bakery_password, from a vault or an ephemeral resource: it is in
# no plan and no state.
variable "bakery_password" {
  type      = string
  ephemeral = true
}

resource "landlord_tenant_template" "office" {
  name    = "office"
  version = "1.0.0"
  source  = "builtin:basic"
}

resource "landlord_tenant" "bakery" {
  slug     = "bakery"
  name     = "Bakery"
  template = landlord_tenant_template.office.id
}

# What the application logs in with.
resource "landlord_tenant_account" "app" {
  tenant      = landlord_tenant.bakery.slug
  role        = "application"
  hosts       = ["10.1.0.0/255.255.0.0"]
  require_tls = true

  # Another number sets the password anew. On MySQL the former one stays valid
  # until all applications have the new one and `discard_former_password` says so.
  password_wo         = var.bakery_password
  password_wo_version = 1
}
