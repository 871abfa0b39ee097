package provider

import (
	"context"
	"encoding/json"
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// keptSeen is the key of what the last refresh has seen of earlier plans, so that a
// plan and its apply say the same of the data.
const keptSeen = "seen"

// seer tells the plan that follows a refresh from those before it.
type seer interface {
	FindingsSeen(ctx context.Context, slugs ...string) (string, error)
}

// keepSeen keeps what a refresh has seen of earlier plans.
func keepSeen(ctx context.Context, engine seer, p private, report reporter, slugs ...string) {
	seen, err := engine.FindingsSeen(ctx, slugs...)
	if err != nil {
		report.problem(err, "Tenant could not be read")
		return
	}
	keep(ctx, p, keptSeen, seen, report.diags)
}

// private is what Terraform keeps of a resource beside its state.
type private interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

// kept returns a text that is kept beside the state, empty when there is none.
func kept(ctx context.Context, p private, key string, diags *diag.Diagnostics) string {
	raw, found := p.GetKey(ctx, key)
	diags.Append(found...)
	var text string
	if len(raw) == 0 || json.Unmarshal(raw, &text) != nil {
		return ""
	}
	return text
}

// keep keeps a text beside the state; an empty one is forgotten.
func keep(ctx context.Context, p private, key, text string, diags *diag.Diagnostics) {
	var raw []byte
	if text != "" {
		raw = []byte(strconv.Quote(text))
	}
	diags.Append(p.SetKey(ctx, key, raw)...)
}
