package registry

import (
	"context"
	"database/sql"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// The procedures that applications call: claimOf for the pool of one fleet, claim
// for the only one that keeps a pool.
const (
	claim   = "claim_tenant"
	claimOf = "claim_tenant_of"
)

// claimParameters are what a customer brings along.
const claimParameters = "IN new_slug VARCHAR(255) CHARACTER SET utf8mb4, IN new_name VARCHAR(255) CHARACTER SET utf8mb4, IN new_metadata LONGTEXT CHARACTER SET utf8mb4)" +
	" MODIFIES SQL DATA SQL SECURITY DEFINER\nBEGIN\n"

// signal refuses a call. The texts have at most 128 characters.
func signal(text string) string {
	return "SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '" + text + "';\n"
}

// Claimed is a tenant of a pool that has got an owner.
type Claimed struct{ Slug, Database, Server string }

// Claim gives a ready tenant of a pool to an owner, as applications do by the
// procedures. The fleet is empty where one fleet alone keeps a pool. An error of
// mysql.IsSignal says why there is none.
func (r *Store) Claim(ctx context.Context, q mysql.Queryer, fleet, slug, name string, metadata map[string]string) (*Claimed, error) {
	texts, err := landlord.ToJSON(metadata)
	if err != nil {
		return nil, err
	}
	if fleet == "" {
		_, err = q.Exec(ctx, "CALL "+r.table(claim)+"(?, ?, ?)", slug, name, texts)
	} else {
		_, err = q.Exec(ctx, "CALL "+r.table(claimOf)+"(?, ?, ?, ?)", fleet, slug, name, texts)
	}
	if err != nil {
		return nil, err
	}
	out := &Claimed{Slug: slug}
	var server sql.NullString
	if err := q.Row(ctx, "SELECT database_name, server FROM "+r.table("tenants")+" WHERE slug=?", slug).Scan(&out.Database, &server); err != nil {
		return nil, err
	}
	out.Server = server.String
	return out, nil
}

// claimText is the procedure that finds the fleet.
func (r *Store) claimText() string {
	return "CREATE PROCEDURE " + r.table(claim) + "(" + claimParameters +
		"DECLARE pools INT;\nDECLARE pool_fleet VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin;\n" +
		"SELECT COUNT(DISTINCT fleet), MIN(fleet) INTO pools, pool_fleet FROM " + r.table("pool_tenants") + " WHERE state IN ('ready', 'busy');\n" +
		"IF pools > 1 THEN\n" + signal("Several fleets keep a pool; name one: CALL claim_tenant_of(fleet, slug, name, metadata)") + "END IF;\n" +
		"CALL " + r.table(claimOf) + "(pool_fleet, new_slug, new_name, new_metadata);\nEND"
}

// claimOfText is the procedure that gives a tenant away. One statement does it, so
// that it is whole without a transaction, and part of the transaction of a caller
// who has one. What is recorded of the tenant under its former slug comes along:
// by that it is known which statements on rows it has seen. One caller at a time
// does it: a claim takes milliseconds, and rows that follow each other in an index
// make deadlocks of what runs side by side.
func (r *Store) claimOfText() string {
	lock, pool := mysql.LockName("landlord claim", r.Database), r.table("pool_tenants")
	// By its index, whatever the optimizer thinks of small tables: who scans one
	// locks the rows of other callers.
	of := func(alias, table, index string) string {
		return " LEFT JOIN " + r.table(table) + " " + alias + " FORCE INDEX (" + index + ") ON " + alias + ".tenant_id = t.id AND " + alias + ".tenant_slug = p.slug"
	}
	return "CREATE PROCEDURE " + r.table(claimOf) + "(IN pool_fleet VARCHAR(64) CHARACTER SET ascii, " + claimParameters +
		"DECLARE wanted, plain VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin;\n" +
		"DECLARE chosen, candidate, former, tenant BIGINT UNSIGNED;\nDECLARE past BIGINT UNSIGNED DEFAULT 0;\nDECLARE given, scans, n, room INT DEFAULT 0;\nDECLARE texts LONGTEXT CHARACTER SET utf8mb4;\n" +
		"DECLARE EXIT HANDLER FOR SQLEXCEPTION\nBEGIN\nDO RELEASE_LOCK('" + lock + "');\nRESIGNAL;\nEND;\n" +
		// MariaDB refuses to lock a row that has changed since the transaction of the caller began to read.
		"DECLARE EXIT HANDLER FOR 1020\nBEGIN\nDO RELEASE_LOCK('" + lock + "');\n" + signal("Others have claimed since the transaction of the caller began to read: roll it back and try again") + "END;\n" +
		"DECLARE EXIT HANDLER FOR 1062\nBEGIN\nDO RELEASE_LOCK('" + lock + "');\n" + signal("There is a tenant of that slug, or of one that differs in - and _ only") + "END;\n" +
		"IF COALESCE(GET_LOCK('" + lock + "', 10), 0) <> 1 THEN\n" + signal("Too many callers at once: try again") + "END IF;\n" +
		r.claimChecks() +
		"IF former IS NOT NULL THEN\nUPDATE " + r.table("pool_tenants") + " SET claimed_as = NULL WHERE id = former;\nEND IF;\n" +
		// One row is locked by its key: who searches by an index locks what is between
		// the rows as well, and as long as the caller's transaction is open, an apply could
		// take no other tenant of the pool. But what became ready since that
		// transaction began only a search with locks sees.
		"WHILE given = 0 DO\nSET candidate = NULL, chosen = NULL;\n" +
		"IF scans = 0 THEN\nSELECT MIN(id) INTO chosen FROM " + pool + " WHERE state = 'ready' AND fleet = pool_fleet AND id > past;\n" +
		"IF chosen IS NULL THEN\nSET scans = 1, past = 0;\nELSE\nSET past = chosen;\n" +
		"SELECT id INTO candidate FROM " + pool + " WHERE id = chosen AND state = 'ready' FOR UPDATE SKIP LOCKED;\nEND IF;\nEND IF;\n" +
		"IF scans = 1 THEN\nSELECT id INTO candidate FROM " + pool + " WHERE state = 'ready' AND fleet = pool_fleet AND id > past ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED;\n" +
		"IF candidate IS NULL THEN\n" + signal("No tenant is ready: the next terraform apply of the fleet refills its pool") + "END IF;\n" +
		"SET past = candidate;\nEND IF;\nIF candidate IS NOT NULL THEN\n" +
		"SET room = NULL;\nSELECT 64 - CHAR_LENGTH(t.database_name) + CHAR_LENGTH(t.slug) INTO room FROM " + r.table("pool_tenants") + " p JOIN " + r.table("tenants") + " t ON t.slug = p.slug WHERE p.id = candidate;\n" +
		"IF CHAR_LENGTH(wanted) > room THEN\n" + signal("The slug is too long: with the prefix, the name of a database has at most 64 characters") + "END IF;\n" +
		"UPDATE " + r.table("pool_tenants") + " p JOIN " + r.table("tenants") + " t ON t.slug = p.slug" +
		of("h", "tenant_migrations_history", "ix_tenant_migrations_tenant") + of("e", "tenant_events", "ix_tenant_events_tenant") + of("o", "retired_objects", "ix_retired_objects_tenant") +
		" SET p.state = 'claimed', p.claimed_as = plain, p.claimed_by = LEFT(USER(), 190), p.claimed_at = CURRENT_TIMESTAMP(6)," +
		" t.slug = wanted, t.name = COALESCE(NULLIF(new_name, ''), new_slug), t.metadata = new_metadata, h.tenant_slug = wanted, e.tenant_slug = wanted, o.tenant_slug = wanted" +
		" WHERE p.id = candidate AND p.state = 'ready' AND t.status = 'active' AND t.running_digest IS NULL;\n" +
		"SET given = ROW_COUNT();\nEND IF;\nEND WHILE;\n" +
		"SELECT id INTO tenant FROM " + r.table("tenants") + " WHERE slug = wanted;\n" +
		"INSERT INTO " + r.table("tenant_events") + " (tenant_id, tenant_slug, event, author) VALUES (tenant, wanted, 'claimed', LEFT(USER(), 190));\n" +
		"DO RELEASE_LOCK('" + lock + "');\n" +
		"SELECT * FROM " + r.table(directory) + " WHERE slug = wanted;\nEND"
}

// claimChecks refuses what a list of tenants would refuse too.
func (r *Store) claimChecks() string {
	return "IF new_slug IS NULL OR new_slug = '' OR CHAR_LENGTH(new_slug) > 64 OR new_slug COLLATE utf8mb4_bin REGEXP '[^a-z0-9_-]' OR LEFT(new_slug, 1) COLLATE utf8mb4_bin REGEXP '[^a-z]' THEN\n" +
		signal("A slug starts with a lower-case letter and holds lower-case letters, digits, - and _, at most 64") + "END IF;\n" +
		"SET wanted = new_slug, plain = REPLACE(new_slug, '-', '_');\n" +
		"IF plain IN ('" + strings.Join(landlord.ReservedSlugs(), "', '") + "') OR LEFT(plain, 9) = 'template_' THEN\n" + signal("The slug is reserved: servers or the landlord use the name themselves") + "END IF;\n" +
		"IF plain REGEXP '_pool_[0-9]+$' AND EXISTS (SELECT 1 FROM " + r.table("pool_tenants") + " k WHERE plain = CONCAT(REPLACE(k.fleet, '-', '_'), '_pool_', SUBSTRING_INDEX(plain, '_', -1))) THEN\n" +
		signal("The slug is one that a fleet gives to the tenants of its pool") + "END IF;\n" +
		// One who had the slug before and is gone; looked for before those who have it.
		"SELECT id INTO former FROM " + r.table("pool_tenants") + " WHERE claimed_as = plain;\n" +
		"IF EXISTS (SELECT 1 FROM " + r.table("tenants") + " k WHERE REPLACE(k.slug, '-', '_') = plain) OR EXISTS (SELECT 1 FROM " + r.table("fleet_tenants") +
		" f WHERE f.tenant_slug = wanted AND f.joined_at > CURRENT_TIMESTAMP(6) - INTERVAL 1 HOUR) THEN\n" +
		signal("There is a tenant of that slug, or of one that differs in - and _ only") + "END IF;\n" +
		"IF new_metadata IS NOT NULL THEN\n" +
		"IF NOT JSON_VALID(new_metadata) OR JSON_TYPE(new_metadata) <> 'OBJECT' THEN\n" + signal("metadata is neither NULL nor a JSON object of texts") + "END IF;\n" +
		"SET texts = JSON_EXTRACT(new_metadata, '$.*');\n" +
		"WHILE n < COALESCE(JSON_LENGTH(texts), 0) DO\n" +
		"IF JSON_TYPE(JSON_EXTRACT(texts, CONCAT('$[', n, ']'))) <> 'STRING' THEN\n" + signal("metadata is neither NULL nor a JSON object of texts") + "END IF;\n" +
		"SET n = n + 1;\nEND WHILE;\nEND IF;\n"
}
