package notify

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/drift"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/health"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/template"
)

// mostNames is how many tenants a text names.
const mostNames = 10

// recently is how far back rollouts are told of: an address that is new does not
// hear of all there ever were.
const recently = 7 * 24 * time.Hour

// ContactKey is the metadata of a tenant that says who is told of its updates.
const ContactKey = "contact"

// fact is something to tell: of one template, rollout or kind, with all tenants
// that it is about.
type fact struct {
	event   landlord.NotificationEvent
	subject string   // template version, fleet …
	slugs   []string // sorted
	mark    string   // what else makes it another fact
	day     string   // on which each tenant is told of once; empty: all of them are told of once
	title   string   // without the tenants
}

// message is what is kept in the outbox and sent in the form `generic`.
type message struct {
	Event   landlord.NotificationEvent `json:"event"`
	Subject string                     `json:"subject"`
	Tenants []string                   `json:"tenants"` // the first ten
	Count   int                        `json:"count"`   // of tenants
	Title   string                     `json:"title"`
	Contact string                     `json:"contact,omitempty"`
	Told    *told                      `json:"told,omitempty"` // is kept and not sent
}

// told is what a message about a day has told: of all tenants, and not the first
// ten alone.
type told struct {
	Day     string   `json:"day"`
	Tenants []string `json:"tenants"`
}

// facts finds what there is to tell. Looking at the schemas of all tenants costs
// a few statements a server.
func (n *Notifier) facts(ctx context.Context, look bool) ([]fact, []*registry.TenantRow, error) {
	main := n.Servers.Main()
	tenants, err := n.Registry.ReadTenants(ctx, main)
	if err != nil {
		return nil, nil, registry.Unreachable(main, "reading the landlord database", err)
	}
	var all []fact
	for _, find := range []func(context.Context, []*registry.TenantRow) ([]fact, error){n.updates, n.standings, n.rollouts, n.asked, n.checkpoints} {
		found, err := find(ctx, tenants)
		if err != nil {
			return nil, nil, registry.Unreachable(main, "reading the landlord database", err)
		}
		all = append(all, found...)
	}
	if look {
		for _, find := range []func(context.Context) ([]fact, error){n.drifts, n.unhealthy} {
			found, err := find(ctx)
			if err != nil {
				return nil, nil, err
			}
			all = append(all, found...)
		}
	}
	return all, tenants, nil
}

// updates are templates with a newer version than tenants follow.
func (n *Notifier) updates(ctx context.Context, tenants []*registry.TenantRow) ([]fact, error) {
	published, err := n.Registry.ReadTemplates(ctx, n.Servers.Main())
	if err != nil {
		return nil, err
	}
	newest := map[string]string{}
	for id := range published {
		if newest[id.Name] == "" || template.CompareVersions(id.Version, newest[id.Name]) > 0 {
			newest[id.Name] = id.Version
		}
	}
	return grouped(tenants, func(t *registry.TenantRow) (fact, bool) {
		version := newest[t.Template]
		behind := version != "" && t.Applied != "" && template.CompareVersions(version, t.Applied) > 0
		return fact{event: landlord.NotifyUpdate, subject: t.Template + "@" + version, title: "has a newer version than tenants follow"}, behind
	}), nil
}

// standings are tenants that wait for a decision or an approval.
func (n *Notifier) standings(ctx context.Context, tenants []*registry.TenantRow) ([]fact, error) {
	standing, err := n.Registry.ReadStandings(ctx, n.Servers.Main())
	if err != nil {
		return nil, err
	}
	return grouped(tenants, func(t *registry.TenantRow) (fact, bool) {
		s := standing[t.ID]
		switch s.Status {
		case landlord.UpdatePendingApproval:
			return fact{event: landlord.NotifyApproval, subject: s.Wanted, title: "waits for an approval"}, true
		case landlord.UpdateConflict:
			return fact{event: landlord.NotifyConflict, subject: s.Wanted, title: "meets what tenants have of their own"}, true
		}
		return fact{}, false
	}), nil
}

// rollouts are those that ended a short time ago.
func (n *Notifier) rollouts(ctx context.Context, _ []*registry.TenantRow) ([]fact, error) {
	ended, err := n.Registry.EndedRollouts(ctx, n.Servers.Main(), recently)
	if err != nil {
		return nil, err
	}
	var out []fact
	for _, o := range ended {
		f := fact{event: landlord.NotifyFailed, subject: o.Fleet, mark: fmt.Sprintf("%d %s %s", o.ID, o.Status, o.FinishedAt.Format(time.RFC3339Nano))}
		switch o.Status {
		case registry.RolloutDone:
			f.event, f.title = landlord.NotifyRollout, "has finished its rollout to "+o.Template
		case registry.RolloutHalted:
			f.title = "has halted its rollout to " + o.Template
		case registry.RolloutRollingBack:
			f.title = "could not take all tenants of its rollout to " + o.Template + " back"
		case registry.RolloutRolledBack:
			f.title = "has rolled back its rollout to " + o.Template
		default:
			continue
		}
		if o.Status != registry.RolloutDone {
			tenants, err := n.Registry.ReadRolloutTenants(ctx, n.Servers.Main(), o.ID)
			if err != nil {
				return nil, err
			}
			for _, t := range tenants {
				if t.Status == registry.RolloutFailed {
					f.slugs = append(f.slugs, t.Slug)
				}
			}
		}
		out = append(out, f)
	}
	return out, nil
}

// asked is what somebody asked of rollouts a short time ago.
func (n *Notifier) asked(ctx context.Context, _ []*registry.TenantRow) ([]fact, error) {
	asks, err := n.Registry.RolloutAsks(ctx, n.Servers.Main(), recently)
	if err != nil {
		return nil, err
	}
	var out []fact
	for _, a := range asks {
		what := map[landlord.RolloutWish]string{landlord.WishPause: "to pause", landlord.WishAbort: "to end", landlord.WishRollback: "to take back"}[a.Wish]
		out = append(out, fact{event: landlord.NotifyAsked, subject: a.Fleet, mark: fmt.Sprintf("%d %s", a.Rollout, a.At.Format(time.RFC3339Nano)),
			title: fmt.Sprintf("was asked by %s %s its rollout to %s", a.Author, cmp.Or(what, "to go on with"), a.Template)})
	}
	return out, nil
}

// checkpoints are tenants without a checkpoint of their data that is new enough.
func (n *Notifier) checkpoints(ctx context.Context, tenants []*registry.TenantRow) ([]fact, error) {
	if n.Config.BackupObjective <= 0 {
		return nil, nil
	}
	rows, err := n.Registry.ReadCheckpoints(ctx, n.Servers.Main())
	if err != nil {
		return nil, err
	}
	now, err := registry.ServerTime(ctx, n.Servers.Main())
	if err != nil {
		return nil, err
	}
	newest := map[string]time.Time{}
	for _, c := range rows {
		if c.Contents == landlord.CheckpointData && c.Status == landlord.CheckpointReady && !c.Expired && c.CreatedAt.After(newest[c.Slug]) {
			newest[c.Slug] = c.CreatedAt
		}
	}
	return grouped(tenants, func(t *registry.TenantRow) (fact, bool) {
		old := t.Status == landlord.StatusActive && now.Sub(newest[t.Slug]) > n.Config.BackupObjective && now.Sub(t.CreatedAt) > n.Config.BackupObjective
		return fact{
			event: landlord.NotifyCheckpoint, subject: "backups", title: fmt.Sprintf("are older than %s, or missing", n.Config.BackupObjective), mark: newest[t.Slug].UTC().Format(time.RFC3339),
		}, old
	}), nil
}

// drifts are tenants whose schema somebody changed.
func (n *Notifier) drifts(ctx context.Context) ([]fact, error) {
	found, err := n.Drifts.FleetDrift(ctx, drift.FleetFilter{})
	if err != nil {
		return nil, err //nolint:wrapcheck // it is in the words of the interface
	}
	var out []fact
	for _, d := range found.Tenants {
		if d.State == drift.DriftFound {
			out = join(out, fact{event: landlord.NotifyDrift, subject: "schemas", slugs: []string{d.Slug}, mark: d.Slug + d.Fingerprint, title: "were changed by somebody"})
		}
	}
	return out, nil
}

// unhealthy are tenants whose health has too few points, and those that a run left
// in the middle, by what takes most of them. What stays so is told every day.
func (n *Notifier) unhealthy(ctx context.Context) ([]fact, error) {
	report, err := n.Healths.Read(ctx, health.Filter{})
	if err != nil {
		return nil, err //nolint:wrapcheck // it is in the words of the interface
	}
	day := n.Config.Now().UTC().Format(time.DateOnly)
	var out []fact
	for i := range report.Tenants {
		h := &report.Tenants[i]
		if len(h.Reasons) == 0 || h.Level != health.Unhealthy && !n.cutOff(ctx, h) {
			continue
		}
		out = join(out, fact{event: landlord.NotifyUnhealthy, subject: string(h.Reasons[0].Kind), slugs: []string{h.Slug}, day: day, title: "makes tenants unhealthy"})
	}
	return out, nil
}

// cutOff says whether a run left a tenant in the middle. One that still works on it
// has its lock. Where nobody can say, it counts as cut off.
func (n *Notifier) cutOff(ctx context.Context, h *health.Health) bool {
	if !slices.ContainsFunc(h.Reasons, func(r health.Reason) bool { return r.Kind == health.KindInterrupted }) {
		return false
	}
	srv, err := n.Servers.Server(h.Server)
	if err != nil {
		return true
	}
	locked, err := mysql.IsLocked(ctx, srv, n.Servers.TenantLock(h.DatabaseName))
	return err != nil || !locked
}

// untold leaves out of facts about a day the tenants that an address was told of
// that day for the same reason.
func (n *Notifier) untold(ctx context.Context, to string, facts []fact) ([]fact, error) {
	if !slices.ContainsFunc(facts, func(f fact) bool { return f.day != "" }) {
		return facts, nil
	}
	recent, err := n.Registry.RecentOutbox(ctx, n.Servers.Main(), string(landlord.NotifyUnhealthy))
	if err != nil {
		return nil, registry.Unreachable(n.Servers.Main(), "reading the notifications", err)
	}
	type telling struct{ subject, day, slug string }
	known := map[telling]bool{}
	for _, row := range recent {
		var m message
		if row.Notification != to || json.Unmarshal([]byte(row.Message), &m) != nil || m.Told == nil {
			continue
		}
		for _, slug := range m.Told.Tenants {
			known[telling{m.Subject, m.Told.Day, slug}] = true
		}
	}
	var out []fact
	for _, f := range facts {
		if f.day != "" {
			f.slugs = slices.DeleteFunc(slices.Clone(f.slugs), func(slug string) bool { return known[telling{f.subject, f.day, slug}] })
			if len(f.slugs) == 0 {
				continue
			}
		}
		out = append(out, f)
	}
	return out, nil
}

// grouped makes facts of tenants: one for all of which the same is to be told.
func grouped(tenants []*registry.TenantRow, of func(*registry.TenantRow) (fact, bool)) []fact {
	var out []fact
	for _, t := range tenants {
		if f, ok := of(t); ok {
			f.slugs = []string{t.Slug}
			out = join(out, f)
		}
	}
	return out
}

func join(out []fact, f fact) []fact {
	at := slices.IndexFunc(out, func(x fact) bool { return x.event == f.event && x.subject == f.subject && x.title == f.title })
	if at < 0 {
		return append(out, f)
	}
	out[at].slugs = append(out[at].slugs, f.slugs...)
	out[at].mark += " " + f.mark
	return out
}

// rows makes of facts what goes into the outbox for an address.
func rows(to *landlord.Notification, facts []fact, tenants []*registry.TenantRow) ([]registry.OutboxRow, error) {
	var out []registry.OutboxRow
	put := func(f *fact, contact string) error {
		slices.Sort(f.slugs)
		m := message{Event: f.event, Subject: f.subject, Tenants: f.slugs[:min(len(f.slugs), mostNames)], Count: len(f.slugs), Title: f.text(), Contact: contact}
		if f.day != "" {
			m.Told = &told{Day: f.day, Tenants: f.slugs}
		}
		raw, err := json.Marshal(m)
		out = append(out, registry.OutboxRow{Notification: to.Name, Key: f.key(contact), Event: string(f.event), Message: string(raw)})
		return err
	}
	contacts := map[string]string{}
	for _, t := range tenants {
		contacts[t.Slug] = t.Metadata[ContactKey]
	}
	for i := range facts {
		f := &facts[i]
		if !to.Wants(f.event) {
			continue
		}
		if !to.Contacts {
			if err := put(f, ""); err != nil {
				return nil, err
			}
			continue
		}
		for _, slug := range f.slugs { // each hears of itself alone
			if contacts[slug] == "" {
				continue
			}
			one := fact{event: f.event, subject: f.subject, title: f.title, slugs: []string{slug}}
			if err := put(&one, contacts[slug]); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// key is the same for the same fact, whoever finds it.
func (f *fact) key(contact string) string {
	sum := sha256.Sum256([]byte(strings.Join([]string{string(f.event), f.subject, f.mark + f.day, strings.Join(f.slugs, " "), contact}, "\x00")))
	return hex.EncodeToString(sum[:])
}

// text tells the fact on one line.
func (f *fact) text() string {
	text := f.subject + " " + f.title
	if len(f.slugs) == 0 {
		return text + "."
	}
	text += ": " + strings.Join(f.slugs[:min(len(f.slugs), mostNames)], ", ")
	if more := len(f.slugs) - mostNames; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text + "."
}

// names returns the names of addresses.
func names(list []landlord.Notification) []string {
	out := map[string]bool{}
	for i := range list {
		out[list[i].Name] = true
	}
	return slices.Sorted(maps.Keys(out))
}
