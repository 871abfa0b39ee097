package provider_test

import (
	"cmp"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

func TestMain(m *testing.M) {
	useTerraform()
	mysqltest.Run(m)
}

// useTerraform sets what acceptance tests need, if there is a Terraform or an
// OpenTofu, so that `go test` alone runs them. A CLI configuration of the user
// would add providers and warnings.
func useTerraform() {
	path := cmp.Or(os.Getenv("TF_ACC_TERRAFORM_PATH"), lookPath("terraform"), lookPath("tofu"))
	if path == "" {
		return
	}
	setenv("TF_ACC", "1")
	setenv("TF_ACC_TERRAFORM_PATH", path)
	setenv("TF_CLI_CONFIG_FILE", os.DevNull)
	setenv("CHECKPOINT_DISABLE", "1")
	if isTofu(path) {
		setenv("TF_ACC_PROVIDER_HOST", "registry.opentofu.org")
	}
}

func isTofu(path string) bool { return strings.HasPrefix(filepath.Base(path), "tofu") }

func lookPath(name string) string {
	path, err := exec.LookPath(name)
	if err != nil {
		return ""
	}
	return path
}

func setenv(name, value string) {
	if err := os.Setenv(name, value); err != nil {
		panic(err)
	}
}

// needTerraform returns the path of Terraform or OpenTofu.
func needTerraform(t *testing.T) string {
	t.Helper()
	mysqltest.Need(t, "Terraform")
	path := os.Getenv("TF_ACC_TERRAFORM_PATH")
	if path == "" {
		const missing = "neither terraform nor tofu is on PATH"
		if ci := os.Getenv("CI"); ci != "" && ci != "false" && ci != "0" {
			t.Fatal(missing)
		}
		t.Skip(missing)
	}
	return path
}
