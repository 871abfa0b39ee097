// Package estate is what one run knows: a snapshot of the registry's rows and of
// the fingerprints on all servers, read once for all tenants, and the planned world,
// which is what the plans of the run will make true.
package estate
