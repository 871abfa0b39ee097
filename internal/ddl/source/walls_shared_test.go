package source_test

import (
	"bufio"
	"encoding/json"
	"os"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/source"
	"github.com/landlord-db/terraform-provider-landlord/tools/shared"
)

// TestGuard_walls: texts that have done harm on servers are refused on the
// products where they did, at the place where they stood.
func TestGuard_walls(t *testing.T) {
	t.Parallel()
	f, err := os.Open(shared.Path(t, "cases", "walls", "texts.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	layers := map[string]source.Layer{"customization": source.LayerCustomization, "seed": source.LayerSeed, "core": source.LayerSchema}
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var s struct {
			ID, Place, SQL string
			Servers        []string
		}
		if err := json.Unmarshal(lines.Bytes(), &s); err != nil {
			t.Fatal(err)
		}
		for _, server := range s.Servers {
			product := map[string]ddl.Product{"mysql": ddl.MySQL, "mariadb": ddl.MariaDB}[server]
			srv := estate(product)
			srv.Others = neighbors
			if s.Place == "data copy where" {
				if _, err := source.PredicateTables(s.SQL, srv); err == nil {
					t.Errorf("%s on %s: accepted: %s", s.ID, server, s.SQL)
				}
				continue
			}
			statements, faults := source.Parse(s.SQL, srv)
			for _, st := range statements {
				faults = append(faults, source.Guard(st, source.Rules{Layer: layers[s.Place], Databases: []string{"sec_a"}})...)
			}
			if layers[s.Place] == "" || !source.HasErrors(faults) {
				t.Errorf("%s on %s: accepted: %s", s.ID, server, s.SQL)
			}
		}
	}
}
