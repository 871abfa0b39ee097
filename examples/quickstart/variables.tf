variable "disposable" {
  description = "Whether `terraform destroy` drops the tenant databases. Protected databases refuse it."
  type        = bool
  default     = false
}
