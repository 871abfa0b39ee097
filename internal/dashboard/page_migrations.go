package dashboard

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/hcl"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/merge"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/overview"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/tenant"
)

// The events that decisions of the page leave with each tenant.
const (
	eventApproved = "migration approved on the page"
	eventRejected = "migration rejected on the page"
)

// waiting is a set of tenants that wait for the same: one template version, from
// one schema, for one reason.
type waiting struct {
	Key        string
	From, To   string // name@version
	State      string // pending_approval, conflict or held
	Slugs      []string
	Preview    *tenant.Preview      // of the first of them
	Fault      string               // why there is no preview
	Approved   []*landlord.Approval // that hold now, for all of them or for one
	Rejections []rejection
}

// Some returns the first tenants, for a page with thousands.
func (x *waiting) Some() []string { return x.Slugs[:min(len(x.Slugs), someSlugs)] }

// More counts those that Some leaves out.
func (x *waiting) More() int { return max(0, len(x.Slugs)-someSlugs) }

// rejection is a decision against a migration.
type rejection struct {
	By, Note, Digest string
	At               time.Time
}

// migrationsPage is what the page of waiting migrations shows.
type migrationsPage struct {
	Waiting   []*waiting
	Left      int // classes beyond those that are shown
	Approvals []landlord.Approval
	Decisions []overview.Decision // the newest
	Said      string              // what was just done
}

// shownWaiting is how many classes one page previews, each a plan of one tenant.
const shownWaiting = 20

// shownDecisions is how many decisions on conflicts the page shows.
const shownDecisions = 50

func (s *Server) migrationsPage(w http.ResponseWriter, r *http.Request) {
	estate, err := s.estate.current(r.Context())
	if estate == nil {
		s.fail(w, r, err)
		return
	}
	p := migrationsPage{Waiting: waitingOf(estate), Said: r.URL.Query().Get("said")}
	if len(p.Waiting) > shownWaiting {
		p.Left, p.Waiting = len(p.Waiting)-shownWaiting, p.Waiting[:shownWaiting]
	}
	run := s.run()
	if p.Approvals, err = run.Approvals(r.Context()); err != nil {
		s.fail(w, r, err)
		return
	}
	if p.Decisions, err = run.Decisions(r.Context(), shownDecisions); err != nil {
		s.fail(w, r, err)
		return
	}
	rejections, err := run.Events(r.Context(), eventRejected, 1000)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.preview(r.Context(), p.Waiting)
	for _, x := range p.Waiting {
		x.decided(p.Approvals, rejections, s.options.Now())
	}
	s.render(w, r, http.StatusOK, "migrations", "Migrations", p)
}

// findingsPage is what the data of a tenant means for what it waits for.
type findingsPage struct {
	Group, Slug string
	From, To    string
	Others      int // tenants that wait for the same and were not asked
	Findings    []landlord.Finding
	At          time.Time
	Fault       string
}

// findingsPage asks the data of the first tenant of a group: a page of all groups would
// wait for each of them.
func (s *Server) findingsPage(w http.ResponseWriter, r *http.Request) {
	estate, err := s.estate.current(r.Context())
	if estate == nil {
		s.fail(w, r, err)
		return
	}
	groups := waitingOf(estate)
	at := slices.IndexFunc(groups, func(x *waiting) bool { return x.Group() == r.PathValue("group") })
	if at < 0 {
		s.refuse(w, r, http.StatusNotFound, nobodyWaits)
		return
	}
	x := groups[at]
	p := findingsPage{Group: x.Group(), Slug: x.Slugs[0], From: x.From, To: x.To, Others: len(x.Slugs) - 1}
	kept, fault := s.answers.of(r.Context(), x, s.run)
	if p.Fault, p.At = fault, kept.At; kept.Preview != nil {
		p.Findings = withoutExamples(kept.Findings)
	}
	s.render(w, r, http.StatusOK, "findings", "Findings", p)
}

// withoutExamples leaves out the keys and values of rows, which are a tenant's: more
// people see the page than plans.
func withoutExamples(findings []landlord.Finding) []landlord.Finding {
	out := slices.Clone(findings)
	for i := range out {
		out[i].Detail = landlord.WithoutValues(out[i].Detail, out[i].Example)
	}
	return out
}

// preview adds to groups what their migrations would do.
func (s *Server) preview(ctx context.Context, groups []*waiting) {
	var all sync.WaitGroup
	for _, x := range groups {
		all.Go(func() {
			kept, fault := s.previews.of(ctx, x, s.run)
			x.Preview, x.Fault = kept.Preview, fault
		})
	}
	all.Wait()
}

// alone is a group of one tenant that is to have a version.
func alone(t *overview.Tenant, to string) *waiting {
	key := strings.Join([]string{t.Server, t.Template, to, t.SchemaFingerprint, t.BaseFingerprint, string(t.UpdateStatus), strings.Join(t.Modules, ",")}, "|")
	return &waiting{Key: key, From: t.Template, To: to, State: string(t.UpdateStatus), Slugs: []string{t.Slug}}
}

// waitingOf groups the tenants that stay behind their template, the largest group
// first.
func waitingOf(estate *overview.Estate) []*waiting {
	groups := map[string]*waiting{}
	for i := range estate.Tenants {
		t := &estate.Tenants[i]
		if t.Wanted == "" || !t.UpdateStatus.Stays() {
			continue
		}
		x := alone(t, t.Wanted)
		if groups[x.Key] == nil {
			groups[x.Key] = x
			continue
		}
		groups[x.Key].Slugs = append(groups[x.Key].Slugs, t.Slug)
	}
	var out []*waiting
	for _, x := range groups {
		out = append(out, x)
	}
	slices.SortFunc(out, func(a, b *waiting) int { return cmp.Or(len(b.Slugs)-len(a.Slugs), strings.Compare(a.Key, b.Key)) })
	return out
}

// holds says whether an approval has not run out.
func holds(a *landlord.Approval, now time.Time) bool {
	return a.ExpiresAt.IsZero() || a.ExpiresAt.After(now)
}

// decided adds what people have decided on the group's migration.
func (x *waiting) decided(approvals []landlord.Approval, rejections []landlord.PastEvent, now time.Time) {
	if x.Preview == nil || x.Preview.Digest == "" {
		return
	}
	for i := range approvals {
		if a := &approvals[i]; a.Digest == x.Preview.Digest && holds(a, now) && (a.Tenant == "" || slices.Contains(x.Slugs, a.Tenant)) {
			x.Approved = append(x.Approved, a)
		}
	}
	for _, e := range rejections {
		var detail struct{ Digest, Note string }
		if json.Unmarshal([]byte(e.Detail), &detail) == nil && detail.Digest == x.Preview.Digest && !slices.ContainsFunc(x.Rejections, func(r rejection) bool { return r.At.Equal(e.At) && r.By == e.Author && r.Note == detail.Note }) && slices.Contains(x.Slugs, e.Tenant) {
			x.Rejections = append(x.Rejections, rejection{By: e.Author, Note: detail.Note, Digest: detail.Digest, At: e.At})
		}
	}
}

// resolutionHCL returns a decision on a conflict as a line of `resolutions`: what
// another tenant decided, or to keep what the tenant has.
func resolutionHCL(c merge.Conflict) string {
	if c.Proposal != "" {
		return c.Proposal
	}
	return hcl.Quote(c.Place()) + " = { decision = \"keep_tenant\" }"
}

// Group names a group in a form: its key has names that no form needs.
func (x *waiting) Group() string {
	sum := sha256.Sum256([]byte(x.Key))
	return hex.EncodeToString(sum[:])
}

// decision is what a form of the migrations page brings.
type decision struct {
	digest, note string
	slugs        []string // that wait for it
	tenant       string   // the approval is for this one alone; empty for the whole group
}

// What the page says to a form that it cannot take.
const (
	noReason       = "Say why: whoever reads this later needs the reason."
	otherNow       = "What this tenant needs is another migration than the one that was shown. Load the page again to see it."
	approvedForAll = "It is approved for all tenants with this digest: reject it for all of them."
	nobodyWaits    = "No tenant waits for this migration any more. Load the page again to see what waits now."
)

// readDecision checks a form against what really waits: a digest that nobody
// waits for cannot be decided on. The refusal is for the person; empty for none.
func (s *Server) readDecision(r *http.Request) (d *decision, refusal string) {
	d = &decision{digest: r.PostForm.Get("digest"), note: strings.TrimSpace(r.PostForm.Get("note")), tenant: r.PostForm.Get("tenant")}
	if d.note == "" {
		return nil, noReason
	}
	estate, err := s.estate.current(r.Context())
	if err != nil {
		return nil, errorText(err)
	}
	groups := waitingOf(estate)
	at := slices.IndexFunc(groups, func(x *waiting) bool { return x.Group() == r.PostForm.Get("group") })
	if at < 0 || d.tenant != "" && !slices.Contains(groups[at].Slugs, d.tenant) {
		return nil, nobodyWaits
	}
	// What was shown is of the first of the group and may be old.
	x := groups[at]
	now, err := s.run().Preview(r.Context(), tenant.PreviewSpec{Slug: cmp.Or(d.tenant, x.Slugs[0]), Template: x.To})
	if err != nil {
		return nil, errorText(err)
	}
	if now.Digest != d.digest || d.digest == "" {
		s.previews.drop(x)
		s.answers.drop(x)
		return nil, otherNow
	}
	d.slugs = []string{d.tenant}
	if d.tenant == "" {
		d.slugs = x.Slugs
		for _, other := range groups { // a decision on a digest is one on all who wait for it
			if known := s.previews.known(other); other != x && known.Preview != nil && known.Digest == d.digest {
				d.slugs = append(slices.Clone(d.slugs), other.Slugs...)
			}
		}
	}
	return d, ""
}

func (s *Server) approve(w http.ResponseWriter, r *http.Request) {
	d, refusal := s.readDecision(r)
	if refusal != "" {
		s.refuse(w, r, http.StatusConflict, refusal)
		return
	}
	a := landlord.Approval{Digest: d.digest, Tenant: d.tenant, ApprovedBy: visitor(r).name, Note: d.note}
	run := s.run()
	had, err := run.Approval(r.Context(), d.digest, d.tenant)
	if err != nil && !errors.Is(err, landlord.ErrNotFound) {
		s.fail(w, r, err)
		return
	}
	if err == nil && holds(had, s.options.Now()) { // it would become an endless one of somebody else
		s.refuse(w, r, http.StatusConflict, "It is approved already, by "+had.ApprovedBy+".")
		return
	}
	told := d.event(r, eventApproved)
	if _, err := run.Approve(r.Context(), a, err == nil, told); err != nil {
		s.fail(w, r, err)
		return
	}
	s.decided(w, r, told, "approved")
}

func (s *Server) reject(w http.ResponseWriter, r *http.Request) {
	d, refusal := s.readDecision(r)
	if refusal != "" {
		s.refuse(w, r, http.StatusConflict, refusal)
		return
	}
	run := s.run()
	all, err := run.Approvals(r.Context())
	if err != nil {
		s.fail(w, r, err)
		return
	}
	all = slices.DeleteFunc(all, func(a landlord.Approval) bool {
		return a.Digest != d.digest || !holds(&a, s.options.Now()) || d.tenant != "" && a.Tenant != "" && a.Tenant != d.tenant
	})
	if d.tenant != "" && slices.ContainsFunc(all, func(a landlord.Approval) bool { return a.Tenant == "" }) {
		s.refuse(w, r, http.StatusConflict, approvedForAll)
		return
	}
	told := d.event(r, eventRejected)
	if _, err := run.Withdraw(r.Context(), all, told); err != nil {
		s.fail(w, r, err)
		return
	}
	s.decided(w, r, told, "rejected")
}

// event is what the history of each tenant says of a decision.
func (d *decision) event(r *http.Request, event string) landlord.NewEvent {
	return landlord.NewEvent{Tenants: d.slugs, Event: event, Author: visitor(r).name, Detail: map[string]string{"digest": d.digest, "note": d.note}}
}

// decided shows the page again after a decision.
func (s *Server) decided(w http.ResponseWriter, r *http.Request, told landlord.NewEvent, said string) {
	s.options.Log.Info(told.Event, "by", told.Author, "digest", told.Detail["digest"], "tenants", len(told.Tenants))
	s.estate.forget()
	s.wrote()
	s.redirect(w, r, "/migrations", said)
}
