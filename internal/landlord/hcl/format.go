package hcl

import "github.com/hashicorp/hcl/v2/hclwrite"

// Format lays a configuration out as `terraform fmt` does.
func Format(text string) string { return string(hclwrite.Format([]byte(text))) }
