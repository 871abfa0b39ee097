package command

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
	"unicode"

	"github.com/landlord-db/terraform-provider-landlord/internal/engine"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
)

// StatusHalted is what `watch` ends with when the rollout was halted or rolled
// back.
const StatusHalted = 2

// barWidth is how many characters the bar of a terminal has.
const barWidth = 30

// watchFlags are the flags of `watch`.
type watchFlags struct {
	once     bool
	interval time.Duration
	wishes   map[landlord.RolloutWish]*bool // and `resume` for WishNone
}

// watchCommand shows how far a rollout has come, and asks something of it.
func watchCommand() Command {
	o := watchFlags{wishes: map[landlord.RolloutWish]*bool{}}
	return Command{
		Name: "watch", Synopsis: "[flags] [fleet]", Summary: "Shows how far a rollout of a fleet has come, and pauses or ends it",
		Flags: func(flags *flag.FlagSet) {
			flags.BoolVar(&o.once, "once", false, "print how far it is and end")
			flags.DurationVar(&o.interval, "interval", 2*time.Second, "how often the landlord database is asked")
			o.wishes[landlord.WishPause] = flags.Bool("pause", false, "let the apply that runs begin no further tenant, until --resume")
			o.wishes[landlord.WishNone] = flags.Bool("resume", false, "take back what was asked")
			o.wishes[landlord.WishAbort] = flags.Bool("abort", false, "let the apply that runs begin no further tenant and end with an error")
			o.wishes[landlord.WishRollback] = flags.Bool("rollback", false, "let the apply that runs take its tenants back to what they had and end with an error")
		},
		Run: func(ctx context.Context, p *Process, arguments []string) (int, error) {
			if len(arguments) > 1 {
				return StatusFailed, errors.New("watch takes the name of one fleet, or none for the newest rollout")
			}
			cfg, err := p.Config()
			if err != nil {
				return StatusFailed, err
			}
			e, err := engine.New(cfg)
			if err != nil {
				return StatusFailed, err //nolint:wrapcheck // it is in the words of the interface
			}
			defer func() { _ = e.Close() }() // the process ends
			fleet := strings.Join(arguments, "")
			if wish, asked, err := o.wish(); err != nil {
				return StatusFailed, err
			} else if asked {
				return ask(ctx, p, e, fleet, wish)
			}
			return o.watch(ctx, p.Out, e, fleet)
		},
	}
}

// wish returns what the flags ask for.
func (o *watchFlags) wish() (wish landlord.RolloutWish, asked bool, err error) {
	for w, set := range o.wishes {
		if !*set {
			continue
		}
		if asked {
			return "", false, errors.New("choose one of --pause, --resume, --abort and --rollback")
		}
		wish, asked = w, true
	}
	return wish, asked, nil
}

// ask asks something of a rollout.
func ask(ctx context.Context, p *Process, e *engine.Engine, fleet string, wish landlord.RolloutWish) (int, error) {
	fleet, err := e.AskRollout(ctx, fleet, wish, "", "")
	if err != nil {
		return StatusFailed, err //nolint:wrapcheck // it is in the words of the interface
	}
	said := map[landlord.RolloutWish]string{
		landlord.WishNone: "nothing is asked of it any more", landlord.WishPause: "the apply pauses before its next group of tenants",
		landlord.WishAbort: "the apply ends before its next tenant", landlord.WishRollback: "the apply takes its tenants back",
	}[wish]
	_, err = fmt.Fprintf(p.Out, "Rollout of fleet %s: %s.\n", fleet, said)
	return StatusDone, err
}

// watch shows a rollout until it ends.
func (o *watchFlags) watch(ctx context.Context, out io.Writer, e *engine.Engine, fleet string) (int, error) {
	terminal := isTerminal(out)
	var before string
	var from *landlord.RolloutProgress // as it was first seen
	for {
		p, err := e.Watch(ctx, fleet)
		if err != nil {
			return StatusFailed, err //nolint:wrapcheck // it is in the words of the interface
		}
		if from == nil || from.Fleet != p.Fleet || !from.StartedAt.Equal(p.StartedAt) {
			from = p
		}
		fleet = p.Fleet
		text := ProgressLine(p, from)
		ends := o.once || !p.Runs()
		switch {
		case terminal && !ends:
			_, err = fmt.Fprintf(out, "\r\x1b[2K%s %s", ProgressBar(p), text)
		case terminal:
			_, err = fmt.Fprintf(out, "\r\x1b[2K%s %s\n", ProgressBar(p), text)
		case text != before:
			_, err = fmt.Fprintln(out, text)
		}
		before = text
		if err != nil || ends {
			for _, f := range p.Failures {
				_, _ = fmt.Fprintf(out, "  %s: %s\n", f.Slug, oneLine(f.Reason))
			}
			return watched(p), err
		}
		select {
		case <-time.After(o.interval):
		case <-ctx.Done():
			return StatusDone, nil
		}
	}
}

// watched is the exit status of a rollout.
func watched(p *landlord.RolloutProgress) int {
	switch p.Status {
	case "halted", "rolling_back", "rolled_back":
		return StatusHalted
	}
	return StatusDone
}

// ProgressLine tells on one line how far a rollout has come: its waves, how many
// tenants a minute since it was first seen, and the time that is left at that rate.
func ProgressLine(p, from *landlord.RolloutProgress) string {
	all, ended := p.Count()
	text := fmt.Sprintf("fleet %s to %s: %s", p.Fleet, p.Template, p.Standing())
	_, before := from.Count()
	since, done := p.Asked.Sub(from.Asked), ended-before
	if done == 0 {
		since, done = p.Asked.Sub(p.StartedAt), ended
	}
	if p.Status == "running" && done > 0 && since > 0 {
		each := since / time.Duration(done)
		text += fmt.Sprintf(", %.1f a minute, %s left", float64(time.Minute)/float64(each), (each * time.Duration(all-ended)).Round(time.Second))
	}
	if p.Wish != landlord.WishNone {
		text += fmt.Sprintf(", %s asked for %s", p.WishAuthor, p.Wish)
	}
	return text
}

// ProgressBar draws how far a rollout has come.
func ProgressBar(p *landlord.RolloutProgress) string {
	all, ended := p.Count()
	full := 0
	if all > 0 {
		full = barWidth * ended / all
	}
	return "[" + strings.Repeat("#", full) + strings.Repeat(".", barWidth-full) + "]"
}

// oneLine writes a text for a terminal: what is no character to be seen is left out.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return -1
	}, strings.Join(strings.Fields(text), " "))
}

// isTerminal says whether what is written is seen by a person at once.
func isTerminal(out io.Writer) bool {
	file, ok := out.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
