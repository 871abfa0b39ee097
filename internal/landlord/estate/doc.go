// Package estate is what one run knows: a snapshot of the registry's rows and of
// the fingerprints on all servers, read once for all tenants; the planned world,
// which is what the plans of the run will make true; and the queue in which
// everything that touches a tenant waits its turn.
package estate
