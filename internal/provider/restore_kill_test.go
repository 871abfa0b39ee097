package provider_test

import (
	"bytes"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// TestAccCLI_restoreServerKilled kills the server at statements of a restore in
// place, before it gets them or right after. When it is back the first apply
// completes the restore.
func TestAccCLI_restoreServerKilled(t *testing.T) {
	t.Parallel()
	s := mysqltest.Private(t, mysqltest.One(t).Kind)
	directory := t.TempDir()
	c := newCLI(t, s.Server)
	c.set("LANDLORD_CHECKPOINT_DIRECTORY", directory)
	c.set("LANDLORD_TLS_MODE", "disabled")
	config := shopConfig + acmeConfig(`  name = "Acme"`) + `
resource "landlord_tenant_checkpoint" "before" {
  tenant = landlord_tenant.acme.slug
  name   = "before"
}
`
	c.write(config)
	c.run("init")
	c.run("apply", "-auto-approve")
	name := mysqltest.QuoteName(s.Prefix + "acme")
	for number, at := range []struct {
		text  string
		after bool
	}{{"CREATE DATABASE", true}, {"INSERT INTO `users`", false}, {"RENAME TABLE", false}, {"RENAME TABLE", true}, {"DROP DATABASE", false}, {"DROP DATABASE", true}} {
		s.Exec(t, "REPLACE INTO "+name+".users (id, email) VALUES (2, 'later')")
		config += fmt.Sprintf(`
resource "landlord_tenant_restore" "back%[1]d" {
  tenant            = landlord_tenant.acme.slug
  checkpoint        = landlord_tenant_checkpoint.before.id
  mode              = "in_place"
  allow_destructive = true
  keepers           = { number = %[1]d }
}
`, number)
		c.write(config)
		var once sync.Once
		met, killed := false, make(chan bool)
		endpoint, _ := tapped(t, s.Endpoint(), func(sent []byte) bool {
			if bytes.Contains(sent, []byte(at.text)) {
				once.Do(func() {
					met = true
					kill := func() {
						defer close(killed)
						s.Kill(t)
					}
					if at.after {
						go func() {
							time.Sleep(100 * time.Millisecond)
							kill()
						}()
						return
					}
					kill()
				})
			}
			return true
		})
		c.set("LANDLORD_ENDPOINT", endpoint)
		out, _ := c.try("apply", "-auto-approve")
		if !met {
			t.Fatalf("%s was not sent: %s", at.text, out)
		}
		<-killed
		s.Restart(t)
		c.set("LANDLORD_ENDPOINT", s.Endpoint())
		if again, code := c.try("apply", "-auto-approve"); code != 0 {
			t.Errorf("killed at %s (after: %v): the first apply says %s\nthe killed one said %s", at.text, at.after, again, out)
			c.run("apply", "-auto-approve")
		}
		c.noChanges()
		if got := fmt.Sprint(s.QueryRows(t, "SELECT id FROM "+name+".users")); got != "[[1]]" {
			t.Errorf("killed at %s (after: %v): the rows are %s", at.text, at.after, got)
		}
		if t.Failed() {
			return
		}
	}
}
