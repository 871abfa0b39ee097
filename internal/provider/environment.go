package provider

import (
	"errors"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
)

// serverEndpoint is the variable that makes a further server known where no
// configuration names them.
var serverEndpoint = regexp.MustCompile(`^LANDLORD_SERVER_([A-Z0-9_]+)_ENDPOINT$`)

// EnvironmentConfig returns the configuration that the variables of a process
// give by themselves, as a provider block without a word would, with the further
// servers that LANDLORD_SERVER_<KEY>_ENDPOINT name. The log is the caller's to
// set. The error lists all variables that cannot be used.
func EnvironmentConfig(version string, environ []string) (landlord.Config, error) {
	variables := make(map[string]string, len(environ))
	for _, variable := range environ {
		name, value, _ := strings.Cut(variable, "=")
		variables[name] = value
	}
	model := providerModel{Servers: map[string]serverModel{}}
	for _, name := range slices.Sorted(maps.Keys(variables)) {
		if match := serverEndpoint.FindStringSubmatch(name); match != nil && variables[name] != "" {
			model.Servers[strings.ToLower(match[1])] = serverModel{Endpoint: types.StringValue(variables[name])}
		}
	}
	var diags diag.Diagnostics
	cfg := environment{getenv: func(name string) string { return variables[name] }, diags: &diags}.config(model)
	cfg.Version, cfg.Log = version, nil
	var all []error
	for _, d := range diags.Errors() {
		all = append(all, errors.New(d.Summary()+": "+d.Detail()))
	}
	return cfg, errors.Join(all...)
}
