package fleet

import (
	"context"
	"fmt"

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
}

// rolloutAction asks something of the apply that runs the rollout of a fleet.
type rolloutAction struct {
	session *session.Session
	engine  rollouts // nil while the session has none
}

// NewRolloutAction returns the action that asks something of a rollout.
func NewRolloutAction() action.Action { return &rolloutAction{} }

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
		MarkdownDescription: "Asks something of the apply that runs the rollout of a fleet, as `terraform-provider-landlord watch` does. It is honored between two tenants. A run of its own has to ask it, because the apply that rolls out is busy with that.",
		Attributes: map[string]schema.Attribute{
			"fleet": schema.StringAttribute{Required: true, MarkdownDescription: "Name of the fleet.", Validators: attribute.NotEmpty()},
			"wish": schema.StringAttribute{
				Required: true,
				MarkdownDescription: "`pause`: no further tenant is begun until `resume`; a rollout that waits for its next waves can be paused too. `abort`: no further tenant is begun, and the apply ends with an error. " +
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
		landlord.WishNone: "nothing is asked of it any more", landlord.WishPause: "the apply pauses before its next tenant",
		landlord.WishAbort: "the apply ends before its next tenant", landlord.WishRollback: "the apply takes its tenants back",
	}[wish]
	resp.SendProgress(action.InvokeProgressEvent{Message: fmt.Sprintf("Rollout of fleet `%s`: %s.", fleet, said)})
}
