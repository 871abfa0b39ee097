variable "release" {
  description = "Version of the shops: 1.0.0 or 1.1.0"
  type        = string
  default     = "1.0.0"
}

variable "through" {
  description = "The last wave that an apply may begin: canary, 10%, 50% or 100%"
  type        = string
  default     = "100%"
}

variable "shops" {
  description = "How many shops there are"
  type        = number
  default     = 300
}

variable "probe" {
  description = "Whether plans ask the rows what would refuse the change"
  type        = bool
  default     = true
}

variable "disposable" {
  description = "Whether shops may be dropped with everything in them"
  type        = bool
  default     = false
}
