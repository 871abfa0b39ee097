package dashboard

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
)

// Progress collects how far work has come, by tenant. It is the
// landlord.Progress of the page's engines.
type Progress struct {
	mu   sync.Mutex
	last map[string]landlord.Event
}

// Report takes an event.
func (p *Progress) Report(_ context.Context, event landlord.Event) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.last == nil {
		p.last = map[string]landlord.Event{}
	}
	p.last[event.Tenant] = event
}

func (p *Progress) of(tenant string) landlord.Event {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.last[tenant]
}

// job is work that the page began: a checkpoint or a restore beside a tenant.
type job struct {
	ID            int
	What, Tenant  string
	By, Reason    string
	Begun, Ended  time.Time
	Running       bool
	Result, Fault string
	Now           landlord.Event // how far it has come
}

// Percent is how far it has come of 100; -1 when nobody knows.
func (j job) Percent() int {
	switch {
	case j.Now.TotalRows > 0:
		return int(min(100, 100*j.Now.Rows/j.Now.TotalRows))
	case j.Now.TotalBytes > 0:
		return int(min(100, 100*j.Now.Bytes/j.Now.TotalBytes))
	case j.Now.Steps > 0:
		return 100 * j.Now.Step / j.Now.Steps
	}
	return -1
}

// keptJobs is how many jobs the page remembers.
const keptJobs = 50

// jobs runs work and remembers it. It is safe for concurrent use.
type jobs struct {
	progress *Progress
	now      func() time.Time
	all      sync.WaitGroup

	mu   sync.Mutex
	next int
	list []*job // the newest first
}

func newJobs(progress *Progress, now func() time.Time) *jobs {
	return &jobs{progress: progress, now: now}
}

// errBusy says that work of the page on the tenant has not ended.
var errBusy = errors.New("this page is at work on the tenant already; wait until it is done")

// start begins work. It does not end with the request that began it.
func (j *jobs) start(ctx context.Context, what, tenant, by, reason string, work func(context.Context) (string, error)) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if slices.ContainsFunc(j.list, func(x *job) bool { return x.Running && x.Tenant == tenant }) {
		return errBusy
	}
	j.next++
	x := &job{ID: j.next, What: what, Tenant: tenant, By: by, Reason: reason, Begun: j.now(), Running: true}
	j.list = slices.Insert(j.list, 0, x)
	if len(j.list) > keptJobs && !j.list[keptJobs].Running {
		j.list = j.list[:keptJobs]
	}
	ctx = context.WithoutCancel(ctx)
	j.all.Go(func() {
		result, err := work(ctx)
		j.mu.Lock()
		defer j.mu.Unlock()
		x.Running, x.Ended, x.Result = false, j.now(), result
		if err != nil {
			x.Fault = errorText(err)
		}
	})
	return nil
}

// snapshot returns the jobs as they are now, the newest first.
func (j *jobs) snapshot() []job {
	j.mu.Lock()
	defer j.mu.Unlock()
	out := make([]job, 0, len(j.list))
	for _, x := range j.list {
		y := *x
		if y.Running {
			y.Now = j.progress.of(y.Tenant)
		}
		out = append(out, y)
	}
	return out
}

// wait waits for jobs that run, for a while.
func (j *jobs) wait(patience time.Duration) {
	done := make(chan struct{})
	go func() { j.all.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(patience):
	}
}
