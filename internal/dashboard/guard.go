package dashboard

import (
	"context"
	"crypto/subtle"
	"net"
	"net/http"
	"slices"
	"strings"
)

// policy is what a browser lets the pages do: what comes from here, and nothing
// that stands in the page itself.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; font-src 'self'; " +
	"form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// maxForm is the most that a form may bring, in bytes.
const maxForm = 64 << 10

type visitorKey struct{}

// visitor returns who asks. Behind inside there is one.
func visitor(r *http.Request) *session {
	x, _ := r.Context().Value(visitorKey{}).(*session)
	return x
}

// guard is around everything that is served.
func (s *Server) guard(next http.Handler) http.Handler {
	cross := http.NewCrossOriginProtection()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
		if r.TLS != nil {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		if !strings.HasPrefix(r.URL.Path, "/assets/") {
			h.Set("Cache-Control", "no-store")
		}
		if !s.knownHost(r.Host) {
			http.Error(w, "This page is not served under that name.", http.StatusMisdirectedRequest)
			return
		}
		if err := cross.Check(r); err != nil {
			s.refuse(w, r, http.StatusForbidden, "The request came from another site.")
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, maxForm)
		next.ServeHTTP(w, r)
	})
}

// knownHost says whether the page is served under a name: another site that
// points its name here would read the page as its own.
func (s *Server) knownHost(host string) bool {
	name := host
	if h, _, err := net.SplitHostPort(host); err == nil {
		name = h
	}
	name = strings.ToLower(strings.Trim(name, "[]"))
	if slices.Contains(s.options.Hosts, name) {
		return true
	}
	ip := net.ParseIP(name)
	return name == "localhost" || ip != nil && (ip.IsLoopback() || len(s.options.Users) > 0)
}

// inside lets those through who came in and have the role; a write also needs the
// token of the session in its form.
func (s *Server) inside(need Role, handle http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		x := s.sessions.of(r)
		if x == nil {
			s.outside(w, r)
			return
		}
		r = r.WithContext(context.WithValue(r.Context(), visitorKey{}, x))
		if x.role < need {
			s.refuse(w, r, http.StatusForbidden, "This needs the role "+need.String()+"; "+x.name+" is "+x.role.String()+".")
			return
		}
		if r.Method == http.MethodPost {
			if err := r.ParseForm(); err != nil {
				s.refuse(w, r, http.StatusBadRequest, "The form cannot be read.")
				return
			}
			if subtle.ConstantTimeCompare([]byte(r.PostForm.Get("csrf")), []byte(x.csrf)) != 1 {
				s.refuse(w, r, http.StatusForbidden, "The form is not from this session. Load the page again and repeat.")
				return
			}
		}
		handle(w, r)
	}
}

// outside answers somebody who has not come in.
func (s *Server) outside(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Hx-Request") != "" {
		w.Header().Set("Hx-Redirect", "/login")
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	if r.Method != http.MethodGet {
		s.refuse(w, r, http.StatusUnauthorized, "The session has ended. Come in again.")
		return
	}
	http.Redirect(w, r, "/login", http.StatusSeeOther)
}

// notTogether is all that a login says of what was wrong.
const notTogether = "Name and password do not belong together."

// checksAtOnce is how many passwords are compared at a time.
const checksAtOnce = 2

// login lets somebody in by the one-time token or by name and password.
func (s *Server) login(w http.ResponseWriter, r *http.Request) {
	page := loginPage{Users: len(s.options.Users) > 0}
	switch token := r.FormValue("token"); {
	case r.Method == http.MethodGet && token == "":
		s.render(w, r, http.StatusOK, "login", "Come in", page)
	case token != "":
		if !s.sessions.redeem(token) {
			page.Error = "The address was used already, or is of another run. Start the page again for a new one."
			s.render(w, r, http.StatusForbidden, "login", "Come in", page)
			return
		}
		s.enter(w, r, "local", Operator)
	default:
		name := r.PostFormValue("name")
		if !userName.MatchString(name) {
			page.Error = notTogether
			s.render(w, r, http.StatusForbidden, "login", "Come in", page)
			return
		}
		if !s.sessions.mayTry(name) {
			page.Error = "Too many wrong passwords for this name. Wait a little and try again."
			s.render(w, r, http.StatusTooManyRequests, "login", "Come in", page)
			return
		}
		s.checks <- struct{}{} // bcrypt is costly, and anybody may ask for it
		user, ok := check(s.options.Users, name, r.PostFormValue("password"))
		<-s.checks
		if !ok {
			s.options.Log.Warn("a login was refused", "name", name)
			page.Error = notTogether
			s.render(w, r, http.StatusForbidden, "login", "Come in", page)
			return
		}
		s.sessions.right(name)
		s.enter(w, r, user.Name, user.Role)
	}
}

func (s *Server) enter(w http.ResponseWriter, r *http.Request, name string, role Role) {
	s.options.Log.Info("somebody came in", "name", name, "role", role.String())
	http.SetCookie(w, &http.Cookie{ //nolint:gosec // Secure where there is TLS; without it the page is on the loopback interface
		Name: sessionCookie, Value: s.sessions.begin(name, role), Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode,
		Secure: r.TLS != nil, MaxAge: int(sessionLife.Seconds()),
	})
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

func (s *Server) logout(w http.ResponseWriter, r *http.Request) {
	s.sessions.end(r)
	http.SetCookie(w, &http.Cookie{ //nolint:gosec // as in enter
		Name: sessionCookie, Path: "/", MaxAge: -1, HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: r.TLS != nil,
	})
	http.Redirect(w, r, "/login", http.StatusSeeOther)
}
