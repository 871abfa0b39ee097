package fleet

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
)

// FieldRollout is the attribute that says how a change reaches the tenants.
const FieldRollout landlord.Field = "rollout"

// CanaryWave names the first wave of a rollout that has a canary.
const CanaryWave = "canary"

// WholeFleet names the last wave of a rollout.
const WholeFleet = "100%"

// DefaultParallel is how many tenants are changed at a time.
const DefaultParallel = 4

// OnFailure says what becomes of a rollout in which more tenants fail than may.
type OnFailure string

// What becomes of a failed rollout.
const (
	Halt     OnFailure = "halt"     // it stops where it is
	Rollback OnFailure = "rollback" // the tenants that it has changed go back
)

// Rollout says how another template version, or other modules, reach the tenants
// of a fleet.
type Rollout struct {
	Canary         []string          // slugs of the first wave
	CanaryMetadata map[string]string // tenants with all of it are in the first wave too
	Waves          []Wave            // after the canary, in order
	Through        string            // the last wave to begin; empty for all
	Soak           time.Duration     // between two waves of one apply
	MaxParallel    int               // tenants that are changed at a time, 0 for DefaultParallel
	MaxPerServer   int               // of them on one server, 0 for as many
	MaxFailures    int               // tenants that may fail before no further one is begun
	FailuresShare  int               // of all tenants in percent, rounded down, instead; 0: MaxFailures counts
	OnFailure      OnFailure         // empty for Halt
}

// Wave says how many tenants of the fleet have the change when it is done, those
// of the waves before it included.
type Wave struct {
	Name    string // as it was written
	Percent int    // of all tenants, rounded up; 0: Count counts
	Count   int
}

var wavePattern = regexp.MustCompile(`^([1-9][0-9]{0,6})(%?)$`)

// ParseWave reads a wave, as `10%` or `50`.
func ParseWave(text string) (Wave, error) {
	parts := wavePattern.FindStringSubmatch(text)
	if parts == nil {
		return Wave{}, fmt.Errorf("`%s` is neither a number of tenants, as `50`, nor a share of them, as `10%%`", text)
	}
	n, err := strconv.Atoi(parts[1])
	switch {
	case err != nil:
		return Wave{}, err
	case parts[2] == "":
		return Wave{Name: text, Count: n}, nil
	case n > 100:
		return Wave{}, fmt.Errorf("`%s` is more than all tenants", text)
	}
	return Wave{Name: text, Percent: n}, nil
}

var failuresPattern = regexp.MustCompile(`^(0|[1-9][0-9]{0,6})(%?)$`)

// ParseFailures reads how many tenants may fail, as `2` or `5%`: a number, or a share in
// percent.
func ParseFailures(text string) (count, share int, err error) {
	parts := failuresPattern.FindStringSubmatch(text)
	if parts == nil {
		return 0, 0, fmt.Errorf("`%s` is neither a number of tenants, as `2`, nor a share of them, as `5%%`", text)
	}
	n, err := strconv.Atoi(parts[1])
	switch {
	case err != nil:
		return 0, 0, err
	case parts[2] == "":
		return n, 0, nil
	case n > 100:
		return 0, 0, fmt.Errorf("`%s` is more than all tenants", text)
	}
	return 0, n, nil
}

// resolve says how many tenants a share of those of the fleet is that may fail.
func (r *Rollout) resolve(members []Member) {
	if r.FailuresShare == 0 {
		return
	}
	owned := 0
	for i := range members {
		if !members[i].pool {
			owned++
		}
	}
	r.MaxFailures = owned * r.FailuresShare / 100
}

// budget tells how many tenants may fail, as it was written.
func (r *Rollout) budget() string {
	if r.FailuresShare == 0 {
		return strconv.Itoa(r.MaxFailures)
	}
	return fmt.Sprintf("%d%%, which is %d", r.FailuresShare, r.MaxFailures)
}

// size returns how many of all tenants have the change when the wave is done.
func (w Wave) size(all int) int {
	if w.Percent > 0 {
		return (all*w.Percent + 99) / 100
	}
	return min(w.Count, all)
}

// hasCanary says whether the first wave is a canary.
func (r *Rollout) hasCanary() bool { return len(r.Canary) > 0 || len(r.CanaryMetadata) > 0 }

// names returns the names of the waves in order.
func (r *Rollout) names() []string {
	var names []string
	if r.hasCanary() {
		names = append(names, CanaryWave)
	}
	for _, w := range r.Waves {
		names = append(names, w.Name)
	}
	if len(names) == 0 || names[len(names)-1] != WholeFleet {
		names = append(names, WholeFleet)
	}
	return names
}

// check refuses a rollout whose parts do not fit each other or the list.
func (r *Rollout) check(members []Member) error {
	names := r.names()
	var counts, shares Wave // the last ones so far
	for _, w := range r.Waves {
		before := &counts
		if w.Percent > 0 || shares.Percent == 100 { // nothing is left behind all
			before = &shares
		}
		if shares.Percent == 100 || w.size(1<<30) <= before.size(1<<30) {
			return landlord.NewProblem(FieldRollout, "Waves of the rollout do not grow",
				fmt.Sprintf("Wave `%s` comes after wave `%s`; each says how many tenants have the change when it is done, those before it included.", w.Name, before.Name),
				"Write them in ascending order.")
		}
		*before = w
	}
	if r.Through != "" && !slices.Contains(names, r.Through) {
		return landlord.NewProblem(FieldRollout, "Rollout has no such wave",
			fmt.Sprintf("`through` is `%s`; the waves are %s.", r.Through, landlord.Quoted(names)), "Name one of them.")
	}
	known := map[string]bool{}
	for _, m := range members {
		known[m.Slug] = true
	}
	for _, slug := range r.Canary {
		if !known[slug] {
			return landlord.NewProblem(FieldRollout, "Canary is no tenant of the fleet",
				fmt.Sprintf("`canary` names `%s`, which `tenants` has not.", slug), "Name tenants of the list.")
		}
	}
	return nil
}

// last returns the number of the last wave to begin.
func (r *Rollout) last() int {
	names := r.names()
	if at := slices.Index(names, r.Through); at >= 0 {
		return at
	}
	return len(names) - 1
}

// waves returns the number of the wave of each tenant, from 0. The canary is
// first; the others follow by slug, so that a tenant stays in its wave as long as
// the list stays as it is.
func (r *Rollout) waves(members []Member) map[string]int {
	out := make(map[string]int, len(members))
	first := 0
	var rest []string
	for _, m := range members {
		if r.hasCanary() && (slices.Contains(r.Canary, m.Slug) || m.hasAll(r.CanaryMetadata)) {
			out[m.Slug] = 0
			continue
		}
		rest = append(rest, m.Slug)
	}
	if r.hasCanary() {
		first = 1
	}
	slices.SortFunc(rest, strings.Compare)
	done := len(out)
	for i, w := range r.Waves {
		for done < w.size(len(members)) && len(rest) > 0 {
			out[rest[0]] = first + i
			rest, done = rest[1:], done+1
		}
	}
	for _, slug := range rest {
		out[slug] = len(r.names()) - 1
	}
	return out
}

// versionBehind returns the template version that most tenants have whose wave comes
// after one; nothing where that is the one of the fleet, or there are none.
func (p *Plan) versionBehind(spec Spec, waves map[string]int, last int) string {
	counts, most := map[string]int{}, ""
	for _, one := range p.members {
		if one.row != nil && !one.pool && one.to == spec.Template && waves[one.slug] > last {
			counts[one.row.AppliedTemplate()]++
		}
	}
	for _, version := range slices.Sorted(maps.Keys(counts)) {
		if counts[version] > counts[most] {
			most = version
		}
	}
	if most == spec.Template {
		return ""
	}
	return most
}

// comesBehind plans a tenant that is made, and whose wave does not begin yet, at the
// version that the others of its wave have, and says whether it can be made of that: it
// may have modules that came later.
func (f *Fleets) comesBehind(ctx context.Context, one *planned, spec Spec, version string) bool {
	if version == "" || one.row != nil || one.prior != nil || one.goes || one.to != spec.Template {
		return false
	}
	behind := one.spec
	behind.Template = version
	plan, err := f.Tenants.PlanTenant(ctx, behind, nil)
	if err != nil || !plan.Create || failureOf(plan.Notes) != nil {
		return false
	}
	one.spec, one.plan, one.action = behind, plan, Create
	return true
}

// waves returns the number of the wave of each tenant. Those that are kept ready
// come with the last one: what is given away is what most of the fleet has.
func (s *Spec) waves() map[string]int {
	owned := slices.DeleteFunc(slices.Clone(s.Members), func(m Member) bool { return m.pool })
	out := s.Rollout.waves(owned)
	for _, m := range s.Members {
		if m.pool {
			out[m.Slug] = len(s.Rollout.names()) - 1
		}
	}
	return out
}

// hasAll says whether a tenant has all of some metadata; no metadata is nobody's.
func (m *Member) hasAll(metadata map[string]string) bool {
	for key, value := range metadata {
		if have, ok := m.Metadata[key]; !ok || have != value {
			return false
		}
	}
	return len(metadata) > 0
}

func (r *Rollout) parallel() int {
	if r.MaxParallel > 0 {
		return r.MaxParallel
	}
	return DefaultParallel
}
