package command

import (
	"flag"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/go-hclog"
)

// The formats of the log.
const (
	logText = "text"
	logJSON = "json"
)

// logOptions are the flags of the log, which all subcommands have.
type logOptions struct{ format, level string }

func (o *logOptions) flags(flags *flag.FlagSet) {
	flags.StringVar(&o.format, "log-format", logText, "how the log is written to standard error: text or json")
	flags.StringVar(&o.level, "log-level", "warn", "the least that is logged: trace, debug, info, warn, error or off")
}

// Logger returns the log of the subcommand, which masks the given secrets
// wherever they stand in a message or in a value.
func (p *Process) Logger(secrets ...string) (hclog.Logger, error) {
	if p.log.format != "" && p.log.format != logText && p.log.format != logJSON {
		return nil, fmt.Errorf("--log-format is `%s`: choose text or json", p.log.format)
	}
	level := hclog.LevelFromString(p.log.level)
	if level == hclog.NoLevel && p.log.level != "" {
		return nil, fmt.Errorf("--log-level is `%s`: choose trace, debug, info, warn, error or off", p.log.level)
	}
	return hclog.New(&hclog.LoggerOptions{
		Name:       "landlord",
		Level:      level,
		Output:     masking{p.Err, masks(secrets)},
		JSONFormat: p.log.format == logJSON,
	}), nil
}

// pairs returns fields as hclog takes them, in the order of their names.
func pairs(fields map[string]any) []any {
	var list []any
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		list = append(list, name, fields[name])
	}
	return list
}

// masking writes lines with the secrets in them replaced. hclog writes a line in
// one call, so that a secret is never in two.
type masking struct {
	to    interface{ Write([]byte) (int, error) }
	masks *strings.Replacer
}

func masks(secrets []string) *strings.Replacer {
	var list []string
	for _, secret := range secrets {
		if secret == "" {
			continue
		}
		list = append(list, secret, "***")
		if quoted := fmt.Sprintf("%q", secret); quoted[1:len(quoted)-1] != secret {
			list = append(list, quoted[1:len(quoted)-1], "***") // as JSON and quoted values have it
		}
	}
	return strings.NewReplacer(list...)
}

func (m masking) Write(line []byte) (int, error) {
	if _, err := m.to.Write([]byte(m.masks.Replace(string(line)))); err != nil {
		return 0, err //nolint:wrapcheck // the log has nobody to tell
	}
	return len(line), nil
}
