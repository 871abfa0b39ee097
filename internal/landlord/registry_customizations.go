package landlord

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/merge"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// customization is a row of `tenant_customizations`.
type customization struct {
	id, tenant           uint64
	name, reason, author string
	patch                CustomizationPatch
	objects              []merge.OwnedElement
	checksum             string // of the patch
	status               CustomizationStatus
	pending              *pendingChange // of a run that was interrupted, else nil
	createdAt, updatedAt time.Time
}

// pendingChange is what an interrupted run was about to make of a
// customization.
type pendingChange struct {
	Patch   *CustomizationPatch  `json:"patch,omitempty"` // nil: it was to go
	Objects []merge.OwnedElement `json:"objects,omitempty"`
	Reason  string               `json:"reason,omitempty"`
	Author  string               `json:"author,omitempty"`
	Digest  string               `json:"digest,omitempty"` // of the migration in the ledger
}

// storedDefinition is the definition of a customization as its row has it.
type storedDefinition struct {
	CustomizationPatch
	Pending *pendingChange `json:"pending,omitempty"`
}

// elements returns what a customization made and, when a run was interrupted,
// what that run was about to make.
func (c *customization) elements() []merge.OwnedElement {
	m := c.forMerge()
	return m.Elements()
}

// readCustomizations reads the customizations of one tenant, or of all when
// none is given, by tenant.
func (r *registry) readCustomizations(ctx context.Context, q mysql.Queryer, tenant ...uint64) (map[uint64][]customization, error) {
	out := map[uint64][]customization{}
	where, args := "", []any{}
	if len(tenant) > 0 {
		where, args = " WHERE tenant_id = ?", []any{tenant[0]}
	}
	rows, err := q.Query(ctx, "SELECT id, tenant_id, name, reason, author, definition, objects, checksum, status, created_at, updated_at FROM "+
		r.table("tenant_customizations")+where+" ORDER BY tenant_id, name", args...)
	if nothing(err) {
		return out, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the customizations: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var c customization
		var stored storedDefinition
		var definition string
		var objects sql.NullString
		err := rows.Scan(&c.id, &c.tenant, &c.name, &c.reason, &c.author, &definition, &objects, &c.checksum, &c.status, &c.createdAt, &c.updatedAt)
		if err == nil {
			err = fromJSON(definition, &stored)
		}
		c.patch, c.pending = stored.CustomizationPatch, stored.Pending
		if err == nil {
			err = fromJSON(objects.String, &c.objects)
		}
		if err != nil {
			return nil, fmt.Errorf("reading the customizations: %w", err)
		}
		out[c.tenant] = append(out[c.tenant], c)
	}
	return out, rows.Err()
}

// ownedElements reads what the customizations of a tenant own, past every cache:
// another run may have made one since.
func (r *registry) ownedElements(ctx context.Context, q mysql.Queryer, tenant uint64) (map[uint64][]merge.OwnedElement, error) {
	rows, err := q.Query(ctx, "SELECT id, COALESCE(objects, '') FROM "+r.table("tenant_customizations")+" WHERE tenant_id = ?", tenant)
	if err != nil {
		return nil, fmt.Errorf("reading the customizations: %w", err)
	}
	defer rows.Close()
	out := map[uint64][]merge.OwnedElement{}
	for rows.Next() {
		var id uint64
		var raw string
		if err := rows.Scan(&id, &raw); err != nil {
			return nil, fmt.Errorf("reading the customizations: %w", err)
		}
		var list []merge.OwnedElement
		if err := fromJSON(raw, &list); err != nil {
			return nil, fmt.Errorf("reading the customizations: %w", err)
		}
		if len(list) > 0 {
			out[id] = list
		}
	}
	return out, rows.Err()
}

// writeOwnership writes what ownership found out.
func (r *registry) writeOwnership(ctx context.Context, q mysql.Queryer, changed map[uint64][]merge.OwnedElement) error {
	for id, list := range changed {
		raw, err := toJSON(list)
		if err != nil {
			return err
		}
		if _, err := q.Exec(ctx, "UPDATE "+r.table("tenant_customizations")+" SET objects=? WHERE id=?", raw, id); err != nil {
			return fmt.Errorf("recording what the customizations own: %w", err)
		}
	}
	return nil
}

// writePendingCustomization writes what a run is about to make of a
// customization: it is in c.pending. What is in force, c.patch, stays until the
// end; a customization that is not recorded yet gets the reason.
func (r *registry) writePendingCustomization(ctx context.Context, q mysql.Queryer, c *customization) error {
	definition, err := toJSON(storedDefinition{CustomizationPatch: c.patch, Pending: c.pending})
	if err != nil {
		return err
	}
	_, err = q.Exec(ctx, "INSERT INTO "+r.table("tenant_customizations")+
		" (tenant_id, name, reason, definition, objects, checksum, author, status) VALUES (?,?,?,?,'[]','',?,?)"+
		" ON DUPLICATE KEY UPDATE definition=VALUES(definition), status=VALUES(status)",
		c.tenant, c.name, c.reason, definition, cut(c.author, 190), c.status)
	if err != nil {
		return fmt.Errorf("recording customization `%s`: %w", c.name, err)
	}
	return nil
}

// writeCustomization writes a customization as it is in force.
func (r *registry) writeCustomization(ctx context.Context, q mysql.Queryer, c *customization) error {
	definition, err := toJSON(storedDefinition{CustomizationPatch: c.patch})
	if err != nil {
		return err
	}
	objects, err := toJSON(append([]merge.OwnedElement{}, c.objects...)) // never NULL
	if err != nil {
		return err
	}
	_, err = q.Exec(ctx, "INSERT INTO "+r.table("tenant_customizations")+
		" (tenant_id, name, reason, definition, objects, checksum, author, status) VALUES (?,?,?,?,?,?,?,'active')"+
		" ON DUPLICATE KEY UPDATE reason=VALUES(reason), definition=VALUES(definition), objects=VALUES(objects),"+
		" checksum=VALUES(checksum), author=VALUES(author), status='active'",
		c.tenant, c.name, c.reason, definition, objects, c.checksum, cut(c.author, 190))
	if err != nil {
		return fmt.Errorf("recording customization `%s`: %w", c.name, err)
	}
	return nil
}

// replaceCustomizations makes the customizations of a tenant those that a
// checkpoint kept.
func (r *registry) replaceCustomizations(ctx context.Context, q mysql.Queryer, row *tenantRow, all []labelledCustomization) error {
	doing := func(err error) error {
		return fmt.Errorf("recording the customizations of tenant `%s`: %w", row.slug, err)
	}
	where, args := "tenant_id=?", []any{row.id}
	if len(all) > 0 {
		where += " AND name NOT IN (" + placeholders(len(all), "?") + ")"
		for _, c := range all {
			args = append(args, c.Name)
		}
	}
	if _, err := q.Exec(ctx, "DELETE FROM "+r.table("tenant_customizations")+" WHERE "+where, args...); err != nil {
		return doing(err)
	}
	for _, c := range all {
		definition, err := toJSON(c.Patch)
		if err != nil {
			return err
		}
		objects, err := toJSON(c.Objects)
		if err != nil {
			return err
		}
		_, err = q.Exec(ctx, "INSERT INTO "+r.table("tenant_customizations")+
			" (tenant_id, name, reason, definition, objects, checksum, author, status, created_at) VALUES (?,?,?,?,?,?,?,?,?)"+
			" ON DUPLICATE KEY UPDATE reason=VALUES(reason), definition=VALUES(definition), objects=VALUES(objects), checksum=VALUES(checksum), status=VALUES(status)",
			row.id, c.Name, c.Reason, definition, objects, c.Checksum, cut(c.Author, 190), c.Status, c.CreatedAt.UTC())
		if err != nil {
			return doing(err)
		}
	}
	return nil
}

// resetCustomizations records that a tenant has nothing of its customizations
// any more, so that they are to be applied again.
func (r *registry) resetCustomizations(ctx context.Context, q mysql.Queryer, tenant uint64) error {
	_, err := q.Exec(ctx, "UPDATE "+r.table("tenant_customizations")+" SET objects='[]', status='applying' WHERE tenant_id=?", tenant)
	return err
}

// deleteCustomization removes the row of one customization.
func (r *registry) deleteCustomization(ctx context.Context, q mysql.Queryer, tenant uint64, name string) error {
	if _, err := q.Exec(ctx, "DELETE FROM "+r.table("tenant_customizations")+" WHERE tenant_id=? AND name=?", tenant, name); err != nil {
		return fmt.Errorf("forgetting customization `%s`: %w", name, err)
	}
	return nil
}

// deleteCustomizations removes the rows of all customizations of a tenant.
func (r *registry) deleteCustomizations(ctx context.Context, q mysql.Queryer, tenant uint64) error {
	_, err := q.Exec(ctx, "DELETE FROM "+r.table("tenant_customizations")+" WHERE tenant_id=?", tenant)
	return err
}
