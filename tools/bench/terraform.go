package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// providerVersion is the version of the provider that is measured.
const providerVersion = "0.0.1"

// buildMirror builds the provider and lays it out as a mirror, for Terraform
// and OpenTofu: installed from there it costs what it costs a user, including
// the check of its sum by each command.
func buildMirror(ctx context.Context, root string) error {
	binary := filepath.Join(root, "terraform-provider-landlord_v"+providerVersion)
	build := exec.CommandContext(ctx, "go", "build", "-ldflags", "-s -w -X main.version="+providerVersion, "-o", binary,
		"github.com/landlord-db/terraform-provider-landlord")
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("building the provider: %w: %s", err, out)
	}
	program, err := os.ReadFile(binary)
	if err != nil {
		return fmt.Errorf("laying out the mirror: %w", err)
	}
	if err := errors.Join(layOut(root, "landlord", program), layOutIdle(root)); err != nil {
		return err
	}
	settings := fmt.Sprintf("provider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", root)
	if err := os.WriteFile(settingsIn(root), []byte(settings), 0o600); err != nil {
		return fmt.Errorf("laying out the mirror: %w", err)
	}
	return nil
}

// layOut puts the program of a provider where Terraform and OpenTofu look for it.
func layOut(root, name string, program []byte) error {
	for _, host := range []string{"registry.terraform.io", "registry.opentofu.org"} {
		platform := filepath.Join(root, host, "landlord-db", name, providerVersion, runtime.GOOS+"_"+runtime.GOARCH)
		if err := os.MkdirAll(platform, 0o755); err != nil {
			return fmt.Errorf("laying out the mirror: %w", err)
		}
		//nolint:gosec // it is a program
		if err := os.WriteFile(filepath.Join(platform, "terraform-provider-"+name+"_v"+providerVersion), program, 0o755); err != nil {
			return fmt.Errorf("laying out the mirror: %w", err)
		}
	}
	return nil
}

func settingsIn(mirror string) string { return filepath.Join(mirror, "terraform.rc") }

// workspace is a directory in which Terraform runs.
type workspace struct {
	terraform string
	directory string
	variables []string // of the environment
}

// newWorkspace makes a directory with a configuration and initializes it.
// Variables of the user's own that configure Terraform or the provider are
// left out.
func newWorkspace(ctx context.Context, terraform, mirror, directory, config string, landlord map[string]string) (*workspace, error) {
	w := &workspace{terraform: terraform, directory: directory}
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "LANDLORD_") && !strings.HasPrefix(variable, "TF_") {
			w.variables = append(w.variables, variable)
		}
	}
	w.variables = append(w.variables, "TF_CLI_CONFIG_FILE="+settingsIn(mirror), "CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1")
	for name, value := range landlord {
		w.variables = append(w.variables, name+"="+value)
	}
	if err := os.MkdirAll(directory, 0o700); err != nil {
		return nil, fmt.Errorf("making a workspace: %w", err)
	}
	if err := w.write(config); err != nil {
		return nil, err
	}
	_, err := w.run(ctx, "init")
	return w, err
}

// write writes the configuration.
func (w *workspace) write(config string) error {
	if err := os.WriteFile(filepath.Join(w.directory, "main.tf"), []byte(config), 0o600); err != nil {
		return fmt.Errorf("writing a configuration: %w", err)
	}
	return nil
}

// run runs a command that has to work, and returns the CPU time that it and
// its plugins took.
func (w *workspace) run(ctx context.Context, command string, arguments ...string) (time.Duration, error) {
	_, used, err := w.output(ctx, append([]string{command, "-no-color", "-input=false"}, arguments...)...)
	return used, err
}

func (w *workspace) output(ctx context.Context, arguments ...string) ([]byte, time.Duration, error) {
	command := exec.CommandContext(ctx, w.terraform, arguments...)
	command.Dir, command.Env = w.directory, w.variables
	// An interrupted Terraform ends its plugins; a killed one leaves them.
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
	var stderr strings.Builder
	command.Stderr = &stderr
	out, err := command.Output()
	if err != nil {
		return nil, 0, fmt.Errorf("running terraform %s: %w: %s%s", arguments[0], err, out, &stderr)
	}
	return out, command.ProcessState.UserTime() + command.ProcessState.SystemTime(), nil
}

// migration returns the statements that a saved plan has for a tenant.
func (w *workspace) migration(ctx context.Context, plan, address string) ([]string, error) {
	out, _, err := w.output(ctx, "show", "-json", plan)
	if err != nil {
		return nil, err
	}
	var shown struct {
		ResourceChanges []struct {
			Address string
			Change  struct {
				After struct{ Migration []string }
			}
		} `json:"resource_changes"`
	}
	if err := json.Unmarshal(out, &shown); err != nil {
		return nil, fmt.Errorf("reading a plan: %w", err)
	}
	var statements []string
	for _, change := range shown.ResourceChanges {
		if change.Address == address {
			statements = append(statements, change.Change.After.Migration...)
		}
	}
	if len(statements) == 0 {
		return nil, errors.New("the plan has no migration of `" + address + "`")
	}
	return statements, nil
}

// stateOf returns how many bytes the state has of one resource of a type.
func (w *workspace) stateOf(typeName string) (int, error) {
	text, err := os.ReadFile(filepath.Join(w.directory, "terraform.tfstate"))
	if err != nil {
		return 0, fmt.Errorf("reading the state: %w", err)
	}
	var state struct {
		Resources []struct {
			Type      string
			Instances []json.RawMessage
		}
	}
	if err := json.Unmarshal(text, &state); err != nil {
		return 0, fmt.Errorf("reading the state: %w", err)
	}
	for _, r := range state.Resources {
		if r.Type == typeName && len(r.Instances) > 0 {
			return len(r.Instances[0]), nil
		}
	}
	return 0, fmt.Errorf("the state has no `%s`", typeName)
}

// slugOf names a tenant.
func slugOf(n int) string { return fmt.Sprintf("t%04d", n) }

// tenantMap writes the map over which the configurations go. A map, because
// Terraform sorts a set again for every instance.
func tenantMap(tenants int) string {
	var b strings.Builder
	b.WriteString("locals {\n  tenants = {\n")
	for n := range tenants {
		fmt.Fprintf(&b, "    %s = { name = \"Tenant %d\" }\n", slugOf(n), n)
	}
	b.WriteString("  }\n}\n")
	return b.String()
}

// tenantConfig is a template and its tenants. The source is the built-in
// `basic`, or a directory.
func tenantConfig(tenants int, version, source string) string {
	return fmt.Sprintf(`terraform {
  required_providers {
    landlord = {
      source = "landlord-db/landlord"
    }
  }
}

resource "landlord_tenant_template" "bench" {
  name    = "bench"
  version = %q
  source  = %q
}

resource "landlord_tenant" "bench" {
  for_each = local.tenants
  slug     = each.key
  name     = each.value.name
  template = landlord_tenant_template.bench.id
}

`, version, source) + tenantMap(tenants)
}

// dataConfig is as many resources of Terraform's own, which do nothing.
func dataConfig(tenants int) string {
	return `resource "terraform_data" "bench" {
  for_each = local.tenants
  input    = each.value.name
}

` + tenantMap(tenants)
}

// idleConfig is as many resources of a provider that does nothing. Each has some
// bytes more in the state than its name, all the same letter.
func idleConfig(tenants int, letter string, bytes int) string {
	return fmt.Sprintf(`terraform {
  required_providers {
    idle = {
      source = "landlord-db/idle"
    }
  }
}

resource "idle_thing" "bench" {
  for_each = local.tenants
  input    = "${each.value.name}${local.more}"
}

locals {
  more = %q
}

`, strings.Repeat(letter, bytes)) + tenantMap(tenants)
}
