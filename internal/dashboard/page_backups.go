package dashboard

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/checkpointing"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/hcl"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/overview"
)

// The events that work of the page leaves with a tenant.
const (
	eventCheckpoint = "checkpoint asked for on the page"
	eventRestore    = "restore beside asked for on the page"
)

// backupLine is a tenant with its checkpoints.
type backupLine struct {
	Slug           string
	Count          int
	Newest, Oldest landlord.Checkpoint
	Bytes          int64
}

// backupsPage is what the page of backups shows.
type backupsPage struct {
	Lines   []backupLine
	Without []string // the first tenants without a data checkpoint
	Bare    int      // tenants without a data checkpoint
	Bytes   int64
	Said    string
}

func (s *Server) backupsPage(w http.ResponseWriter, r *http.Request) {
	estate, err := s.estate.current(r.Context())
	if estate == nil {
		s.fail(w, r, err)
		return
	}
	p := listBackups(estate)
	p.Said = r.URL.Query().Get("said")
	s.render(w, r, http.StatusOK, "backups", "Backups", p)
}

// listBackups lists tenants by the age of their newest data checkpoint, the
// oldest first: what is most at risk is on top.
func listBackups(estate *overview.Estate) backupsPage {
	var p backupsPage
	lines := map[string]*backupLine{}
	for _, c := range estate.Checkpoints { // the newest first
		if c.Contents != landlord.CheckpointData || c.Status != landlord.CheckpointReady {
			continue
		}
		l := lines[c.Tenant]
		if l == nil {
			l = &backupLine{Slug: c.Tenant, Newest: c}
			lines[c.Tenant] = l
		}
		l.Count, l.Oldest, l.Bytes, p.Bytes = l.Count+1, c, l.Bytes+c.SizeBytes, p.Bytes+c.SizeBytes
	}
	for i := range estate.Tenants {
		if t := &estate.Tenants[i]; t.Registered && lines[t.Slug] == nil {
			p.Bare++
			if len(p.Without) < someSlugs {
				p.Without = append(p.Without, t.Slug)
			}
		}
	}
	for _, l := range lines {
		p.Lines = append(p.Lines, *l)
	}
	slices.SortFunc(p.Lines, func(a, b backupLine) int { return a.Newest.CreatedAt.Compare(b.Newest.CreatedAt) })
	return p
}

// work is a form that asks for something to be done with one tenant.
type work struct{ slug, reason string }

func (s *Server) readWork(w http.ResponseWriter, r *http.Request) (*work, bool) {
	x := &work{slug: r.PathValue("slug"), reason: strings.TrimSpace(r.PostForm.Get("reason"))}
	if x.reason == "" {
		s.refuse(w, r, http.StatusUnprocessableEntity, noReason)
		return nil, false
	}
	estate, err := s.estate.current(r.Context())
	if estate == nil {
		s.fail(w, r, err)
		return nil, false
	}
	if !slices.ContainsFunc(estate.Tenants, func(t overview.Tenant) bool { return t.Slug == x.slug && t.Registered }) {
		s.refuse(w, r, http.StatusNotFound, "The landlord database has no tenant "+x.slug+".")
		return nil, false
	}
	return x, true
}

// start records what was asked for, begins it and shows it.
func (s *Server) start(w http.ResponseWriter, r *http.Request, x *work, what, event string, detail map[string]string, do func(context.Context, Engine) (string, error)) {
	who, run := visitor(r).name, s.run()
	detail["reason"] = x.reason
	if err := run.Record(r.Context(), []string{x.slug}, event, who, detail); err != nil {
		s.fail(w, r, err)
		return
	}
	err := s.jobs.start(r.Context(), what, x.slug, who, x.reason, func(ctx context.Context) (string, error) {
		defer s.estate.forget()
		result, err := do(ctx, run)
		if err != nil {
			s.options.Log.Warn(what+" failed", "tenant", x.slug, "by", who, "cause", err.Error())
		}
		return result, err
	})
	if err != nil {
		s.refuse(w, r, http.StatusConflict, err.Error())
		return
	}
	s.options.Log.Info(what, "tenant", x.slug, "by", who)
	s.redirect(w, r, "/jobs", "")
}

func (s *Server) takeCheckpoint(w http.ResponseWriter, r *http.Request) {
	x, ok := s.readWork(w, r)
	if !ok {
		return
	}
	name := strings.TrimSpace(r.PostForm.Get("name"))
	if name == "" {
		name = "page-" + s.options.Now().UTC().Format("20060102-150405")
	}
	if err := checkpointing.CheckCheckpointName(name); err != nil {
		s.refuse(w, r, http.StatusUnprocessableEntity, errorText(err))
		return
	}
	spec := checkpointing.Spec{Tenant: x.slug, Name: name, Contents: landlord.CheckpointData, Verify: r.PostForm.Get("verify") != ""}
	s.start(w, r, x, "Checkpoint "+name, eventCheckpoint, map[string]string{"checkpoint": name}, func(ctx context.Context, run Engine) (string, error) {
		c, err := run.TakeCheckpoint(ctx, spec)
		if err != nil {
			return "", err
		}
		return fmt.Sprintf("%s: %d rows, %s", c.ID(), c.Rows, landlord.ByteSize(c.SizeBytes)), nil
	})
}

func (s *Server) restoreBeside(w http.ResponseWriter, r *http.Request) {
	x, ok := s.readWork(w, r)
	if !ok {
		return
	}
	spec := landlord.RestoreSpec{Tenant: x.slug, Checkpoint: r.PostForm.Get("checkpoint"), Mode: landlord.RestoreSideBySide}
	if spec.Checkpoint == "" {
		s.refuse(w, r, http.StatusUnprocessableEntity, "Choose the checkpoint to restore.")
		return
	}
	if at := r.PostForm.Get("at"); at != "" {
		moment, err := time.Parse("2006-01-02T15:04:05", at)
		if err != nil {
			if moment, err = time.Parse("2006-01-02T15:04", at); err != nil {
				s.refuse(w, r, http.StatusUnprocessableEntity, "The moment is not a date and a time.")
				return
			}
		}
		spec.PointInTime = moment.UTC()
	}
	s.start(w, r, x, "Restore of "+spec.Checkpoint+" beside", eventRestore, map[string]string{"checkpoint": spec.Checkpoint}, func(ctx context.Context, run Engine) (string, error) {
		plan, err := run.PlanRestore(ctx, spec)
		if err != nil {
			return "", err
		}
		done, err := run.Restore(ctx, spec, plan.Digest)
		if err != nil {
			return "", err
		}
		return "restored into the database " + done.DatabaseName + " as " + done.ID, nil
	})
}

// inPlace returns the configuration that puts the checkpoint in the place of what
// the tenant has: the page itself does not.
func inPlace(c landlord.Checkpoint) string {
	return "resource \"landlord_tenant_restore\" " + hcl.Quote(hcl.Label(c.Tenant+"_back")) + " {\n" +
		"  tenant     = " + hcl.Quote(c.Tenant) + "\n" +
		"  checkpoint = " + hcl.Quote(c.ID()) + "\n" +
		"  mode       = \"in_place\"\n" +
		"}\n"
}

// jobsPage is what the page of the page's own work shows.
type jobsPage struct {
	Jobs []job
	Busy bool
}

func (s *Server) jobsPage(w http.ResponseWriter, r *http.Request) {
	p := jobsPage{Jobs: s.jobs.snapshot()}
	p.Busy = slices.ContainsFunc(p.Jobs, func(j job) bool { return j.Running })
	s.render(w, r, http.StatusOK, "jobs", "Work in progress", p)
}

// redirect leads to a page after something was done, with what to say there.
func (s *Server) redirect(w http.ResponseWriter, r *http.Request, to, said string) {
	if said != "" {
		to += "?said=" + url.QueryEscape(said)
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}
