package adopt_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2/hclwrite"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/adopt"
)

// TestFiles compares the files of a small estate as a whole.
func TestFiles(t *testing.T) {
	t.Parallel()
	trigger := schema(t, second+"; CREATE TRIGGER tr BEFORE INSERT ON users FOR EACH ROW SET NEW.name = 'x'")
	databases := []*adopt.Database{
		{Name: "shop_a", Schema: schema(t, first), Bytes: 2048}, {Name: "shop_b", Schema: schema(t, first)}, {Name: "shop_c", Schema: schema(t, first)},
		{Name: "Shop\n${d}", Server: "eu", Schema: trigger}, {Name: "shop_e", Schema: schema(t, second)}, {Name: "shop_f", Schema: schema(t, second)},
		{Name: "shop_g", Problem: "it is broken", Next: "Repair it."},
	}
	plan, err := adopt.Find(databases, adopt.Options{Template: "shop", Prefix: "shop_", Common: "shop_", Fleet: 3, Server: mysql97})
	if err != nil {
		t.Fatal(err)
	}
	files := plan.Files(adopt.Provider{Database: "landlord", Prefix: "shop_", Servers: map[string]string{"eu": "db:3306"}})
	want := map[string]string{
		"main.tf": `terraform {
  required_version = ">= 1.8"

  required_providers {
    landlord = {
      source = "landlord-db/landlord"
    }
  }
}

# The server and the account come from LANDLORD_ENDPOINT, LANDLORD_USERNAME and
# LANDLORD_PASSWORD.
provider "landlord" {
  landlord_database = "landlord"
  database_prefix   = "shop_"

  servers = {
    eu = { endpoint = "db:3306" }
  }
}

resource "landlord_tenant_template" "shop_1_0_0" {
  name        = "shop"
  version     = "1.0.0"
  source      = "${path.module}/templates/shop-1.0.0"
  materialize = false
}

resource "landlord_tenant_template" "shop_1_1_0" {
  name        = "shop"
  version     = "1.1.0"
  source      = "${path.module}/templates/shop-1.1.0"
  materialize = false

  # Programs of single tenants change rows of these tables.
  extension_points = ["users"]

  depends_on = [landlord_tenant_template.shop_1_0_0]
}
`,
		"tenants.tf": `resource "landlord_tenant_fleet" "shop" {
  name     = "shop"
  template = landlord_tenant_template.shop_1_1_0.id
  tenants  = file("${path.module}/shop.json")

  # The older versions that its tenants are pinned to come first.
  depends_on = [landlord_tenant_template.shop_1_0_0]
}

import {
  to = landlord_tenant.shop-d
  id = "shop-d@eu=Shop\n$${d}"
}

resource "landlord_tenant" "shop-d" {
  slug          = "shop-d"
  name          = "Shop\n$${d}"
  template      = landlord_tenant_template.shop_1_1_0.id
  database_name = "Shop\n$${d}"
  server        = "eu"

  # What differs from the template stays as it is, and programs in the hands they are in.
  resolutions = {
    "trigger tr" = { decision = "keep_tenant" }
  }
}
`,
		"shop.json": `{
  "a": {
    "database_name": "shop_a",
    "version": "1.0.0"
  },
  "b": {
    "database_name": "shop_b",
    "version": "1.0.0"
  },
  "c": {
    "database_name": "shop_c",
    "version": "1.0.0"
  },
  "e": {
    "database_name": "shop_e"
  },
  "f": {
    "database_name": "shop_f"
  }
}
`,
		"customizations.tf": `resource "landlord_tenant_customization" "shop-d" {
  tenant = landlord_tenant.shop-d.slug
  name   = "adopted"
  reason = "TODO: say why this tenant has it"

  sql = "CREATE TRIGGER tr BEFORE INSERT ON users FOR EACH ROW SET NEW.name = 'x';"
}
`,
		"templates/shop-1.1.0/migrations/1.0.0--1.1.0.sql": "-- What was found between the two versions. Without this file the comparison of the\n-- two does the same; with it, statements of your own can come between.\n\n" +
			"ALTER TABLE `users` ADD COLUMN `mail` varchar(50) DEFAULT 'x';\nCREATE TABLE `tags` (\n  `id` int DEFAULT NULL\n)\n;\n\n" +
			"-- Left to the comparison, which knows programs and asks before values are lost:\n-- ALTER TABLE `posts` DROP COLUMN `old`\n",
		"REPORT.md": `# Adoption

7 databases in 3 classes: 6 tenants to adopt with 2 versions of template ` + "`shop`" + `, 1 of them with a customization, 0 with what the version has otherwise; 1 database not adopted.

## What there is

A class is all databases with the same structure.

| class | version | databases | size | first | differs from the version in |
|---|---|---|---|---|---|
| CLASS | 1.0.0 | 3 | 2.0 KiB | ` + "`shop_a` `shop_b` `shop_c`" + ` |  |
| CLASS | 1.1.0 | 2 | 0 B | ` + "`shop_e` `shop_f`" + ` |  |
| CLASS | 1.1.0 | 1 | 0 B | ` + "`eu/Shop?${d}`" + ` | ` + "`` trigger `tr` ``" + ` extra |

## What is not taken over

- ` + "`shop_g`" + `, not adopted: It is broken. Repair it.
`,
	}
	for name, text := range want {
		got := files[name]
		for _, c := range plan.Classes {
			got = strings.ReplaceAll(got, c.Name, "CLASS")
		}
		if diff := cmp.Diff(strings.Split(text, "\n"), strings.Split(got, "\n")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	for name, text := range files {
		if strings.HasSuffix(name, ".tf") && string(hclwrite.Format([]byte(text))) != text {
			t.Errorf("%s is not laid out:\n%s", name, text)
		}
	}
	if len(files) != len(want)+2 { // the schemas
		t.Errorf("%d files", len(files))
	}
	if core := files["templates/shop-1.0.0/core/001_schema.sql"]; !strings.Contains(core, "CREATE TABLE `posts` (\n  `id` int NOT NULL,\n  `old` int DEFAULT NULL,\n  KEY `by_id` (`id`)\n)\n;\n") {
		t.Errorf("the schema is\n%s", core)
	}
}
