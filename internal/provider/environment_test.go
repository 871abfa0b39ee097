package provider_test

import (
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/provider"
)

// TestEnvironmentConfig reads a whole configuration from variables alone.
func TestEnvironmentConfig(t *testing.T) {
	t.Parallel()
	cfg, err := provider.EnvironmentConfig("1.2.3", []string{
		"PATH=/bin",
		"LANDLORD_ENDPOINT=db.example:3307",
		"LANDLORD_USERNAME=lord",
		"LANDLORD_PASSWORD=a=b",
		"LANDLORD_DATABASE=estate",
		"LANDLORD_SERVER_EU_ENDPOINT=eu.example:3306",
		"LANDLORD_SERVER_US_ENDPOINT=us.example:3306",
		"LANDLORD_SERVER_US_USERNAME=uncle",
		"LANDLORD_SERVER_AP_ENDPOINT=",
	})
	if err != nil {
		t.Fatal(err)
	}
	if cfg.Version != "1.2.3" || cfg.Main.Endpoint != "db.example:3307" || cfg.Main.Username != "lord" || cfg.Main.Password != "a=b" || cfg.Database != "estate" {
		t.Errorf("the main server is %s as %s, the landlord database %s, the version %s", cfg.Main.Endpoint, cfg.Main.Username, cfg.Database, cfg.Version)
	}
	if len(cfg.Servers) != 2 {
		t.Fatalf("%d further servers, not 2", len(cfg.Servers))
	}
	eu, us := cfg.Servers["eu"], cfg.Servers["us"]
	if eu.Endpoint != "eu.example:3306" || eu.Username != "lord" || eu.Password != "a=b" {
		t.Errorf("eu is %s as %s; it takes the account of the main server", eu.Endpoint, eu.Username)
	}
	if us.Endpoint != "us.example:3306" || us.Username != "uncle" || us.Password != "" {
		t.Errorf("us is %s as %s; the password of the main server is not for another account", us.Endpoint, us.Username)
	}
}

// TestEnvironmentConfig_wrong names all variables that cannot be used.
func TestEnvironmentConfig_wrong(t *testing.T) {
	t.Parallel()
	_, err := provider.EnvironmentConfig("1.2.3", []string{"LANDLORD_MAX_CONNECTIONS=many", "LANDLORD_TLS_MODE=maybe"})
	const want = "Environment variable cannot be used: `LANDLORD_TLS_MODE`: `maybe` is none of `disabled`, `preferred`, `required`, `verify_ca`, `verify_identity`.\n" +
		"Environment variable cannot be used: `LANDLORD_MAX_CONNECTIONS`: `many` is no number from 1 to 1000."
	if err == nil || err.Error() != want {
		t.Errorf("error:\n%v\nwant:\n%s", err, want)
	}
}
