package attribute

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// The default timeouts. A migration copies tables, so it gets the longest but for
// the copy of a whole tenant.
const (
	CreateTimeout = 20 * time.Minute
	UpdateTimeout = 2 * time.Hour
	DeleteTimeout = 20 * time.Minute
	CopyTimeout   = 6 * time.Hour
)

// DefaultRetention is how long retired data is kept.
const DefaultRetention = "720h"

// NoTimeouts is the null value of the attribute `timeouts`, with its type.
func NoTimeouts() timeouts.Value {
	return timeouts.Value{Object: types.ObjectNull(map[string]attr.Type{
		"create": types.StringType, "update": types.StringType, "delete": types.StringType,
	})}
}

// ChangeTimeouts describes how long operations may take.
func ChangeTimeouts(ctx context.Context) schema.Attribute {
	attribute, ok := timeouts.Attributes(ctx, timeouts.Opts{
		Create: true, Update: true, Delete: true,
		CreateDescription: "Longest time to create the database, as a duration. Default: `" + CreateTimeout.String() + "`.",
		UpdateDescription: "Longest time for a migration, as a duration. Default: `" + UpdateTimeout.String() + "`.",
		DeleteDescription: "Longest time to archive or drop the database, as a duration. Default: `" + DeleteTimeout.String() + "`.",
	}).(schema.SingleNestedAttribute)
	if ok {
		attribute.MarkdownDescription = "How long operations may take. Default: those of each."
	}
	return attribute
}
