package command

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/engine"
)

// StatusUnsent is what `notify` ends with when notifications are left that could
// not be sent.
const StatusUnsent = 2

// notifyCommand tells people what there is to tell.
func notifyCommand() Command {
	var limit time.Duration
	var quick bool
	return Command{
		Name: "notify", Synopsis: "[flags]", Summary: "Sends notifications that are due, and finds new ones",
		Flags: func(flags *flag.FlagSet) {
			flags.DurationVar(&limit, "timeout", 2*time.Minute, "the longest that it takes")
			flags.BoolVar(&quick, "quick", false, "do not ask the servers for drift and health")
		},
		Run: func(ctx context.Context, p *Process, arguments []string) (int, error) {
			if len(arguments) > 0 {
				return StatusFailed, errors.New("notify takes no arguments")
			}
			cfg, err := p.Config()
			if err != nil {
				return StatusFailed, err
			}
			if len(cfg.Notifications) == 0 {
				return StatusFailed, errors.New("nobody is to be told: LANDLORD_NOTIFICATIONS names a JSON file with a list of objects with `name`, `url`, `secret`, `events`, `template` and `contacts`")
			}
			e, err := engine.New(cfg)
			if err != nil {
				return StatusFailed, err //nolint:wrapcheck // it is in the words of the interface
			}
			defer func() { _ = e.Close() }() // the process ends
			ctx, cancel := context.WithTimeout(ctx, limit)
			defer cancel()
			done, err := e.Notify(ctx, !quick)
			if err != nil {
				return StatusFailed, err //nolint:wrapcheck // it is in the words of the interface
			}
			text := fmt.Sprintf("%d new, %d sent, %d left", done.New, done.Sent, done.Pending)
			if done.Failure != "" {
				text += ": " + oneLine(done.Failure)
			}
			if _, err := fmt.Fprintln(p.Out, text+"."); err != nil {
				return StatusFailed, err //nolint:wrapcheck // standard output is gone
			}
			if done.Pending > 0 {
				return StatusUnsent, nil
			}
			return StatusDone, nil
		},
	}
}
