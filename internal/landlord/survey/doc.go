// Package survey reads databases that no tenant has, for an adoption: which there
// are, their structure, their size, and what keeps each from becoming a tenant. It
// sends no statement that writes, and as many for many databases as for a few: a
// text is asked for once, however many databases have it.
package survey
