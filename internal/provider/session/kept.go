package session

import (
	"context"
	"encoding/json"
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// KeptSeen is the key of what the last refresh has seen of earlier plans, so that a
// plan and its apply say the same of the data.
const KeptSeen = "seen"

// Seer tells the plan that follows a refresh from those before it.
type Seer interface {
	FindingsSeen(ctx context.Context, slugs ...string) (string, error)
}

// KeepSeen keeps what a refresh has seen of earlier plans.
func KeepSeen(ctx context.Context, engine Seer, p Private, report Reporter, slugs ...string) {
	seen, err := engine.FindingsSeen(ctx, slugs...)
	if err != nil {
		report.Problem(err, "Tenant could not be read")
		return
	}
	Keep(ctx, p, KeptSeen, seen, report.diags)
}

// Private is what Terraform keeps of a resource beside its state.
type Private interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

// Kept returns a text that is kept beside the state, empty when there is none.
func Kept(ctx context.Context, p Private, key string, diags *diag.Diagnostics) string {
	raw, found := p.GetKey(ctx, key)
	diags.Append(found...)
	var text string
	if len(raw) == 0 || json.Unmarshal(raw, &text) != nil {
		return ""
	}
	return text
}

// Keep keeps a text beside the state; an empty one is forgotten.
func Keep(ctx context.Context, p Private, key, text string, diags *diag.Diagnostics) {
	var raw []byte
	if text != "" {
		raw = []byte(strconv.Quote(text))
	}
	diags.Append(p.SetKey(ctx, key, raw)...)
}
