package fleet

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/attribute"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/session"
)

var _ action.ActionWithConfigure = (*rolloutAction)(nil)

// rollouts asks something of rollouts that run.
type rollouts interface {
	AskRollout(ctx context.Context, fleet string, wish landlord.RolloutWish, author, note string) (string, error)
	Watch(ctx context.Context, fleet string) (*landlord.RolloutProgress, error)
}

// rolloutAction asks something of the apply that runs the rollout of a fleet.
type rolloutAction struct {
	session *session.Session
	engine  rollouts // nil while the session has none
}

// NewRolloutAction returns the action that asks something of a rollout.
func NewRolloutAction() action.Action { return &rolloutAction{} }

// quiet is how long an action watches a rollout in which nothing changes.
const quiet = 15 * time.Minute

// wishResume is the word for taking back what was asked.
const wishResume = "resume"

// rolloutActionModel is the configuration of the action.
type rolloutActionModel struct {
	Fleet types.String `tfsdk:"fleet"`
	Wish  types.String `tfsdk:"wish"`
}

// Metadata names the action.
func (a *rolloutAction) Metadata(_ context.Context, _ action.MetadataRequest, resp *action.MetadataResponse) {
	resp.TypeName = session.TypeName + "_control_rollout"
}

// Configure takes the session.
func (a *rolloutAction) Configure(_ context.Context, req action.ConfigureRequest, resp *action.ConfigureResponse) {
	a.session, a.engine = session.From[rollouts](req.ProviderData, &resp.Diagnostics)
}

// Schema describes the configuration.
func (a *rolloutAction) Schema(_ context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Asks something of the apply that runs the rollout of a fleet, as `terraform-provider-landlord watch` does. It is honored between two tenants, a pause between two groups of tenants that are changed together. What ends the rollout is followed, with a line for each step, until it has ended. A run of its own has to ask it, because the apply that rolls out is busy with that.",
		Attributes: map[string]schema.Attribute{
			"fleet": schema.StringAttribute{Required: true, MarkdownDescription: "Name of the fleet.", Validators: attribute.NotEmpty()},
			"wish": schema.StringAttribute{
				Required: true,
				MarkdownDescription: "`pause`: no further group of tenants is begun until `resume`; a rollout that waits for its next waves can be paused too. `abort`: no further tenant is begun, and the apply ends with an error. " +
					"`rollback`: the tenants that the rollout has changed go back to what they had, what it had added to them is set aside, and the apply ends with an error.",
				Validators: []validator.String{attribute.OneOf(landlord.WishPause, wishResume, landlord.WishAbort, landlord.WishRollback)},
			},
		},
	}
}

// Invoke asks.
func (a *rolloutAction) Invoke(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse) {
	var m rolloutActionModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() || !session.Configured(a.session, "Asking something of a rollout", &resp.Diagnostics) {
		return
	}
	wish := landlord.RolloutWish(m.Wish.ValueString())
	if wish == wishResume {
		wish = landlord.WishNone
	}
	fleet, err := a.engine.AskRollout(ctx, m.Fleet.ValueString(), wish, "", "")
	if err != nil {
		session.NewReporter(&resp.Diagnostics, nil).Problem(err, "Rollout could not be asked")
		return
	}
	said := map[landlord.RolloutWish]string{
		landlord.WishNone: "nothing is asked of it any more", landlord.WishPause: "the apply pauses before its next group of tenants",
		landlord.WishAbort: "the apply ends before its next tenant", landlord.WishRollback: "the apply takes its tenants back",
	}[wish]
	tell := func(what string) {
		resp.SendProgress(action.InvokeProgressEvent{Message: fmt.Sprintf("Rollout of fleet `%s`: %s.", fleet, what)})
	}
	tell(said)
	if wish != landlord.WishAbort && wish != landlord.WishRollback {
		return
	}
	if err := a.follow(ctx, fleet, tell); err != nil {
		session.NewReporter(&resp.Diagnostics, nil).Problem(err, "Rollout could not be watched")
	}
}

// follow tells how a rollout goes on until it has ended. An apply that was killed ends
// nothing: when nothing has changed for quiet, it says so and ends.
func (a *rolloutAction) follow(ctx context.Context, fleet string, tell func(string)) error {
	before, since := "", time.Now()
	for {
		p, err := a.engine.Watch(ctx, fleet)
		if err != nil {
			return err //nolint:wrapcheck // it is in the words of the interface
		}
		if now := p.Standing(); now != before {
			before, since = now, time.Now()
			tell(now)
		}
		switch {
		case !p.Runs():
			return nil
		case time.Since(since) > quiet:
			tell(fmt.Sprintf("nothing has changed for %s; if its apply is gone, the next one honors what was asked", quiet))
			return nil
		}
		select {
		case <-time.After(time.Second):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}
