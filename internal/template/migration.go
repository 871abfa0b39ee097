package template

import (
	"slices"
)

// MigrationPath chooses the scripts that lead from one version to another, in
// the order in which they run. Scripts need not touch each other, because a
// comparison of schemas does what none of them says. Of scripts that overlap,
// those are taken that together leave the least of the way uncovered, and among
// these the ones with the shortest hops. When from is the later version, the
// scripts that lead back are meant.
func MigrationPath(scripts []MigrationScript, from, to string) []MigrationScript {
	w := newWay(scripts, from, to)
	best := make([]route, len(w.stops)) // from each stop to the end
	for i := len(w.stops) - 2; i >= 0; i-- {
		best[i] = best[i+1] // to the next stop without a script
		for _, h := range w.hops {
			if h.from != i {
				continue
			}
			r := route{
				covered: best[h.to].covered + h.to - h.from,
				scripts: append([]MigrationScript{h.script}, best[h.to].scripts...),
			}
			if r.better(best[i]) {
				best[i] = r
			}
		}
	}
	return best[0].scripts
}

// way is the line of versions between two of them: the stops at which scripts
// begin or end, and the scripts.
type way struct {
	stops []string
	hops  []hop
}

// hop is a script between two stops.
type hop struct {
	from, to int
	script   MigrationScript
}

// newWay finds the scripts that lie between two versions.
func newWay(scripts []MigrationScript, from, to string) way {
	order := CompareVersions
	if CompareVersions(from, to) > 0 {
		order = func(a, b string) int { return CompareVersions(b, a) }
	}
	w := way{stops: []string{from, to}}
	var inside []MigrationScript
	for _, s := range scripts {
		if order(from, s.From) <= 0 && order(s.From, s.To) < 0 && order(s.To, to) <= 0 {
			inside = append(inside, s)
			w.stops = append(w.stops, s.From, s.To)
		}
	}
	slices.SortFunc(w.stops, order)
	w.stops = slices.CompactFunc(w.stops, func(a, b string) bool { return order(a, b) == 0 })
	for _, s := range inside {
		start, _ := slices.BinarySearchFunc(w.stops, s.From, order)
		end, _ := slices.BinarySearchFunc(w.stops, s.To, order)
		w.hops = append(w.hops, hop{from: start, to: end, script: s})
	}
	return w
}

// route is a way from a stop to the end.
type route struct {
	covered int // pieces between two stops that a script covers
	scripts []MigrationScript
}

// better says whether a route is to be preferred to another one.
func (r route) better(than route) bool {
	if r.covered != than.covered {
		return r.covered > than.covered
	}
	return len(r.scripts) > len(than.scripts)
}

// hops returns the scripts that lead from an older state of the lineage to this
// one, those of parents first: a parent may have moved to a new version too.
// Scripts of both versions count, because a way back stands in the later one.
func (l *Lineage) hops(old *Lineage) []sourceFile {
	var files []sourceFile
	for generation, t := range l.templates {
		was := slices.IndexFunc(old.templates, func(o Template) bool { return o.Name == t.Name })
		if was < 0 {
			continue
		}
		scripts := slices.Clone(t.Migrations)
		for _, s := range old.templates[was].Migrations {
			if !slices.ContainsFunc(scripts, func(have MigrationScript) bool { return have.Name == s.Name }) {
				scripts = append(scripts, s)
			}
		}
		for _, s := range MigrationPath(scripts, old.templates[was].Version, t.Version) {
			files = append(files, sourceFile{File: s.File, generation: generation, kind: kindMigration})
		}
	}
	return files
}
