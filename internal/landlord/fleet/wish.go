package fleet

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// wishPause is how often an apply looks whether somebody asks something of its
// rollout.
const wishPause = time.Second

// mostFailures is how many failed tenants a progress names.
const mostFailures = 10

// obey waits while somebody has paused the rollout, and says whether no further
// tenant may be begun, because somebody asks for it. It looks once in wishPause,
// whoever asks.
func (r *rollout) obey(ctx context.Context) bool {
	for {
		switch r.look(ctx) {
		case landlord.WishPause:
			select {
			case <-time.After(wishPause):
				continue
			case <-ctx.Done():
				return true
			}
		case landlord.WishNone:
			return false
		}
		return true
	}
}

// ends says whether somebody has ended the rollout by now. A pause waits for those
// that were begun together.
func (r *rollout) ends(ctx context.Context) bool {
	wish := r.look(ctx)
	return wish == landlord.WishAbort || wish == landlord.WishRollback
}

// look returns what is asked of the rollout. That it cannot be read is no reason
// to stop, and neither is that no connection is free: whoever asks may hold one
// itself, and those that hold the others may wait for the answer.
func (r *rollout) look(ctx context.Context) landlord.RolloutWish {
	if r == nil {
		return landlord.WishNone
	}
	if wish, known := r.known(); known {
		return wish
	}
	short, cancel := context.WithTimeout(ctx, wishPause)
	defer cancel()
	wish, author, err := r.room.Registry.ReadRolloutWish(short, r.room.Servers.Main(), r.id)
	r.mu.Lock()
	defer r.mu.Unlock()
	if err != nil {
		r.room.Config.Log(ctx, "What is asked of a rollout could not be read", map[string]any{"error": err.Error()})
		return r.wish
	}
	if wish != r.wish {
		r.room.Config.Log(ctx, "Somebody asks something of the rollout", map[string]any{"wish": string(wish), "author": author})
	}
	r.wish, r.author = wish, author
	return wish
}

// known returns what was asked when it was looked last, unless it is time to look
// again: then one caller does, and the others go on.
func (r *rollout) known() (landlord.RolloutWish, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.stops() || time.Since(r.looked) < wishPause {
		return r.wish, true
	}
	r.looked = time.Now()
	return r.wish, false
}

// stops says whether the rollout is to end: that is not taken back any more.
func (r *rollout) stops() bool {
	return r.wish == landlord.WishAbort || r.wish == landlord.WishRollback
}

// stopped says whether somebody has ended the rollout.
func (r *rollout) stopped() bool {
	if r == nil {
		return false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.stops()
}

// stop ends a rollout that somebody asked to end, and returns what the apply ends
// with. What was asked is asked once: the next apply is free.
func (f *Fleets) stop(ctx context.Context, p *Plan, spec Spec, ro *rollout) error {
	if ro.wish == landlord.WishAbort {
		ended := context.WithoutCancel(ctx)
		forgotten := f.Jobs.Write(ended, f.Servers.Main(), "forgetting what was asked of a rollout", func(q mysql.Queryer) error {
			return f.Registry.ForgetRolloutWish(ended, q, ro.id)
		})
		return errors.Join(landlord.NewProblem(FieldRollout, "Rollout was aborted",
			fmt.Sprintf("Changing fleet `%s`: %s asked to abort the rollout, so no further tenant was begun; %s done.", spec.Name, ro.author, areDone(p.done())),
			"Apply again to go on with it, or set `template` back."), ro.end(ctx, registry.RolloutHalted), forgotten)
	}
	r, err := f.rollBack(ctx, spec, ro)
	if err != nil {
		return err
	}
	attempted := fmt.Sprintf("Changing fleet `%s`: %s asked to roll the rollout back: %s. What the rollout had added to them is kept aside for `retention`.", spec.Name, ro.author, isBack(r.back))
	if r.left.tenants() > 0 {
		return r.left.problem("Rollout was rolled back in part", attempted+" "+r.remains())
	}
	return landlord.NewProblem(FieldRollout, "Rollout was rolled back", attempted,
		"Set `template` back before the next apply, else the rollout begins anew.")
}

// Watch returns how far the newest rollout of a fleet has come; of all fleets, if
// the name is empty. The error is a *landlord.Problem when there is none.
func (f *Fleets) Watch(ctx context.Context, name string) (*landlord.RolloutProgress, error) {
	main := f.Servers.Main()
	last, err := f.newest(ctx, name)
	if err != nil {
		return nil, err
	}
	tenants, err := f.Registry.ReadRolloutTenants(ctx, main, last.ID)
	if err != nil {
		return nil, registry.Unreachable(main, "reading the landlord database", err)
	}
	out := &landlord.RolloutProgress{
		Fleet: last.Fleet, Template: last.Template, Status: string(last.Status), Author: last.Author, Through: last.Through, StartedAt: last.StartedAt, FinishedAt: last.FinishedAt,
	}
	if out.Wish, out.WishAuthor, err = f.Registry.ReadRolloutWish(ctx, main, last.ID); err != nil {
		return nil, registry.Unreachable(main, "reading the landlord database", err)
	}
	for _, wave := range last.Waves {
		out.Waves = append(out.Waves, landlord.WaveProgress{Name: wave})
	}
	for _, t := range tenants {
		if t.Wave >= len(out.Waves) {
			continue
		}
		w := &out.Waves[t.Wave]
		w.Total++
		switch t.Status {
		case registry.RolloutDone:
			w.Done++
		case registry.RolloutRolledBack:
			w.RolledBack++
		case registry.RolloutFailed:
			if w.Failed++; len(out.Failures) < mostFailures {
				out.Failures = append(out.Failures, landlord.RolloutFailure{Slug: t.Slug, Reason: t.Error})
			}
		}
	}
	if out.Asked, err = registry.ServerTime(ctx, main); err != nil {
		return nil, registry.Unreachable(main, "reading the landlord database", err)
	}
	return out, nil
}

// newest returns the newest rollout of a fleet, or of all.
func (f *Fleets) newest(ctx context.Context, name string) (*registry.Rollout, error) {
	main := f.Servers.Main()
	of := fmt.Sprintf("Fleet `%s` had", name)
	if name == "" {
		newest, err := f.Registry.NewestRollout(ctx, main)
		if err != nil {
			return nil, registry.Unreachable(main, "reading the landlord database", err)
		}
		name, of = newest, "The landlord database has"
	}
	last, err := f.Registry.ReadRollout(ctx, main, name)
	if err != nil {
		return nil, registry.Unreachable(main, "reading the landlord database", err)
	}
	if last == nil {
		return nil, landlord.NewProblem(landlord.FieldNone, "There is no rollout", of+" no rollout yet.",
			"A rollout begins when an apply changes tenants of a `landlord_tenant_fleet` to another template version or other modules.")
	}
	return last, nil
}

// Ask asks something of the rollout of a fleet that runs, on the way of its apply,
// and returns the name of the fleet. The author is who asks, empty for the account of
// the provider, and the note why; both are in the history of its tenants. A pause may also be asked of a rollout that
// waits: the next apply honors it. Errors are Problems.
func (f *Fleets) Ask(ctx context.Context, name string, wish landlord.RolloutWish, author, note string) (string, error) {
	last, err := f.newest(ctx, name)
	if err != nil {
		return "", err
	}
	ends := wish == landlord.WishAbort || wish == landlord.WishRollback
	if !last.Open() || ends && last.Status != registry.RolloutRunning {
		return "", landlord.NewProblem(landlord.FieldNone, "Rollout does not run",
			fmt.Sprintf("The rollout of fleet `%s` to `%s` is `%s`: no apply is there to be asked for `%s`.", last.Fleet, last.Template, last.Status, cmp.Or(wish, "resume")),
			"Set `template` of the fleet back and apply, if its tenants are to go back.")
	}
	main := f.Servers.Main()
	info, err := main.Info(ctx) // before a connection is taken: there may be one alone
	if err != nil {
		return "", registry.Unreachable(main, "asking something of a rollout", err)
	}
	author = cmp.Or(author, f.Servers.Author(info))
	ask := registry.RolloutAsk{Rollout: last.ID, Fleet: last.Fleet, Template: last.Template, Wish: cmp.Or(wish, "resume"), Note: note}
	return last.Fleet, f.Servers.Retry(ctx, func() error {
		return f.Jobs.WriteTogether(ctx, main, fmt.Sprintf("asking something of the rollout of fleet `%s`", last.Fleet), func(q mysql.Queryer) error {
			var err error
			if wish == landlord.WishNone {
				err = f.Registry.ForgetRolloutWish(ctx, q, last.ID)
			} else {
				err = f.Registry.SetRolloutWish(ctx, q, last.ID, wish, author)
			}
			if err != nil {
				return err
			}
			return f.Registry.WriteRolloutAsk(ctx, q, ask, author)
		})
	})
}
