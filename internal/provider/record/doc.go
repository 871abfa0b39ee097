// Package record lists what has a name, in a tenant or altogether, for `terraform
// query`: what each record is, its managed resource imports and reads.
package record
