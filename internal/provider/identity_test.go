package provider_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// storing lets a core store identities, as Terraform does from 1.12 on.
func storing(c *core) *core {
	c.identity = map[string]*tfprotov6.ResourceIdentityData{}
	return c
}

// TestIdentity_life follows the identities of a template and of a fleet through their
// lives: a version is no other template, a fleet can be renamed, and both can be
// imported by their identity.
func TestIdentity_life(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	const templateType = "landlord_tenant_template"
	c := storing(coreOn(t, s))
	is := func(when, typeName, name string) {
		t.Helper()
		if diff := cmp.Diff(values{"name": name}, c.stored(typeName)); diff != "" {
			t.Errorf("%s the identity of %s is another: %s", when, typeName, diff)
		}
	}
	first := c.must(templateType, nil, shop("1.9.0", usersTable))
	is("after the create", templateType, "shop")
	second := shop("1.10.0", usersWithFax)
	template := c.must(templateType, c.settled(templateType, first, shop("1.9.0", usersTable)), second)
	is("after the update", templateType, "shop")

	fleet := c.must(fleetType, nil, fleetOf(many(2), values{"template": "shop@1.10.0"}))
	is("after the create", fleetType, "shops")
	renamed := fleetOf(many(2), values{"template": "shop@1.10.0", "name": "stores"})
	fleet, told := c.refresh(fleetType, fleet)
	said(t, told)
	is("after the refresh", fleetType, "shops")
	fleet = c.must(fleetType, fleet, renamed)
	is("after the new name", fleetType, "stores")

	// The states of releases without identities get one with the next refresh.
	c = storing(coreOn(t, s))
	c.settled(templateType, template, second)
	is("of a state without one", templateType, "shop")
	c.settled(fleetType, fleet, renamed)
	is("of a state without one", fleetType, "stores")

	c = storing(coreOn(t, s))
	imported, told := c.importIdentity(templateType, values{"name": "shop"})
	said(t, told)
	imported, told = c.refresh(templateType, imported)
	said(t, told)
	is("after the import", templateType, "shop")
	if got := field(t, imported, "id"); got != "shop@1.10.0" {
		t.Errorf("the import by identity is of %v", got)
	}
	imported, told = c.refresh(templateType, c.importID(templateType, "shop@1.9.0"))
	said(t, told)
	is("after the import of a version", templateType, "shop")
	if got := field(t, imported, "id"); got != "shop@1.9.0" {
		t.Errorf("the import by ID is of %v", got)
	}
	imported, told = c.importIdentity(fleetType, values{"name": "stores"})
	said(t, told)
	c.settled(fleetType, imported, renamed)
	is("after the import", fleetType, "stores")

	_, told = c.importIdentity(templateType, values{"name": "office"})
	said(t, told, "ERROR: Template to import is not known\nImporting template `office`: the landlord database has no published version of it.\n\n"+
		"Import a template that is published, by its name. Without an import the resource publishes a new one.")
	_, told = c.importIdentity(fleetType, values{"name": "nobody"})
	said(t, told, "ERROR: Fleet to import is not known\nThe landlord database knows no tenant of a fleet `nobody`.\n\n"+
		"Import a fleet by its name. Tenants that exist and are in no fleet join one as they are: list them in a new one.")
}

// TestTemplate_import needs no change afterwards, where the configuration has what the
// landlord database has: of files inline, and of a built-in source. Files of a
// directory are inline in the state.
func TestTemplate_import(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	const templateType = "landlord_tenant_template"
	c := coreOn(t, s)
	directory := t.TempDir()
	must(t, os.Mkdir(filepath.Join(directory, "core"), 0o755))
	must(t, os.WriteFile(filepath.Join(directory, "core", "001.sql"), []byte(usersTable+";\n"), 0o600))
	all := map[string]values{
		"shop": with(shop("1.0.0", usersTable), values{
			"type": "shop", "description": "Shops", "sql_mode": "STRICT_TRANS_TABLES", "frozen_tables": []string{"users"}, "approval_required": []string{"core"},
			"optional":   values{"fax.sql": "CREATE TABLE fax (id INT NOT NULL PRIMARY KEY);\n", "mail/1.sql": "-- landlord:description: Letters\nCREATE TABLE mail (id INT NOT NULL PRIMARY KEY);\n"},
			"seeds":      values{"1.sql": "INSERT INTO users (id, email) VALUES (1, 'a');\n", "mail/1.sql": "INSERT INTO mail (id) VALUES (1);\n"},
			"migrations": values{"0.9.0--1.0.0.sql": "UPDATE users SET email = 'b' WHERE id = 1;\n"},
		}),
		"ngo":    {"name": "ngo", "version": "2.0.0", "source": "builtin:ngo", "materialize": false},
		"folder": {"name": "folder", "version": "1.0.0", "source": directory, "materialize": false},
	}
	for _, config := range all {
		c.must(templateType, nil, config)
	}
	c = coreOn(t, s)
	all["folder"] = with(shop("1.0.0", usersTable), values{"name": "folder"})
	for name, config := range all {
		c.settled(templateType, c.importID(templateType, name+"@"+fmt.Sprint(config["version"])), config)
	}
}

// TestIdentity_importFails tells of a failure with its words.
func TestIdentity_importFails(t *testing.T) {
	t.Parallel()
	c, fake := newFakeCore(t)
	fake.fail["NewestTemplate"] = errors.New("no idea")
	_, told := c.importIdentity("landlord_tenant_template", values{"name": "shop"})
	said(t, told, "ERROR: Template could not be read\nCause: no idea")
	fake.fail["PublishedSpec"] = errors.New("no idea")
	_, told = c.refresh("landlord_tenant_template", c.importID("landlord_tenant_template", "shop@1.0.0"))
	said(t, told, "ERROR: Template could not be read\nCause: no idea")
}
