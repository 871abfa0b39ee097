package provider

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// TestNotifications_twice refuses two addresses of one name, from a configuration
// and from a file.
func TestNotifications_twice(t *testing.T) {
	t.Parallel()
	var diags diag.Diagnostics
	e := environment{getenv: func(string) string { return "" }, diags: &diags}
	one := func(name string) notificationModel {
		return notificationModel{Name: types.StringValue(name), URL: types.StringValue("https://hooks.example/x"), Events: types.SetNull(types.StringType)}
	}
	if list := e.notifications([]notificationModel{one("ops"), one("people")}); len(list) != 2 || diags.HasError() {
		t.Fatalf("%v, %v", list, diags)
	}
	e.notifications([]notificationModel{one("ops"), one("people"), one("ops")})
	const want = "Notification name is used twice\n`ops` names two addresses. What is to be sent is kept under the name alone, so that it would go to the first of them.\n\nGive each address a name of its own."
	if len(diags) != 1 || diags[0].Summary()+"\n"+diags[0].Detail() != want {
		t.Errorf("got %v, want %s", diags, want)
	}
	file := filepath.Join(t.TempDir(), "notifications.json")
	text := `[{"name": "ops", "url": "https://hooks.example/x"}, {"name": "ops", "url": "https://hooks.example/y"}]`
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := readNotifications(file); err == nil || err.Error() != "entry 2: `ops` names an entry before it already" {
		t.Errorf("the file: %v", err)
	}
}
