package registry

import "github.com/landlord-db/terraform-provider-landlord/internal/mysql"

// tripSettings reads the account that stands for every definer: the one that made
// the landlord database, whoever asks. Without a landlord database it is the one
// that asks.
func tripSettings(t *trip) {
	info, err := t.x.Info(t.Context())
	t.ok(err)
	for database, want := range map[string]string{t.r.Database: info.Account, t.r.Database + "_none": "other@%"} {
		r := *t.r
		r.Database = database
		other := mysql.Info{Account: "other@%"}
		t.ok(r.complete(t.Context(), t.x, &other))
		t.same("definer", other.Definer, want)
	}
}
