package provider_test

import (
	"maps"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// with returns values with others in place of some.
func with(base values, changed values) values {
	out := maps.Clone(base)
	maps.Copy(out, changed)
	return out
}

func TestProvider_validate(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		config values
		want   []string
	}{
		"empty": {config: values{}},
		"everything": {config: values{
			"endpoint": "db.example:3306", "username": "landlord", "password": "x",
			"tls":               values{"mode": "verify_ca", "ca_file": "ca.pem", "cert_file": "c.pem", "key_file": "k.pem", "server_name": "db"},
			"landlord_database": "landlord", "database_prefix": "tenant_", "max_connections": 8,
			"connect_timeout": "5s", "lock_timeout": "1m", "checkpoint_directory": "/backup", "plan_rendering": "parser", "author": "pipeline",
			"servers": values{"eu_1": values{"endpoint": "/run/mysqld.sock", "username": "a", "password": "b", "tls": values{"mode": "disabled"}}},
		}},
		"unknown": {config: values{"endpoint": unknown{}, "tls": unknown{}, "servers": unknown{}, "connect_timeout": unknown{}}},
		"tls mode": {config: values{"tls": values{"mode": "yes"}}, want: []string{
			`ERROR at (tls).(mode): Invalid Attribute Value Match
Attribute tls.mode value must be one of: ["disabled" "preferred" "required" "verify_ca" "verify_identity"], got: "yes"`,
		}},
		"certificate without key": {config: values{"tls": values{"cert_file": "c.pem"}}, want: []string{
			"ERROR at (tls).(cert_file): Invalid Attribute Combination\nAttribute \"tls.key_file\" must be specified when \"tls.cert_file\" is specified",
		}},
		"timeout": {config: values{"connect_timeout": "10"}, want: []string{
			"ERROR at (connect_timeout): Duration cannot be read\n`10` is no duration above zero: write a number and a unit, for example `10s`, `5m` or `720h`.",
		}},
		"negative timeout": {config: values{"lock_timeout": "-1s"}, want: []string{
			"ERROR at (lock_timeout): Duration cannot be read\n`-1s` is no duration above zero: write a number and a unit, for example `10s`, `5m` or `720h`.",
		}},
		"prefix": {config: values{"database_prefix": "Tenant-"}, want: []string{
			"ERROR at (database_prefix): Database prefix cannot be used\n`Tenant-` has to start with a lower-case letter and hold at most 32 lower-case letters, digits and `_` only.",
		}},
		"landlord database": {config: values{"landlord_database": "my.landlord"}, want: []string{
			"ERROR at (landlord_database): Database name cannot be used\n`my.landlord` has to start with a lower-case letter and hold at most 32 lower-case letters, digits and `_` only.",
		}},
		"connections": {config: values{"max_connections": 0}, want: []string{
			"ERROR at (max_connections): Invalid Attribute Value\nAttribute max_connections value must be between 1 and 1000, got: 0",
		}},
		"server key": {config: values{"servers": values{"EU-1": values{"endpoint": "a:1"}}}, want: []string{
			"ERROR at (servers).(EU-1): Server key cannot be used\n`EU-1` is no key of a server: it has to start with a lower-case letter and hold at most 64 lower-case letters, digits and `_` only.",
		}},
		"rendering": {config: values{"plan_rendering": "none"}, want: []string{
			`ERROR at (plan_rendering): Invalid Attribute Value Match
Attribute plan_rendering value must be one of: ["server" "parser"], got: "none"`,
		}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, newCore(t, nil).validateProvider(c.config)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestTenant_validate(t *testing.T) {
	t.Parallel()
	good := values{"slug": "acme", "name": "Acme", "template": "basic@1.0.0"}
	cases := map[string]struct {
		config values
		want   []string
	}{
		"required only": {config: good},
		"unknown":       {config: values{"slug": unknown{}, "name": unknown{}, "template": unknown{}, "modules": unknown{}, "metadata": unknown{}}},
		"everything": {config: with(good, values{
			"modules": []string{"a", "b"}, "status": "suspended", "metadata": values{"plan": "gold"}, "server": "eu",
			"update_policy": "hold", "drift_policy": "repair", "allow_destructive": true, "destructive_mode": "drop", "retention": "24h",
			"probe_data": false, "deletion_policy": "drop", "deletion_checkpoint": "before", "timeouts": values{"create": "1h"},
		})},
		"slug": {config: with(good, values{"slug": "Acme!"}), want: []string{
			"ERROR at (slug): Tenant slug cannot be used\nThe slug `Acme!` has to start with a lower-case letter and hold lower-case letters, digits, `-` and `_` only.\n\nChoose another slug; the attribute `name` takes any text.",
		}},
		"reserved slug": {config: with(good, values{"slug": "mysql"}), want: []string{
			"ERROR at (slug): Tenant slug cannot be used\nThe slug `mysql` is reserved: servers or this provider use the name themselves.\n\nChoose another slug; the attribute `name` takes any text.",
		}},
		"template without version": {config: with(good, values{"template": "basic"}), want: []string{
			"ERROR at (template): Template reference cannot be read\n`basic` names no version: write it as `name@version`, for example `basic@1.0.0`.",
		}},
		"template with a wrong version": {config: with(good, values{"template": "basic@1"}), want: []string{
			"ERROR at (template): Template reference cannot be read\n`1` is no template version: write it as MAJOR.MINOR.PATCH, for example `1.0.0`.",
		}},
		"status": {config: with(good, values{"status": "creating"}), want: []string{
			`ERROR at (status): Invalid Attribute Value Match
Attribute status value must be one of: ["active" "suspended" "archived"], got: "creating"`,
		}},
		"update policy": {config: with(good, values{"update_policy": "later"}), want: []string{
			`ERROR at (update_policy): Invalid Attribute Value Match
Attribute update_policy value must be one of: ["auto" "review" "hold"], got: "later"`,
		}},
		"deletion policy": {config: with(good, values{"deletion_policy": "keep"}), want: []string{
			`ERROR at (deletion_policy): Invalid Attribute Value Match
Attribute deletion_policy value must be one of: ["protect" "archive" "drop"], got: "keep"`,
		}},
		"retention": {config: with(good, values{"retention": "30 days"}), want: []string{
			"ERROR at (retention): Duration cannot be read\n`30 days` is no duration above zero: write a number and a unit, for example `10s`, `5m` or `720h`.",
		}},
		"empty module": {config: with(good, values{"modules": []string{""}}), want: []string{
			`ERROR at (modules).ElementKeyValue(tftypes.String<"">): Invalid Attribute Value Length
Attribute modules[Value("")] string length must be at least 1, got: 0`,
		}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, newCore(t, nil).validate("landlord_tenant", c.config)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestTemplate_validate(t *testing.T) {
	t.Parallel()
	good := values{"name": "basic", "version": "1.0.0", "source": "builtin:basic"}
	cases := map[string]struct {
		config values
		want   []string
	}{
		"source": {config: good},
		"inline": {config: values{"name": "basic", "version": "1.0.0", "core": values{"001.sql": "SELECT 1"}, "seeds": values{"001.sql": unknown{}}}},
		"neither source nor core": {config: values{"name": "basic", "version": "1.0.0"}, want: []string{
			"ERROR at (source): Invalid Attribute Combination\nNo attribute specified when one (and only one) of [source,core] is required",
		}},
		"source and inline": {config: with(good, values{"seeds": values{"001.sql": "SELECT 1"}}), want: []string{
			"ERROR at (seeds): Invalid Attribute Combination\nAttribute \"source\" cannot be specified when \"seeds\" is specified",
		}},
		"name": {config: with(good, values{"name": "My Template"}), want: []string{
			"ERROR at (name): Template name cannot be used\n`My Template` is no template name: it has to start with a lower-case letter and hold lower-case letters, digits, `_` and `-` only.",
		}},
		"version": {config: with(good, values{"version": "v1"}), want: []string{
			"ERROR at (version): Template version cannot be read\n`v1` is no template version: write it as MAJOR.MINOR.PATCH, for example `1.0.0`.",
		}},
		"extends": {config: with(good, values{"extends": "basic"}), want: []string{
			"ERROR at (extends): Template reference cannot be read\n`basic` names no version: write it as `name@version`, for example `basic@1.0.0`.",
		}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, newCore(t, nil).validate("landlord_tenant_template", c.config)); diff != "" {
				t.Error(diff)
			}
		})
	}
}
