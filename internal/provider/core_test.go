package provider_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// coreFeatures are what a configuration may have and some cores have not: the pattern
// of its text, the first versions that have it, and from which OpenTofu on it fails.
var coreFeatures = []struct {
	name            string
	pattern         *regexp.Regexp
	terraform, tofu string
	tofuFailsFrom   string
}{
	{"ephemeral values", regexp.MustCompile(`(?m)^\s*ephemeral\s*(=|")`), "1.10.0", "1.11.0", ""},
	{"write-only attributes", regexp.MustCompile(`(?m)^\s*\w+_wo\s*=`), "1.11.0", "1.11.0", ""},
	// It gives the moved object the identity of the former type, and cannot read that.
	{"moves between types", regexp.MustCompile(`from\s+= landlord_tenant\.\w+\s+to\s+= landlord_tenant_fleet|from\s+= landlord_tenant_fleet\.\w+\s+to\s+= landlord_tenant\.`), "1.8.0", "1.8.0", "1.12.0"},
}

// coreVersion asks the core under test what it is, once.
var coreVersion = sync.OnceValues(func() (version string, tofu bool) {
	path := os.Getenv("TF_ACC_TERRAFORM_PATH")
	out, err := exec.Command(path, "version", "-json").Output()
	var said struct {
		Version string `json:"terraform_version"`
	}
	if err != nil || json.Unmarshal(out, &said) != nil {
		return "", false
	}
	return said.Version, isTofu(path)
})

// lacking returns what a configuration has that a core has not; empty when it has all.
func lacking(config, version string, tofu bool) string {
	for _, f := range coreFeatures {
		first := f.terraform
		if tofu {
			first = f.tofu
		}
		if !f.pattern.MatchString(config) || version == "" {
			continue
		}
		if minor(version) < minor(first) || tofu && f.tofuFailsFrom != "" && minor(version) >= minor(f.tofuFailsFrom) {
			return f.name
		}
	}
	return ""
}

// minor returns the number behind the first point of a version 1.
func minor(version string) int {
	n, _ := strconv.Atoi(strings.Split(version+".", ".")[1])
	return n
}

// needFeatures skips a test whose configuration the core under test cannot read.
func needFeatures(t testing.TB, configs ...string) {
	t.Helper()
	version, tofu := coreVersion()
	if name := lacking(strings.Join(configs, "\n"), version, tofu); name != "" {
		t.Skipf("version %s of the core has no %s", version, name)
	}
}

// TestLacking knows which core has what.
func TestLacking(t *testing.T) {
	t.Parallel()
	const account, credentials = "resource \"landlord_tenant_account\" \"a\" {\n  password_wo = \"x\"\n}\n", "ephemeral \"landlord_tenant_credentials\" \"c\" {\n}\n"
	for _, test := range []struct {
		config, version string
		tofu            bool
		want            string
	}{
		{account, "1.10.5", false, "write-only attributes"},
		{account, "1.11.0", false, ""},
		{account, "1.10.9", true, "write-only attributes"},
		{account, "1.11.0", true, ""},
		{"  password_wo_version = 1\n", "1.8.5", false, ""},
		{credentials, "1.9.8", false, "ephemeral values"},
		{credentials, "1.10.0", false, ""},
		{credentials, "1.10.0", true, "ephemeral values"},
		{"variable \"v\" {\n  ephemeral = true\n}\n", "1.8.5", false, "ephemeral values"},
		{"moved {\n  from = landlord_tenant.own\n  to   = landlord_tenant_fleet.shops\n}\n", "1.11.6", true, ""},
		{"moved {\n  from = landlord_tenant.own\n  to   = landlord_tenant_fleet.shops\n}\n", "1.12.6", true, "moves between types"},
		{"moved {\n  from = landlord_tenant_fleet.shops\n  to   = landlord_tenant.own\n}\n", "1.12.6", true, "moves between types"},
		{"moved {\n  from = landlord_tenant.own\n  to   = landlord_tenant.other\n}\n", "1.12.6", true, ""},
		{"moved {\n  from = landlord_tenant.own\n  to   = landlord_tenant_fleet.shops\n}\n", "1.8.5", false, ""},
		{"resource \"landlord_tenant\" \"ephemeral\" {}\n", "1.8.5", false, ""},
	} {
		if got := lacking(test.config, test.version, test.tofu); got != test.want {
			t.Errorf("%s of OpenTofu %v lacks %q for\n%s", test.version, test.tofu, got, test.config)
		}
	}
}

// TestAccCore: what the tests leave out depends on the version that the core tells.
func TestAccCore(t *testing.T) {
	t.Parallel()
	mysqltest.Need(t, "Terraform")
	needTerraform(t)
	if version, _ := coreVersion(); version == "" {
		t.Error("the core does not tell its version")
	}
}
