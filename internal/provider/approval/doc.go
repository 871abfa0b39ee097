// Package approval has the resource and the action by which people approve a
// migration.
package approval
