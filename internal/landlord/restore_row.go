package landlord

import (
	"context"
	"strconv"
)

// readRestoreID reads a restore by its public name. It is nil when there is none,
// also of one that is removed.
func (e *Engine) readRestoreID(ctx context.Context, id string) (*restoreRow, error) {
	slug, number, ok := splitNumberedID(id)
	if !ok {
		return nil, nil
	}
	row, err := e.registry.readRestoreNumber(ctx, e.main(), slug, number)
	if err != nil {
		return nil, unreachable(e.main(), "reading a restore", err)
	}
	if row == nil || row.publicID() != id {
		return nil, nil
	}
	return row, nil
}

// splitNumberedID splits the public name of what is numbered per tenant, as
// restores and data copies are: `acme/7`.
func splitNumberedID(id string) (slug string, number uint64, ok bool) {
	slug, text, ok := SplitCheckpointID(id) // of the same form
	if !ok {
		return "", 0, false
	}
	number, err := strconv.ParseUint(text, 10, 64)
	return slug, number, err == nil
}

// runningRestore returns the row of the restore that is the running
// migration of a tenant.
func runningRestore(running string) uint64 {
	if !isRestore(running) {
		return 0
	}
	n, _ := strconv.ParseUint(running[len(restoreMark):], 10, 64)
	return n
}

// ownDatabases returns the databases of a server that restores made and that
// are no tenants.
func (e *Engine) ownDatabases(ctx context.Context, server string) (map[string]bool, error) {
	rows, err := e.registry.restoresBeside(ctx, e.main(), server)
	if err != nil {
		return nil, unreachable(e.main(), "reading the restores", err)
	}
	own := map[string]bool{}
	for _, r := range rows {
		own[r.side] = true
	}
	return own, nil
}
