data "landlord_isolation_report" "all" {}

# Nothing goes out while an account or a program of one tenant reaches another.
check "tenants_are_apart" {
  assert {
    condition     = !anytrue([for f in data.landlord_isolation_report.all.findings : f.severity == "high"])
    error_message = join("\n", [for f in data.landlord_isolation_report.all.findings : "${f.detail}\n${coalesce(f.statement, "-")}" if f.severity == "high"])
  }
}

output "isolation" {
  description = "What reaches across tenants, with the SQL that ends it."
  value       = data.landlord_isolation_report.all.findings
}
