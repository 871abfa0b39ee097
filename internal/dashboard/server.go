package dashboard

import (
	"context"
	"crypto/tls"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/checkpointing"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/drift"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/health"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/overview"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/restore"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/tenant"
)

//go:embed assets
var assets embed.FS

// Engine is what the page asks of an engine.
type Engine interface {
	Overview(ctx context.Context) (*overview.Estate, error)
	Rollouts(ctx context.Context) ([]overview.Rollout, error)
	AskRollout(ctx context.Context, fleet string, wish landlord.RolloutWish, author, note string) (string, error)
	Tenant(ctx context.Context, slug string) (*landlord.Tenant, error)
	TenantAccounts(ctx context.Context, slug string) ([]overview.Account, error)
	Drift(ctx context.Context, slug string, thorough bool) (*drift.TenantDrift, error)
	Snapshot(ctx context.Context, source drift.SnapshotSource) (*drift.Snapshot, error)
	Health(ctx context.Context, filter health.Filter) (*health.Report, error)
	SampleHealth(ctx context.Context, filter health.Filter, retention time.Duration) (*health.Report, error)
	HealthHistory(ctx context.Context, slug string, since time.Time) ([]health.Sample, error)
	History(ctx context.Context, slug string, opt landlord.HistoryOptions) (*landlord.History, error)
	Preview(ctx context.Context, p tenant.PreviewSpec) (*tenant.Preview, error)
	Template(ctx context.Context, id string) (*landlord.TemplateVersion, error)
	PublishedSpec(ctx context.Context, id string) (landlord.TemplateSpec, error)

	Approval(ctx context.Context, digest, tenant string) (*landlord.Approval, error)
	Approvals(ctx context.Context) ([]landlord.Approval, error)
	Decisions(ctx context.Context, limit int) ([]overview.Decision, error)
	Approve(ctx context.Context, a landlord.Approval, renew bool, told landlord.NewEvent) (*landlord.Approval, error)
	Withdraw(ctx context.Context, withdrawn []landlord.Approval, told landlord.NewEvent) (int, error)
	TakeCheckpoint(ctx context.Context, spec checkpointing.Spec) (*landlord.Checkpoint, error)
	PlanRestore(ctx context.Context, spec landlord.RestoreSpec) (*restore.Plan, error)
	Restore(ctx context.Context, spec landlord.RestoreSpec, planned string) (*restore.Restore, error)
	Record(ctx context.Context, slugs []string, event, author string, detail map[string]string) error
	Events(ctx context.Context, event string, limit int) ([]landlord.PastEvent, error)
}

// Options say how the page is served.
type Options struct {
	Listen  string               // host:port; port 0 takes a free one
	Hosts   []string             // further names that the page is served under, in lower case
	TLS     *tls.Config          // nil: HTTP
	Users   map[string]User      // nil: the one-time token alone
	Refresh time.Duration        // how old what is shown of the estate may be, 0 for 15 s
	Log     hclog.Logger         // nil: none
	Now     func() time.Time     // nil: the clock
	Ready   func(address string) // told the address with its token once; may be nil
	// Notify tells people what there is to tell; look asks all servers for drift and
	// health, too. nil: nobody is to be told.
	Notify func(ctx context.Context, look bool) error
}

// Server is the page. It is safe for concurrent use.
type Server struct {
	options  Options
	run      func() Engine
	estate   *shared[overview.Estate]
	health   *shared[healthIndex]
	sessions *sessions
	checks   chan struct{} // passwords that are compared
	jobs     *jobs
	previews *previews
	answers  *previews // of the data
	pages    *pages
	handler  http.Handler
	changed  chan struct{} // something was written: people are told soon
}

// New makes the page. The function returns an engine that has read nothing yet,
// on connections that all share. Progress is where those engines report to.
func New(options Options, run func() Engine, progress *Progress) (*Server, error) {
	if options.Refresh <= 0 {
		options.Refresh = 15 * time.Second
	}
	if options.Log == nil {
		options.Log = hclog.NewNullLogger()
	}
	if options.Now == nil {
		options.Now = time.Now
	}
	if err := checkReach(options); err != nil {
		return nil, err
	}
	pages, err := parsePages()
	if err != nil {
		return nil, err
	}
	room := make(chan struct{}, previewsAtOnce)
	s := &Server{
		options: options, run: run, pages: pages, sessions: newSessions(options.Now), checks: make(chan struct{}, checksAtOnce), jobs: newJobs(progress, options.Now),
		estate:   &shared[overview.Estate]{read: func(ctx context.Context) (*overview.Estate, error) { return run().Overview(ctx) }, every: options.Refresh, now: options.Now},
		health:   &shared[healthIndex]{read: (&healthReader{run: run, log: options.Log, now: options.Now}).read, every: max(options.Refresh, healthEvery), now: options.Now},
		changed:  make(chan struct{}, 1),
		previews: newPreviews(room, options.Now), answers: newAnswers(room, options.Now),
	}
	s.handler = s.guard(s.routes())
	return s, nil
}

// checkReach refuses a page that others can reach without saying who they are, or
// without encryption.
func checkReach(o Options) error {
	host, _, err := net.SplitHostPort(o.Listen)
	if err != nil {
		return fmt.Errorf("the address `%s` is not host:port: %w", o.Listen, err)
	}
	ip := net.ParseIP(host)
	if host == "localhost" || ip != nil && ip.IsLoopback() {
		return nil
	}
	if o.TLS == nil || len(o.Users) == 0 {
		return fmt.Errorf("the address `%s` can be reached from other machines: give a certificate (--tls-cert, --tls-key) and a file of users (--users), or listen on 127.0.0.1", o.Listen)
	}
	return nil
}

// ServeHTTP serves one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// Token makes a new one-time token, which ends the one before.
func (s *Server) Token() string { return s.sessions.issueToken() }

// endTime is how long requests have when the page ends.
const endTime = 3 * time.Second

// Serve serves the page until the context ends.
func (s *Server) Serve(ctx context.Context) error {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", s.options.Listen)
	if err != nil {
		return fmt.Errorf("listening on `%s`: %w", s.options.Listen, err)
	}
	scheme := "http"
	if s.options.TLS != nil {
		scheme, listener = "https", tls.NewListener(listener, s.options.TLS)
	}
	address := scheme + "://" + listener.Addr().String() + "/"
	if len(s.options.Users) == 0 {
		address += "login?token=" + s.Token()
	}
	if s.options.Ready != nil {
		s.options.Ready(address)
	}
	server := &http.Server{
		Handler: s, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second, WriteTimeout: 2 * time.Minute, IdleTimeout: 2 * time.Minute,
		ErrorLog: s.options.Log.StandardLogger(&hclog.StandardLoggerOptions{ForceLevel: hclog.Debug}),
	}
	telling, told := context.WithCancel(ctx)
	var others sync.WaitGroup
	others.Go(func() { s.tell(telling) })
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	select {
	case err = <-done:
	case <-ctx.Done():
		closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), endTime)
		defer cancel()
		err = server.Shutdown(closing)
	}
	told()
	others.Wait()
	s.jobs.wait(endTime)
	if err != nil && !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serving the page: %w", err)
	}
	return nil
}

// routes are all addresses of the page.
func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	static, err := fs.Sub(assets, "assets")
	if err != nil {
		panic(err) // the folder is embedded
	}
	mux.Handle("GET /assets/", http.StripPrefix("/assets/", cached(http.FileServerFS(static))))
	mux.HandleFunc("GET /login", s.login)
	mux.HandleFunc("POST /login", s.login)
	for _, x := range s.inner() {
		mux.HandleFunc(x.pattern, s.inside(x.need, x.handle))
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		s.refuse(w, r, http.StatusNotFound, "There is no such page.")
	})
	return mux
}

// route is an address behind the entrance.
type route struct {
	pattern string // as http.ServeMux has them
	need    Role
	handle  http.HandlerFunc
}

// inner are all addresses that need a session.
func (s *Server) inner() []route {
	return []route{
		{"POST /logout", Viewer, s.logout},
		{"GET /{$}", Viewer, s.estatePage},
		{"GET /tenants/{slug}", Viewer, s.tenantPage},
		{"GET /tenants/{slug}/{part}", Viewer, s.tenantPage},
		{"GET /templates", Viewer, s.templatesPage},
		{"GET /templates/{id}", Viewer, s.templatePage},
		{"GET /migrations", Viewer, s.migrationsPage},
		{"GET /migrations/{group}/findings", Viewer, s.findingsPage},
		{"POST /migrations/approve", Approver, s.approve},
		{"POST /migrations/reject", Approver, s.reject},
		{"GET /rollouts", Viewer, s.rolloutsPage},
		{"POST /rollouts/{wish}", Operator, s.askRollout},
		{"GET /backups", Viewer, s.backupsPage},
		{"POST /tenants/{slug}/checkpoint", Operator, s.takeCheckpoint},
		{"POST /tenants/{slug}/restore", Operator, s.restoreBeside},
		{"GET /jobs", Viewer, s.jobsPage},
	}
}

// cached lets a browser keep what belongs to this build of the program.
func cached(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "public, max-age=300")
		next.ServeHTTP(w, r)
	})
}
