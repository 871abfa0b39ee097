package registry

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"sync"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// knownTexts remembers, for one server, which texts of statements its ledger has.
// The zero value knows none.
type knownTexts struct{ hashes sync.Map }

// Add remembers, after a commit, that the ledger has the texts of the steps.
func (k *knownTexts) Add(steps []landlord.Step) {
	for _, s := range steps {
		k.hashes.Store(textHash(s.SQL), struct{}{})
	}
}

func (k *knownTexts) has(hash string) bool {
	_, known := k.hashes.Load(hash)
	return known
}

// WriteTexts stores statements by content. What the ledger is known to have is
// not sent again.
func (r *Store) WriteTexts(ctx context.Context, q mysql.Queryer, steps []landlord.Step, known *knownTexts) error {
	var args []any
	for _, s := range steps {
		if hash := textHash(s.SQL); !known.has(hash) {
			args = append(args, hash, s.SQL)
		}
	}
	if len(args) == 0 {
		return nil
	}
	_, err := q.Exec(ctx, "INSERT IGNORE INTO "+r.table("migration_statements")+" (sha256, sql_text) VALUES "+landlord.Placeholders(len(args)/2, "(?,?)"), args...)
	if err != nil {
		return fmt.Errorf("recording the texts of the steps: %w", err)
	}
	return nil
}

// textHash returns the name under which a statement is stored.
func textHash(sql string) string {
	sum := sha256.Sum256([]byte(sql))
	return hex.EncodeToString(sum[:])
}
