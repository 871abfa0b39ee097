package dashboard

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"strings"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
)

//go:embed html
var html embed.FS

// pages are the templates of all pages, each with the layout around it.
type pages struct{ byName map[string]*template.Template }

// pageNames are the files of html beside the layout and the parts that all share.
func pageNames() []string {
	return []string{"login", "message", "estate", "tenant", "templates", "template", "migrations", "findings", "rollouts", "backups", "jobs"}
}

func parsePages() (*pages, error) {
	functions := template.FuncMap{
		"ago":   func(now, t time.Time) string { return ago(now, t) },
		"bytes": landlord.ByteSize, "when": whenText, "short": shortID, "join": strings.Join, "lines": strings.Fields, "percent": percent, "compare": compare,
		"duration": func(d time.Duration) string { return d.Round(time.Millisecond).String() },
		"words":    words, "prose": prose, "title": titleOf, "growth": growth,
		"inplace": inPlace, "resolution": resolutionHCL,
		"add": func(a, b int) int { return a + b },
	}
	p := &pages{byName: map[string]*template.Template{}}
	for _, name := range pageNames() {
		t, err := template.New(name).Funcs(functions).ParseFS(html, "html/layout.html", "html/parts.html", "html/"+name+".html")
		if err != nil {
			return nil, fmt.Errorf("reading the page %s: %w", name, err)
		}
		p.byName[name] = t
	}
	return p, nil
}

// frame is what the layout shows around a page.
type frame struct {
	Title   string
	Section string // of the page, to mark where one is
	Visitor string
	Role    string
	CSRF    string
	Stale   string // why what is shown is not of now
	Now     time.Time
	Refresh time.Duration
	May     may
	Data    any
}

// may says what the visitor may do, so that a page shows no button that refuses.
type may struct{ Approve, Operate bool }

func (s *Server) frame(r *http.Request, title string, data any) frame {
	f := frame{Title: title, Section: sectionOf(r.URL.Path), Now: s.options.Now(), Refresh: s.options.Refresh, Data: data}
	if x := visitor(r); x != nil {
		f.Visitor, f.Role, f.CSRF = x.name, x.role.String(), x.csrf
		f.May = may{Approve: x.role >= Approver, Operate: x.role >= Operator}
	}
	return f
}

// sectionOf returns the entry of the navigation that an address belongs to.
func sectionOf(path string) string {
	section, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	if section == "" || section == "tenants" {
		return "estate"
	}
	return section
}

// render writes a page. It is made whole first: half a page says nothing of what
// went wrong.
func (s *Server) render(w http.ResponseWriter, r *http.Request, status int, name, title string, data any) {
	s.renderFrame(w, status, name, s.frame(r, title, data))
}

func (s *Server) renderFrame(w http.ResponseWriter, status int, name string, f frame) {
	var text bytes.Buffer
	if err := s.pages.byName[name].ExecuteTemplate(&text, "layout", f); err != nil {
		s.options.Log.Error("a page cannot be made", "page", name, "cause", err.Error())
		http.Error(w, "The page cannot be made; the log says why.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(text.Bytes())
}

// messagePage says one thing and where to go on.
type messagePage struct{ Text string }

// refuse says why something is not done.
func (s *Server) refuse(w http.ResponseWriter, r *http.Request, status int, text string) {
	s.render(w, r, status, "message", http.StatusText(status), messagePage{text})
}

// fail says that the engine could not do what a page needs.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	status := http.StatusBadGateway
	if errors.Is(err, landlord.ErrNotFound) {
		status = http.StatusNotFound
	}
	s.options.Log.Warn("a page cannot be read", "path", r.URL.Path, "cause", err.Error())
	s.render(w, r, status, "message", "This cannot be shown", messagePage{errorText(err)})
}

// errorText returns all that an error says to a person.
func errorText(err error) string {
	var problem *landlord.Problem
	if errors.As(err, &problem) {
		return problem.Summary + "\n\n" + problem.Text()
	}
	return err.Error()
}

// loginPage is what the page shows to who has not come in.
type loginPage struct {
	Users bool // there is a file of users
	Error string
}

// ago says how long ago a moment was, roughly.
func ago(now, t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	switch d := now.Sub(t); {
	case d < time.Minute:
		return "just now"
	case d < time.Hour:
		return landlord.Several(int(d.Minutes()), "minute") + " ago"
	case d < 48*time.Hour:
		return landlord.Several(int(d.Hours()), "hour") + " ago"
	default:
		return landlord.Several(int(d.Hours()/24), "day") + " ago"
	}
}

// whenText writes a moment in UTC, to the second.
func whenText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02 15:04:05")
}

// shortID cuts a fingerprint or digest to what a person compares.
func shortID(id string) string {
	_, hash, found := strings.Cut(id, ":")
	if !found {
		hash = id
	}
	const most = 10
	return hash[:min(len(hash), most)]
}

// percent returns a part of a whole in percent, 0 of nothing.
func percent(part, whole int) int {
	if whole == 0 {
		return 0
	}
	return 100 * part / whole
}

// words writes a name of the code as words: `waits_for` as waits for.
func words(name any) string { return strings.ReplaceAll(fmt.Sprint(name), "_", " ") }

// prose shows a sentence, with the names in it that stand between backquotes as code.
func prose(text any) template.HTML {
	parts := strings.Split(fmt.Sprint(text), "`")
	var b strings.Builder
	for i, part := range parts {
		switch escaped := template.HTMLEscapeString(part); {
		case i%2 == 0:
			b.WriteString(escaped)
		case i == len(parts)-1: // that none ends
			b.WriteString("`" + escaped)
		default:
			b.WriteString("<code>" + escaped + "</code>")
		}
	}
	return template.HTML(b.String()) //nolint:gosec // each part is escaped
}

// titleOf names a place for those who hear the page.
func titleOf(object, element string) string {
	return strings.ReplaceAll(strings.TrimSuffix(object+", "+element, ", "), "`", "")
}

// growth writes a size that may have become less.
func growth(bytes int64) string {
	if bytes < 0 {
		return "−" + landlord.ByteSize(-bytes)
	}
	return landlord.ByteSize(bytes)
}
