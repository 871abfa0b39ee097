package dashboard

import (
	"cmp"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/health"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/overview"
)

// rowsPerPage is how many tenants one page lists.
const rowsPerPage = 50

// estateQuery is what the address of the estate's page asks for.
type estateQuery struct {
	Search, Template, Status, State, Health, Fleet, Server, Class, Sort string
	Page                                                                int // from 1
}

func parseEstateQuery(v url.Values) estateQuery {
	q := estateQuery{
		Search: strings.TrimSpace(v.Get("q")), Template: v.Get("template"), Status: v.Get("status"), State: v.Get("state"),
		Health: v.Get("health"), Fleet: v.Get("fleet"), Server: v.Get("server"), Class: v.Get("class"), Sort: v.Get("sort"),
	}
	q.Page, _ = strconv.Atoi(v.Get("page")) // nothing, or nonsense, is the first page
	q.Page = max(q.Page, 1)
	return q
}

// Address returns the address of the page with one thing changed, which begins at
// its first tenant again unless the page itself is what changes.
func (q estateQuery) Address(name, value string) string {
	v := url.Values{}
	for key, text := range map[string]string{
		"q": q.Search, "template": q.Template, "status": q.Status, "state": q.State, "health": q.Health, "fleet": q.Fleet, "server": q.Server, "class": q.Class, "sort": q.Sort,
	} {
		if text != "" {
			v.Set(key, text)
		}
	}
	if value == "" {
		v.Del(name)
	} else {
		v.Set(name, value)
	}
	if len(v) == 0 {
		return "/"
	}
	return "/?" + v.Encode()
}

// SortAddress returns the address that sorts by a column, or turns the order when
// it sorts by it already.
func (q estateQuery) SortAddress(column string) string {
	if q.Sort == column {
		return q.Address("sort", "-"+column)
	}
	return q.Address("sort", column)
}

// PageAddress returns the address of another page of the list.
func (q estateQuery) PageAddress(page int) string { return q.Address("page", strconv.Itoa(page)) }

// Direction says how a column sorts, as ARIA names it.
func (q estateQuery) Direction(column string) string {
	switch q.Sort {
	case column:
		return "ascending"
	case "-" + column:
		return "descending"
	}
	return "none"
}

// The states of a tenant on the page: the gravest that holds.
const (
	stateInSync  = "in_sync"
	stateDrifted = "drifted"
	stateMissing = "missing"
)

// stateOf says in one word how a tenant is: what needs somebody comes first.
func stateOf(t *overview.Tenant) string {
	switch {
	case t.DatabaseMissing:
		return stateMissing
	case t.UpdateStatus != "" && t.UpdateStatus != landlord.UpdateCurrent:
		return string(t.UpdateStatus)
	case t.Drifted():
		return stateDrifted
	}
	return stateInSync
}

// tenantLine is a tenant in the list.
type tenantLine struct {
	overview.Tenant

	State  string
	Health *health.Health // nil as long as it is not known
}

// Bytes is the size of the tenant, -1 when it is not known.
func (t *tenantLine) Bytes() int64 {
	if t.Health == nil || t.Health.Size == nil {
		return -1
	}
	return t.Health.Size.Bytes
}

// score is what the tenants are sorted by, those that are not known last.
func (t *tenantLine) score() int {
	const unknown = 101
	if t.Health == nil {
		return unknown
	}
	return t.Health.Score
}

// class is a set of tenants with one schema, as the picture of the estate shows.
type class struct {
	Key, Template, Fingerprint string
	Count                      int
	Share                      int // percent of the largest class, at least 1
	Tone                       int // tells versions of one template apart
}

// estatePage is what the page of the estate shows.
type estatePage struct {
	Query     estateQuery
	Total     int // of the estate
	Found     int
	Lines     []tenantLine
	Pages     int
	From, To  int // numbers of the first and last line, from 1
	States    []choice
	Templates []string
	Fleets    []string
	Servers   []string
	Levels    []health.Level
	Classes   []class
	MoreKinds int  // classes that the picture leaves out
	Waits     bool // the health of the tenants is being read for the first time
}

// choice is a value to filter by, with how many have it.
type choice struct {
	Value string
	Count int
}

// shownClasses is how many classes the picture of the estate has.
const shownClasses = 12

func (s *Server) estatePage(w http.ResponseWriter, r *http.Request) {
	estate, err := s.estate.current(r.Context())
	if estate == nil {
		s.fail(w, r, err)
		return
	}
	asked := s.health.asked() // before the look: a read that ends in between is one to wait for
	p := listEstate(estate, s.health.latest(r.Context()), parseEstateQuery(r.URL.Query()))
	p.Waits = len(p.Lines) > 0 && !asked
	f := s.frame(r, "Estate", p)
	if err != nil {
		f.Stale = errorText(err)
	}
	s.renderFrame(w, http.StatusOK, "estate", f)
}

// listEstate chooses, sorts and pages the tenants that a query asks for.
func listEstate(estate *overview.Estate, known *healthIndex, q estateQuery) estatePage {
	p := estatePage{Levels: []health.Level{health.Healthy, health.Degraded, health.Unhealthy}, Query: q, Total: len(estate.Tenants)}
	states, templates, fleets, servers := map[string]int{}, map[string]bool{}, map[string]bool{}, map[string]bool{}
	all := make([]tenantLine, len(estate.Tenants))
	var found []*tenantLine
	for i := range estate.Tenants {
		t := &all[i]
		*t = tenantLine{estate.Tenants[i], stateOf(&estate.Tenants[i]), known.of(estate.Tenants[i].Slug)}
		states[t.State]++
		templates[t.Template], fleets[t.Fleet], servers[serverName(t.Server)] = true, true, true
		if q.matches(t) {
			found = append(found, t)
		}
	}
	sortLines(found, q.Sort)
	p.Found, p.Pages = len(found), max(1, (len(found)+rowsPerPage-1)/rowsPerPage)
	p.Query.Page = min(q.Page, p.Pages)
	from := (p.Query.Page - 1) * rowsPerPage
	for _, t := range found[from:min(from+rowsPerPage, len(found))] {
		p.Lines = append(p.Lines, *t)
	}
	p.From, p.To = min(from+1, len(found)), from+len(p.Lines)
	for value, count := range states {
		p.States = append(p.States, choice{value, count})
	}
	slices.SortFunc(p.States, func(a, b choice) int { return strings.Compare(a.Value, b.Value) })
	p.Templates, p.Fleets, p.Servers = names(templates), names(fleets), names(servers)
	p.Classes, p.MoreKinds = classesOf(estate)
	return p
}

// mainServer is what the page calls the server without a key.
const mainServer = "main"

func serverName(key string) string { return cmp.Or(key, mainServer) }

func names(set map[string]bool) []string {
	var out []string
	for name := range set {
		if name != "" {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

func (q estateQuery) matches(t *tenantLine) bool {
	if q.Template != "" && t.Template != q.Template || q.Status != "" && string(t.Status) != q.Status || q.State != "" && t.State != q.State || q.Health != "" && (t.Health == nil || string(t.Health.Level) != q.Health) ||
		q.Fleet != "" && t.Fleet != q.Fleet || q.Server != "" && serverName(t.Server) != q.Server || q.Class != "" && t.Class() != q.Class {
		return false
	}
	if q.Search == "" {
		return true
	}
	needle := strings.ToLower(q.Search)
	if strings.Contains(t.Slug, needle) || strings.Contains(strings.ToLower(t.Name), needle) || strings.Contains(strings.ToLower(t.DatabaseName), needle) {
		return true
	}
	for key, value := range t.Metadata {
		if strings.Contains(strings.ToLower(key+"="+value), needle) {
			return true
		}
	}
	return false
}

// sortLines sorts by a column; a `-` before it turns the order. Lines that are
// equal in it stay by slug.
func sortLines(lines []*tenantLine, by string) {
	column, descending := strings.CutPrefix(by, "-")
	compare := map[string]func(a, b *tenantLine) int{
		"name":      func(a, b *tenantLine) int { return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)) },
		"template":  func(a, b *tenantLine) int { return strings.Compare(a.Template, b.Template) },
		"state":     func(a, b *tenantLine) int { return strings.Compare(a.State, b.State) },
		"status":    func(a, b *tenantLine) int { return strings.Compare(string(a.Status), string(b.Status)) },
		"server":    func(a, b *tenantLine) int { return strings.Compare(a.Server, b.Server) },
		"migration": func(a, b *tenantLine) int { return a.Migrated().Compare(b.Migrated()) },
		"health":    func(a, b *tenantLine) int { return a.score() - b.score() },
		"size":      func(a, b *tenantLine) int { return cmp.Compare(a.Bytes(), b.Bytes()) },
		"slug":      func(a, b *tenantLine) int { return strings.Compare(a.Slug, b.Slug) },
	}[column]
	if compare == nil {
		return // by slug, as they come
	}
	slices.SortStableFunc(lines, func(a, b *tenantLine) int {
		if descending {
			return compare(b, a)
		}
		return compare(a, b)
	})
}

// classesOf counts the tenants of each schema, the largest class first, and says
// how many classes are left out.
func classesOf(estate *overview.Estate) ([]class, int) {
	counts := map[string]*class{}
	tones := map[string]int{}
	for i := range estate.Tenants {
		t := &estate.Tenants[i]
		if t.Template == "" || t.DatabaseMissing {
			continue
		}
		c := counts[t.Class()]
		if c == nil {
			c = &class{Key: t.Class(), Template: t.Template, Fingerprint: t.SchemaFingerprint}
			counts[c.Key] = c
			tones[t.Template] = 0
		}
		c.Count++
	}
	for i, name := range slices.Sorted(maps.Keys(tones)) {
		tones[name] = i % toneCount
	}
	var list []class
	for _, c := range counts {
		c.Tone = tones[c.Template]
		list = append(list, *c)
	}
	slices.SortFunc(list, func(a, b class) int { return cmp.Or(b.Count-a.Count, strings.Compare(a.Key, b.Key)) })
	for i := range list {
		list[i].Share = max(1, 100*list[i].Count/list[0].Count)
	}
	if len(list) > shownClasses {
		return list[:shownClasses], len(list) - shownClasses
	}
	return list, 0
}

// toneCount is how many colors the style has for versions.
const toneCount = 6
