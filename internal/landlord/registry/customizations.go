package registry

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/merge"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// Customization is a row of `tenant_customizations`.
type Customization struct {
	ID, Tenant           uint64
	Name, Reason, Author string
	Patch                landlord.CustomizationPatch
	Objects              []merge.OwnedElement
	Checksum             string // of the patch
	Status               landlord.CustomizationStatus
	Pending              *PendingChange // of a run that was interrupted, else nil
	CreatedAt, UpdatedAt time.Time
}

// PendingChange is what an interrupted run was about to make of a
// customization.
type PendingChange struct {
	Patch   *landlord.CustomizationPatch `json:"patch,omitempty"` // nil: it was to go
	Objects []merge.OwnedElement         `json:"objects,omitempty"`
	Reason  string                       `json:"reason,omitempty"`
	Author  string                       `json:"author,omitempty"`
	Digest  string                       `json:"digest,omitempty"` // of the migration in the ledger
}

// storedDefinition is the definition of a customization as its row has it.
type storedDefinition struct {
	landlord.CustomizationPatch
	Pending *PendingChange `json:"pending,omitempty"`
}

// Elements returns what a customization made and, when a run was interrupted,
// what that run was about to make.
func (c *Customization) Elements() []merge.OwnedElement {
	m := c.forMerge()
	return m.Elements()
}

// ReadCustomizations reads the customizations of one tenant, or of all when
// none is given, by tenant.
func (r *Store) ReadCustomizations(ctx context.Context, q mysql.Queryer, tenant ...uint64) (map[uint64][]Customization, error) {
	out := map[uint64][]Customization{}
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
		var c Customization
		var stored storedDefinition
		var definition string
		var objects sql.NullString
		err := rows.Scan(&c.ID, &c.Tenant, &c.Name, &c.Reason, &c.Author, &definition, &objects, &c.Checksum, &c.Status, &c.CreatedAt, &c.UpdatedAt)
		if err == nil {
			err = landlord.FromJSON(definition, &stored)
		}
		c.Patch, c.Pending = stored.CustomizationPatch, stored.Pending
		if err == nil {
			err = landlord.FromJSON(objects.String, &c.Objects)
		}
		if err != nil {
			return nil, fmt.Errorf("reading the customizations: %w", err)
		}
		out[c.Tenant] = append(out[c.Tenant], c)
	}
	return out, rows.Err()
}

// OwnedElements reads what the customizations of a tenant own, past every cache:
// another run may have made one since.
func (r *Store) OwnedElements(ctx context.Context, q mysql.Queryer, tenant uint64) (map[uint64][]merge.OwnedElement, error) {
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
		if err := landlord.FromJSON(raw, &list); err != nil {
			return nil, fmt.Errorf("reading the customizations: %w", err)
		}
		if len(list) > 0 {
			out[id] = list
		}
	}
	return out, rows.Err()
}

// WriteOwnership writes what ownership found out.
func (r *Store) WriteOwnership(ctx context.Context, q mysql.Queryer, changed map[uint64][]merge.OwnedElement) error {
	for id, list := range changed {
		raw, err := landlord.ToJSON(list)
		if err != nil {
			return err
		}
		if _, err := q.Exec(ctx, "UPDATE "+r.table("tenant_customizations")+" SET objects=? WHERE id=?", raw, id); err != nil {
			return fmt.Errorf("recording what the customizations own: %w", err)
		}
	}
	return nil
}

// WritePendingCustomization writes what a run is about to make of a
// customization: it is in c.pending. What is in force, c.patch, stays until the
// end; a customization that is not recorded yet gets the reason.
func (r *Store) WritePendingCustomization(ctx context.Context, q mysql.Queryer, c *Customization) error {
	definition, err := landlord.ToJSON(storedDefinition{CustomizationPatch: c.Patch, Pending: c.Pending})
	if err != nil {
		return err
	}
	_, err = q.Exec(ctx, "INSERT INTO "+r.table("tenant_customizations")+
		" (tenant_id, name, reason, definition, objects, checksum, author, status) VALUES (?,?,?,?,'[]','',?,?)"+
		" ON DUPLICATE KEY UPDATE definition=VALUES(definition), status=VALUES(status)",
		c.Tenant, c.Name, c.Reason, definition, landlord.Cut(c.Author, 190), c.Status)
	if err != nil {
		return fmt.Errorf("recording customization `%s`: %w", c.Name, err)
	}
	return nil
}

// WriteCustomization writes a customization as it is in force.
func (r *Store) WriteCustomization(ctx context.Context, q mysql.Queryer, c *Customization) error {
	definition, err := landlord.ToJSON(storedDefinition{CustomizationPatch: c.Patch})
	if err != nil {
		return err
	}
	objects, err := landlord.ToJSON(append([]merge.OwnedElement{}, c.Objects...)) // never NULL
	if err != nil {
		return err
	}
	_, err = q.Exec(ctx, "INSERT INTO "+r.table("tenant_customizations")+
		" (tenant_id, name, reason, definition, objects, checksum, author, status) VALUES (?,?,?,?,?,?,?,'active')"+
		" ON DUPLICATE KEY UPDATE reason=VALUES(reason), definition=VALUES(definition), objects=VALUES(objects),"+
		" checksum=VALUES(checksum), author=VALUES(author), status='active'",
		c.Tenant, c.Name, c.Reason, definition, objects, c.Checksum, landlord.Cut(c.Author, 190))
	if err != nil {
		return fmt.Errorf("recording customization `%s`: %w", c.Name, err)
	}
	return nil
}

// ReplaceCustomizations makes the customizations of a tenant those that a
// checkpoint kept.
func (r *Store) ReplaceCustomizations(ctx context.Context, q mysql.Queryer, row *TenantRow, all []LabelledCustomization) error {
	doing := func(err error) error {
		return fmt.Errorf("recording the customizations of tenant `%s`: %w", row.Slug, err)
	}
	where, args := "tenant_id=?", []any{row.ID}
	if len(all) > 0 {
		where += " AND name NOT IN (" + landlord.Placeholders(len(all), "?") + ")"
		for _, c := range all {
			args = append(args, c.Name)
		}
	}
	if _, err := q.Exec(ctx, "DELETE FROM "+r.table("tenant_customizations")+" WHERE "+where, args...); err != nil {
		return doing(err)
	}
	for _, c := range all {
		definition, err := landlord.ToJSON(c.Patch)
		if err != nil {
			return err
		}
		objects, err := landlord.ToJSON(c.Objects)
		if err != nil {
			return err
		}
		_, err = q.Exec(ctx, "INSERT INTO "+r.table("tenant_customizations")+
			" (tenant_id, name, reason, definition, objects, checksum, author, status, created_at) VALUES (?,?,?,?,?,?,?,?,?)"+
			" ON DUPLICATE KEY UPDATE reason=VALUES(reason), definition=VALUES(definition), objects=VALUES(objects), checksum=VALUES(checksum), status=VALUES(status)",
			row.ID, c.Name, c.Reason, definition, objects, c.Checksum, landlord.Cut(c.Author, 190), c.Status, c.CreatedAt.UTC())
		if err != nil {
			return doing(err)
		}
	}
	return nil
}

// ResetCustomizations records that a tenant has nothing of its customizations
// any more, so that they are to be applied again.
func (r *Store) ResetCustomizations(ctx context.Context, q mysql.Queryer, tenant uint64) error {
	_, err := q.Exec(ctx, "UPDATE "+r.table("tenant_customizations")+" SET objects='[]', status='applying' WHERE tenant_id=?", tenant)
	return err
}

// DeleteCustomization removes the row of one customization.
func (r *Store) DeleteCustomization(ctx context.Context, q mysql.Queryer, tenant uint64, name string) error {
	if _, err := q.Exec(ctx, "DELETE FROM "+r.table("tenant_customizations")+" WHERE tenant_id=? AND name=?", tenant, name); err != nil {
		return fmt.Errorf("forgetting customization `%s`: %w", name, err)
	}
	return nil
}

// DeleteCustomizations removes the rows of all customizations of a tenant.
func (r *Store) DeleteCustomizations(ctx context.Context, q mysql.Queryer, tenant uint64) error {
	_, err := q.Exec(ctx, "DELETE FROM "+r.table("tenant_customizations")+" WHERE tenant_id=?", tenant)
	return err
}

// forMerge returns what a merge has to know of a customization.
func (c *Customization) forMerge() merge.Customization {
	m := merge.Customization{Name: c.Name, Owned: c.Objects}
	if c.Pending != nil {
		m.Interrupted, m.Planned = true, c.Pending.Objects
	}
	return m
}

// ForMerge returns recorded customizations as the three-way comparison takes them.
func ForMerge(all []Customization) []merge.Customization {
	out := make([]merge.Customization, 0, len(all))
	for i := range all {
		out = append(out, all[i].forMerge())
	}
	return out
}
