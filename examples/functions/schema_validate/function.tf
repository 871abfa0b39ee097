# A mistake in the SQL of a template fails `terraform test` and `terraform plan`
# with its place, before a server is there.
locals {
  findings = provider::landlord::schema_validate(file("${path.module}/schema.sql"), "mariadb-10.11")
}

output "schema" {
  value = "${length(local.findings)} findings"

  precondition {
    condition     = !anytrue([for f in local.findings : f.severity == "error"])
    error_message = join("\n", [for f in local.findings : "schema.sql:${f.line}:${f.column}: ${f.summary}: ${f.detail}"])
  }
}
