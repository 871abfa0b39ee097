package landlord

import (
	"fmt"
)

func checkpointExists(r *checkpointRow) error {
	return problem(FieldName, "Checkpoint exists already",
		fmt.Sprintf("Tenant `%s` has a checkpoint `%s` already.", r.slug, r.name),
		fmt.Sprintf("To manage it here, import it: `terraform import <address> %s/%s`. Otherwise choose another name.", r.slug, r.name))
}

// toCheckpoint shows a row to the outside.
func toCheckpoint(r *checkpointRow) *Checkpoint {
	c := &Checkpoint{
		Tenant: r.slug, Name: r.name, Contents: r.contents, Tables: r.tables, Automatic: r.origin != originRequest, Status: r.status,
		SchemaFingerprint: r.fingerprint, Template: r.template, Position: r.position, Rows: r.rows, SizeBytes: r.size, Checksum: r.checksum,
		Location: r.location, Verified: r.verified, CreatedAt: r.createdAt, ExpiresAt: r.expiresAt,
	}
	if r.expired {
		c.Status, c.Fault = CheckpointExpired, "its retention is over"
	}
	return c
}
