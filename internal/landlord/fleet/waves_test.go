package fleet

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
)

func TestParseWave(t *testing.T) {
	for text, want := range map[string]Wave{
		"1": {Name: "1", Count: 1}, "50": {Name: "50", Count: 50}, "1%": {Name: "1%", Percent: 1}, "100%": {Name: "100%", Percent: 100},
	} {
		got, err := ParseWave(text)
		if err != nil || got != want {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
	const neither = " is neither a number of tenants, as `50`, nor a share of them, as `10%`"
	for text, want := range map[string]string{
		"": "``" + neither, "0": "`0`" + neither, "0%": "`0%`" + neither, "-1": "`-1`" + neither, "1.5%": "`1.5%`" + neither, "10 %": "`10 %`" + neither,
		"99999999": "`99999999`" + neither, "101%": "`101%` is more than all tenants",
	} {
		if _, err := ParseWave(text); err == nil || err.Error() != want {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func wavesOf(t interface{ Fatal(...any) }, texts ...string) []Wave {
	var waves []Wave
	for _, text := range texts {
		w, err := ParseWave(text)
		if err != nil {
			t.Fatal(err)
		}
		waves = append(waves, w)
	}
	return waves
}

func membersOf(n int) []Member {
	var members []Member
	for i := range n {
		m := Member{Slug: fmt.Sprintf("t%03d", i)}
		if i%50 == 49 {
			m.Metadata = map[string]string{"tier": "test", "n": fmt.Sprint(i)}
		}
		members = append(members, m)
	}
	return members
}

func TestRollout_waves(t *testing.T) {
	for name, tt := range map[string]struct {
		rollout Rollout
		all     int
		names   []string
		sizes   []int
	}{
		"none":              {Rollout{}, 10, []string{"100%"}, []int{10}},
		"a canary":          {Rollout{Canary: []string{"t003"}}, 10, []string{"canary", "100%"}, []int{1, 9}},
		"by metadata":       {Rollout{CanaryMetadata: map[string]string{"tier": "test"}}, 100, []string{"canary", "100%"}, []int{2, 98}},
		"a key without one": {Rollout{CanaryMetadata: map[string]string{"tier": "test", "ring": ""}}, 100, []string{"canary", "100%"}, []int{0, 100}},
		"shares":            {Rollout{Waves: wavesOf(t, "10%", "50%", "100%")}, 100, []string{"10%", "50%", "100%"}, []int{10, 40, 50}},
		"the rest is last":  {Rollout{Waves: wavesOf(t, "10%")}, 100, []string{"10%", "100%"}, []int{10, 90}},
		"counts":            {Rollout{Waves: wavesOf(t, "1", "5")}, 10, []string{"1", "5", "100%"}, []int{1, 4, 5}},
		"rounded up":        {Rollout{Waves: wavesOf(t, "1%", "34%")}, 3, []string{"1%", "34%", "100%"}, []int{1, 1, 1}},
		"canary within":     {Rollout{Canary: []string{"t007", "t003"}, Waves: wavesOf(t, "10%", "50%")}, 10, []string{"canary", "10%", "50%", "100%"}, []int{2, 0, 3, 5}},
		"more than all":     {Rollout{Waves: wavesOf(t, "50", "100")}, 10, []string{"50", "100", "100%"}, []int{10, 0, 0}},
		"nobody":            {Rollout{Waves: wavesOf(t, "50%")}, 0, []string{"50%", "100%"}, []int{0, 0}},
		"everybody at once": {Rollout{CanaryMetadata: map[string]string{"tier": "test"}, Waves: wavesOf(t, "100%")}, 50, []string{"canary", "100%"}, []int{1, 49}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tt.names, tt.rollout.names()); diff != "" {
				t.Error(diff)
			}
			sizes := make([]int, len(tt.names))
			for _, wave := range tt.rollout.waves(membersOf(tt.all)) {
				sizes[wave]++
			}
			if diff := cmp.Diff(tt.sizes, sizes); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Every tenant is in one wave, each wave is as large as it says, canaries are
// first, and the order of the list makes no difference.
func TestRollout_wavesAlways(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		members := membersOf(rapid.IntRange(0, 300).Draw(t, "tenants"))
		r := Rollout{}
		for _, m := range members {
			if rapid.IntRange(0, 20).Draw(t, "canary") == 0 {
				r.Canary = append(r.Canary, m.Slug)
			}
		}
		shares := rapid.SliceOfNDistinct(rapid.IntRange(1, 100), 0, 4, rapid.ID).Draw(t, "waves")
		slices.Sort(shares)
		for _, n := range shares {
			r.Waves = append(r.Waves, wavesOf(t, fmt.Sprintf("%d%%", n))...)
		}
		if err := r.check(members); err != nil {
			t.Fatal(err)
		}
		waves := r.waves(members)
		if len(waves) != len(members) {
			t.Fatalf("%d of %d tenants have a wave", len(waves), len(members))
		}
		for _, slug := range r.Canary {
			if waves[slug] != 0 {
				t.Fatalf("canary %s is in wave %d", slug, waves[slug])
			}
		}
		names := r.names()
		for i, name := range names {
			through := 0
			for _, wave := range waves {
				if wave <= i {
					through++
				}
			}
			want := len(r.Canary)
			if name != CanaryWave {
				want = max(want, wavesOf(t, name)[0].size(len(members)))
			}
			if through != want {
				t.Fatalf("%d tenants through wave %s of %q, want %d", through, name, names, want)
			}
		}
		slices.Reverse(members)
		if diff := cmp.Diff(waves, r.waves(members)); diff != "" {
			t.Fatal(diff)
		}
	})
}

func TestRollout_check(t *testing.T) {
	const grow = "; each says how many tenants have the change when it is done, those before it included.\n\nWrite them in ascending order."
	for name, tt := range map[string]struct {
		rollout Rollout
		want    string
	}{
		"shares and counts":             {Rollout{Waves: wavesOf(t, "1", "10%", "100%"), Through: "10%", Canary: []string{"t001"}}, ""},
		"the whole":                     {Rollout{Through: "100%"}, ""},
		"shrinks":                       {Rollout{Waves: wavesOf(t, "50%", "10%")}, "Waves of the rollout do not grow\nWave `10%` comes after wave `50%`" + grow},
		"twice, with a share between":   {Rollout{Waves: wavesOf(t, "10", "5%", "10")}, "Waves of the rollout do not grow\nWave `10` comes after wave `10`" + grow},
		"shrinks, with a share between": {Rollout{Waves: wavesOf(t, "10", "5%", "8")}, "Waves of the rollout do not grow\nWave `8` comes after wave `10`" + grow},
		"after all":                     {Rollout{Waves: wavesOf(t, "100%", "10")}, "Waves of the rollout do not grow\nWave `10` comes after wave `100%`" + grow},
		"twice":                         {Rollout{Waves: wavesOf(t, "5", "5")}, "Waves of the rollout do not grow\nWave `5` comes after wave `5`" + grow},
		"no such wave":                  {Rollout{Waves: wavesOf(t, "10%"), Through: "canary"}, "Rollout has no such wave\n`through` is `canary`; the waves are `10%`, `100%`.\n\nName one of them."},
		"no such canary":                {Rollout{Canary: []string{"t001", "nobody"}}, "Canary is no tenant of the fleet\n`canary` names `nobody`, which `tenants` has not.\n\nName tenants of the list."},
	} {
		t.Run(name, func(t *testing.T) {
			if got := toldOf(t, tt.rollout.check(membersOf(10))); got != tt.want {
				t.Errorf("%q", got)
			}
		})
	}
}

// toldOf returns a problem at the rollout as people read it.
func toldOf(t *testing.T, err error) string {
	t.Helper()
	if err == nil {
		return ""
	}
	var p *landlord.Problem
	if !errors.As(err, &p) || p.Field != FieldRollout {
		t.Fatal(err)
	}
	return p.Summary + "\n" + p.Text()
}

func TestNoWayBack(t *testing.T) {
	want := "Tenant could not be taken back\nTenant `acme` stays at `shop@1.1.0`: the way back to `shop@1.0.0` waits for a decision or an approval.\n\n" +
		"Set `template` of the fleet back and plan: the plan shows what waits."
	if got := toldOf(t, noWayBack("acme", "shop@1.1.0", "shop@1.0.0")); got != want {
		t.Errorf("%q", got)
	}
}
