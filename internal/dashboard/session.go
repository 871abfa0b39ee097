package dashboard

import (
	"crypto/rand"
	"crypto/subtle"
	"maps"
	"net/http"
	"sync"
	"time"
)

// How long a session lasts: since it began, and since it was last used.
const (
	sessionLife = 12 * time.Hour
	sessionIdle = time.Hour
)

const sessionCookie = "landlord_session"

// askedByItself is the header of requests that the page makes again and again without
// anybody: they do not keep a session.
const askedByItself = "Landlord-By-Itself"

// session is one visitor who came in.
type session struct {
	name  string
	role  Role
	csrf  string // stands in every form
	begun time.Time
	used  time.Time
}

// sessions holds who is in. It is safe for concurrent use.
type sessions struct {
	now func() time.Time

	mu    sync.Mutex
	open  map[string]*session
	token string // lets the first who brings it in; empty when it was used or there is none
	tries map[string]*attempts
}

// attempts counts the wrong passwords of a name.
type attempts struct {
	wrong int
	until time.Time // nothing is tried before
}

func newSessions(now func() time.Time) *sessions {
	return &sessions{now: now, open: map[string]*session{}, tries: map[string]*attempts{}}
}

// issueToken makes the one-time token and returns it.
func (s *sessions) issueToken() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.token = rand.Text() + rand.Text()
	return s.token
}

// redeem uses the one-time token up.
func (s *sessions) redeem(token string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.token == "" || subtle.ConstantTimeCompare([]byte(token), []byte(s.token)) != 1 {
		return false
	}
	s.token = ""
	return true
}

// begin lets somebody in and returns the value of the cookie.
func (s *sessions) begin(name string, role Role) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sweep()
	id := rand.Text() + rand.Text()
	s.open[id] = &session{name: name, role: role, csrf: rand.Text(), begun: s.now(), used: s.now()}
	return id
}

// of returns the session of a request, nil when there is none or it has ended.
func (s *sessions) of(r *http.Request) *session {
	cookie, err := r.Cookie(sessionCookie)
	if err != nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	x := s.open[cookie.Value]
	if x == nil || s.over(x) {
		delete(s.open, cookie.Value)
		return nil
	}
	if r.Header.Get(askedByItself) == "" {
		x.used = s.now()
	}
	return x
}

// end ends the session of a request.
func (s *sessions) end(r *http.Request) {
	if cookie, err := r.Cookie(sessionCookie); err == nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.open, cookie.Value)
	}
}

func (s *sessions) over(x *session) bool {
	return s.now().Sub(x.begun) > sessionLife || s.now().Sub(x.used) > sessionIdle
}

// sweep forgets sessions that are over. The caller holds the lock.
func (s *sessions) sweep() {
	for id, x := range s.open {
		if s.over(x) {
			delete(s.open, id)
		}
	}
}

// freeTries may be wrong before a name has to wait; the wait doubles with each
// wrong one after them, up to longestWait.
const (
	freeTries   = 5
	longestWait = 5 * time.Minute
)

// mostNames bounds for how many names wrong passwords are counted.
const mostNames = 10_000

// mayTry says whether a password for the name is looked at now, and counts it as a
// wrong one until right says otherwise, so that many at once are many.
func (s *sessions) mayTry(name string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if a := s.tries[name]; a != nil && s.now().Before(a.until) {
		return false
	}
	if len(s.tries) >= mostNames { // somebody tries names
		maps.DeleteFunc(s.tries, func(_ string, a *attempts) bool { return a.wrong < freeTries })
	}
	a := s.tries[name]
	if a == nil {
		a = &attempts{}
		s.tries[name] = a
	}
	a.wrong++
	if over := a.wrong - freeTries; over >= 0 {
		a.until = s.now().Add(min(longestWait, time.Second<<min(over, 12)))
	}
	return true
}

// right forgets the wrong passwords of a name.
func (s *sessions) right(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.tries, name)
}
