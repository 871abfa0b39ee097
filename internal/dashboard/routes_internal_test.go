package dashboard

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/health"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/overview"
)

// pathOf returns an address that a pattern takes, and its method.
func pathOf(pattern string) (method, path string) {
	method, path, _ = strings.Cut(pattern, " ")
	return method, strings.NewReplacer("{$}", "", "{slug}", "shop-001", "{part}", "drift", "{id}", "shop@1.0.0", "{wish}", "pause", "{group}", "x").Replace(path)
}

// TestRoutes_refused asks for every address behind the entrance as somebody who must
// not have it. The engine is asked for nothing.
func TestRoutes_refused(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	s, err := New(Options{Listen: "127.0.0.1:0", Now: func() time.Time { return now }}, func() Engine {
		t.Error("the engine was asked")
		return nil
	}, &Progress{})
	if err != nil {
		t.Fatal(err)
	}
	csrfOf := func(id string) string { return s.sessions.open[id].csrf }
	viewer, approver, operator := s.sessions.begin("vera", Viewer), s.sessions.begin("anna", Approver), s.sessions.begin("olaf", Operator)
	sessionOf := map[Role]string{Viewer: viewer, Approver: approver, Operator: operator}
	ask := func(x route, cookie string, form url.Values, change func(*http.Request)) (int, string) {
		method, path := pathOf(x.pattern)
		r := httptest.NewRequestWithContext(t.Context(), method, "http://127.0.0.1"+path, strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if cookie != "" {
			r.AddCookie(&http.Cookie{Name: sessionCookie, Value: cookie})
		}
		if change != nil {
			change(r)
		}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code == http.StatusSeeOther {
			return w.Code, w.Header().Get("Location")
		}
		return w.Code, w.Body.String()
	}
	full := func(cookie string) url.Values {
		return url.Values{"csrf": {csrfOf(cookie)}, "note": {"x"}, "reason": {"x"}, "name": {"x"}, "digest": {"x"}, "group": {"x"}, "fleet": {"x"}, "checkpoint": {"x"}}
	}
	posts := 0
	for _, x := range s.inner() {
		method, _ := pathOf(x.pattern)
		write := method == http.MethodPost
		for name, cookie := range map[string]string{"nobody": "", "another run": strings.Repeat("A", len(viewer))} {
			status, text := ask(x, cookie, full(operator), nil)
			if write && status != http.StatusUnauthorized || !write && (status != http.StatusSeeOther || text != "/login") {
				t.Errorf("%s, %s: %d %s", x.pattern, name, status, text)
			}
			if status, _ := ask(x, cookie, full(operator), func(r *http.Request) { r.Header.Set("Hx-Request", "true") }); status != http.StatusUnauthorized {
				t.Errorf("%s, %s, by a script of the page: %d", x.pattern, name, status)
			}
		}
		for role := Viewer; role < x.need; role++ {
			if status, text := ask(x, sessionOf[role], full(sessionOf[role]), nil); status != http.StatusForbidden || !strings.Contains(text, "This needs the role "+x.need.String()) {
				t.Errorf("%s as %s: %d %s", x.pattern, role, status, text)
			}
		}
		for name, change := range map[string]func(*http.Request){
			"another name of the host": func(r *http.Request) { r.Host = "evil.example" },
			"from another site":        func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") },
			"of another origin":        func(r *http.Request) { r.Header.Set("Origin", "https://evil.example") },
		} {
			if !write && !strings.HasPrefix(name, "another") {
				continue // a page may be linked to
			}
			if status, text := ask(x, operator, full(operator), change); status != http.StatusForbidden && status != http.StatusMisdirectedRequest {
				t.Errorf("%s, %s: %d %s", x.pattern, name, status, text)
			}
		}
		if !write {
			continue
		}
		posts++
		for name, token := range map[string]string{"none": "", "of another session": csrfOf(viewer), "a guess": "guess"} {
			form := full(operator)
			form.Set("csrf", token)
			if status, text := ask(x, operator, form, nil); status != http.StatusForbidden || !strings.Contains(text, "The form is not from this session.") {
				t.Errorf("%s, token %s: %d %s", x.pattern, name, status, text)
			}
		}
		large := full(operator)
		large.Set("note", strings.Repeat("x", maxForm))
		if status, text := ask(x, operator, large, nil); status != http.StatusBadRequest {
			t.Errorf("%s, a form that is too large: %d %s", x.pattern, status, text)
		}
		if x.pattern == "POST /logout" {
			continue
		}
		for name, reason := range map[string]string{"none": "", "blank": " \t"} {
			form := full(operator)
			form.Set("note", reason)
			form.Set("reason", reason)
			if status, text := ask(x, operator, form, nil); status != http.StatusUnprocessableEntity && status != http.StatusConflict || !strings.Contains(text, "Say why") {
				t.Errorf("%s, reason %s: %d %s", x.pattern, name, status, text)
			}
		}
	}
	if posts < 6 {
		t.Errorf("%d addresses take forms: the test does not look at what it should", posts)
	}
	form := full(operator)
	now = now.Add(sessionIdle + time.Second)
	for _, x := range s.inner() {
		if status, text := ask(x, operator, form, nil); status != http.StatusUnauthorized && (status != http.StatusSeeOther || text != "/login") {
			t.Errorf("%s after the session: %d %s", x.pattern, status, text)
		}
	}
}

// TestSessions_life ends a session that is used all the time.
func TestSessions_life(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	s := newSessions(func() time.Time { return now })
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
	r.AddCookie(&http.Cookie{Name: sessionCookie, Value: s.begin("olaf", Operator)})
	used := time.Duration(0)
	for ; s.of(r) != nil && used < 2*sessionLife; used += sessionIdle / 2 {
		now = now.Add(sessionIdle / 2)
	}
	if used != sessionLife+sessionIdle/2 && used != sessionLife {
		t.Errorf("a session that is used all the time lives for %s, not %s", used, sessionLife)
	}
}

// TestSessions_byItself ends a session that the page alone uses.
func TestSessions_byItself(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	s := newSessions(func() time.Time { return now })
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
	r.AddCookie(&http.Cookie{Name: sessionCookie, Value: s.begin("olaf", Operator)})
	r.Header.Set("Landlord-By-Itself", "yes")
	used := time.Duration(0)
	for ; s.of(r) != nil && used < 2*sessionIdle; used += sessionIdle / 4 {
		now = now.Add(sessionIdle / 4)
	}
	if used != sessionIdle+sessionIdle/4 {
		t.Errorf("a session that nobody uses lives for %s", used)
	}
}

// TestEstate_waits loads the list again until the health was read once, well or not.
func TestEstate_waits(t *testing.T) {
	t.Parallel()
	read := make(chan error)
	s, err := New(Options{Listen: "127.0.0.1:0"}, func() Engine { return nil }, &Progress{})
	if err != nil {
		t.Fatal(err)
	}
	s.estate.read = func(context.Context) (*overview.Estate, error) { return estateOf(3, nil), nil }
	s.health.read = func(context.Context) (*healthIndex, error) { return nil, <-read }
	again := `hx-trigger="load delay:3s" hx-headers="{&quot;Landlord-By-Itself&quot;: &quot;yes&quot;}"`
	list := func() string {
		w := httptest.NewRecorder()
		s.estatePage(w, httptest.NewRequestWithContext(context.WithValue(t.Context(), visitorKey{}, &session{name: "olaf"}), http.MethodGet, "/", nil))
		return w.Body.String()
	}
	if page := list(); !strings.Contains(page, again) {
		t.Errorf("the list is not loaded again while nothing is known:\n%s", page)
	}
	ended := s.health.begin(t.Context())
	read <- errors.New("denied")
	<-ended
	if page := list(); strings.Contains(page, again) || !strings.Contains(page, "t0002") {
		t.Errorf("the list is loaded again without end:\n%s", page)
	}
}

// bad are texts that would be more than texts in a page that does not write them
// with care, in each place where a text may stand.
func bad() []string {
	return []string{`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `' onmouseover='alert(1)`, `javascript:alert(1)`, "</title></style></textarea><svg onload=alert(1)>", "`${alert(1)}`", `{{.CSRF}}`, "-->", "]]>", "\x00", "\u202e"}
}

// filled returns a value of a type in which every text is the given one, every list
// and map has something, and nothing is missing.
func filled(of reflect.Type, text string, depth int) reflect.Value {
	v := reflect.New(of).Elem()
	if depth == 0 {
		return v
	}
	switch of.Kind() {
	case reflect.String:
		v.SetString(text)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(3)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(3)
	case reflect.Float32, reflect.Float64:
		v.SetFloat(3)
	case reflect.Pointer:
		v.Set(filled(of.Elem(), text, depth-1).Addr())
	case reflect.Slice:
		v.Set(reflect.Append(v, filled(of.Elem(), text, depth-1), filled(of.Elem(), text, depth-1)))
	case reflect.Map:
		v.Set(reflect.MakeMap(of))
		v.SetMapIndex(filled(of.Key(), text, depth-1), filled(of.Elem(), text, depth-1))
	case reflect.Struct:
		if of == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)))
			return v
		}
		for i := range of.NumField() {
			if of.Field(i).IsExported() {
				v.Field(i).Set(filled(of.Field(i).Type, text, depth-1))
			}
		}
	}
	return v
}

// tagOf and nameOf find the marks of a page: the names of elements and attributes.
var (
	tagOf       = regexp.MustCompile(`<(/?[a-zA-Z!][^\s>]*)([^>"']*(?:"[^"]*"[^>"']*)*)>`)
	attributeOf = regexp.MustCompile(`([^\s=>"]+)(?:="[^"]*")?`)
	linkOf      = regexp.MustCompile(`(?i)(?:href|action|formaction|src|hx-get)="\s*(?:javascript|data|vbscript):`)
)

// marksOf returns the marks of a page in their order, but for those that a sentence has
// around the names between its backquotes, see prose.
func marksOf(page string) []string {
	var out []string
	for _, tag := range tagOf.FindAllStringSubmatch(page, -1) {
		if tag[0] == "<code>" || tag[0] == "</code>" {
			continue
		}
		out = append(out, tag[1])
		for _, attribute := range attributeOf.FindAllStringSubmatch(tag[2], -1) {
			out = append(out, "  "+attribute[1])
		}
	}
	return out
}

// TestPages_hostile makes each page with a hostile text in the place of every text
// that it may show. Its elements and attributes are those of a harmless one.
func TestPages_hostile(t *testing.T) {
	t.Parallel()
	s, err := New(Options{Listen: "127.0.0.1:0"}, func() Engine { return nil }, &Progress{})
	if err != nil {
		t.Fatal(err)
	}
	data := map[string][]any{
		"login": {loginPage{}}, "message": {messagePage{}}, "estate": {estatePage{}}, "templates": {templatesPage{}}, "template": {templatePage{}}, "migrations": {migrationsPage{}}, "findings": {findingsPage{}},
		"rollouts": {rolloutsPage{}}, "backups": {backupsPage{}}, "jobs": {jobsPage{}}, "tenant": {tenantPage{}},
	}
	for _, name := range pageNames() {
		if len(data[name]) == 0 {
			t.Errorf("nothing is known of the page %s", name)
		}
		for _, of := range data[name] {
			parts := []string{""}
			if name == "tenant" {
				parts = tenantParts()
			}
			for _, part := range parts {
				page := func(text string) string {
					value := filled(reflect.TypeOf(of), text, 9).Interface()
					switch p := value.(type) {
					case tenantPage:
						p.Part, p.Parts = part, tenantParts()
						value = p
					case rolloutsPage:
						for i := range p.Rollouts { // every button
							p.Rollouts[i].Status, p.Rollouts[i].Wish = statusRunning, []landlord.RolloutWish{landlord.WishNone, landlord.WishPause}[i%2]
						}
					case estatePage:
						for i := range p.Lines {
							p.Lines[i].Health.Level = health.Healthy
						}
					}
					w := httptest.NewRecorder()
					s.renderFrame(w, http.StatusOK, name, frame{Title: text, Section: "estate", Visitor: text, Role: text, CSRF: text, Stale: text, Now: time.Now(), May: may{true, true}, Data: value})
					if w.Code != http.StatusOK {
						t.Fatalf("%s %s: %d %s", name, part, w.Code, w.Body)
					}
					return w.Body.String()
				}
				want := marksOf(page("harmless"))
				if len(want) < 20 || name != "login" && !strings.Contains(page("harmless"), "harmless") {
					t.Errorf("%s %s shows nothing", name, part)
				}
				for _, text := range bad() {
					got := page(text)
					if diff := cmp.Diff(want, marksOf(got)); diff != "" {
						t.Errorf("%s %s: %q is more than a text (-harmless +hostile):\n%s", name, part, text, diff)
					}
					if link := linkOf.FindString(got); link != "" || strings.Contains(got, "\x00") {
						t.Errorf("%s %s: %q becomes %q", name, part, text, link)
					}
				}
			}
		}
	}
	if !slices.Contains(pageNames(), "rollouts") {
		t.Error("the page of rollouts is gone")
	}
}
