// Package access is the feature of the accounts that tenants have on their
// servers: it plans, makes, changes, locks and drops them. The accounts that the
// landlord makes for itself are package account's.
package access
