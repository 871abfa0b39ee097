package report

import (
	"math/big"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/health"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/catalog"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/value"
)

// tenantHealthModel is the data source as Terraform has it.
type tenantHealthModel struct {
	Tenant          types.String `tfsdk:"tenant"`
	Server          types.String `tfsdk:"server"`
	BackupObjective types.String `tfsdk:"backup_objective"`

	Healthy types.Bool  `tfsdk:"healthy"`
	Score   types.Int64 `tfsdk:"score"`
	Slugs   types.List  `tfsdk:"slugs"`
	Tenants types.Map   `tfsdk:"tenants"`
}

// The types of the objects of a tenant.
func healthTypes() map[string]attr.Type {
	return map[string]attr.Type{
		"name": types.StringType, "database_name": types.StringType, "server": types.StringType, "template": types.StringType, "status": types.StringType,
		"score": types.Int64Type, "level": types.StringType, "reasons": types.ListType{ElemType: types.ObjectType{AttrTypes: reasonTypes()}},
		"reachable": types.BoolType, "problem": types.StringType, "state": types.StringType, "update_status": types.StringType, "wanted": types.StringType,
		"size": types.ObjectType{AttrTypes: sizeTypes()}, "growth": types.ObjectType{AttrTypes: growthTypes()},
		"tables_without_primary_key": types.ListType{ElemType: types.StringType}, "auto_increment": types.ObjectType{AttrTypes: headroomTypes()},
		"checkpoints": types.ObjectType{AttrTypes: spanTypes()}, "transactions": types.ObjectType{AttrTypes: activityTypes()}, "load": types.ObjectType{AttrTypes: loadTypes()},
		"out_of_place": types.ListType{ElemType: types.ObjectType{AttrTypes: outOfPlaceTypes()}}, "unknown": types.MapType{ElemType: types.StringType},
	}
}

func reasonTypes() map[string]attr.Type {
	return map[string]attr.Type{"kind": types.StringType, "points": types.Int64Type, "detail": types.StringType}
}

func sizeTypes() map[string]attr.Type {
	return map[string]attr.Type{"tables": types.Int64Type, "rows": types.Int64Type, "bytes": types.Int64Type, "free_bytes": types.Int64Type, "fragmentation": types.Float64Type}
}

func growthTypes() map[string]attr.Type {
	return map[string]attr.Type{"since": types.StringType, "rows": types.Int64Type, "bytes": types.Int64Type, "load": types.ObjectType{AttrTypes: loadTypes()}}
}

func headroomTypes() map[string]attr.Type {
	return map[string]attr.Type{"table": types.StringType, "column": types.StringType, "next": types.NumberType, "highest": types.NumberType, "used": types.Float64Type}
}

func spanTypes() map[string]attr.Type {
	return map[string]attr.Type{"count": types.Int64Type, "size_bytes": types.Int64Type, "oldest_at": types.StringType, "newest_at": types.StringType, "age_seconds": types.Int64Type}
}

func activityTypes() map[string]attr.Type {
	return map[string]attr.Type{"open": types.Int64Type, "longest_seconds": types.Int64Type, "waiting": types.Int64Type, "longest_wait_seconds": types.Int64Type}
}

func loadTypes() map[string]attr.Type {
	return map[string]attr.Type{
		"source": types.StringType, "incomplete": types.BoolType, "statements": types.Int64Type, "latency_seconds": types.Float64Type,
		"errors": types.Int64Type, "rows_read": types.Int64Type, "rows_changed": types.Int64Type,
	}
}

func outOfPlaceTypes() map[string]attr.Type {
	return map[string]attr.Type{"severity": types.StringType, "kind": types.StringType, "object": types.StringType, "detail": types.StringType, "statement": types.StringType}
}

func (m *tenantHealthModel) fromReport(r *health.Report) {
	m.Healthy, m.Score = types.BoolValue(true), types.Int64Null()
	slugs := []string{}
	tenants := make(map[string]attr.Value, len(r.Tenants))
	for i := range r.Tenants {
		h := &r.Tenants[i]
		if h.Level != health.Healthy {
			slugs = append(slugs, h.Slug)
		}
		if score := int64(h.Score); m.Score.IsNull() || score < m.Score.ValueInt64() {
			m.Score = types.Int64Value(score)
		}
		tenants[h.Slug] = types.ObjectValueMust(healthTypes(), fromHealth(h, r.At))
	}
	m.Healthy = types.BoolValue(len(slugs) == 0)
	m.Slugs = value.FromTexts(slugs)
	m.Tenants = types.MapValueMust(types.ObjectType{AttrTypes: healthTypes()}, tenants)
}

func fromHealth(h *health.Health, at time.Time) map[string]attr.Value {
	reasons := make([]attr.Value, len(h.Reasons))
	for i, r := range h.Reasons {
		reasons[i] = types.ObjectValueMust(reasonTypes(), map[string]attr.Value{"kind": types.StringValue(string(r.Kind)), "points": types.Int64Value(int64(r.Points)), "detail": types.StringValue(r.Detail)})
	}
	found := make([]attr.Value, len(h.OutOfPlace))
	for i, f := range h.OutOfPlace {
		found[i] = types.ObjectValueMust(outOfPlaceTypes(), map[string]attr.Value{
			"severity": types.StringValue(string(f.Severity)), "kind": types.StringValue(string(f.Kind)), "object": types.StringValue(f.Object),
			"detail": types.StringValue(f.Detail), "statement": value.TextOrNull(f.Statement),
		})
	}
	unknown := make(map[string]attr.Value, len(h.Unknown))
	for fact, why := range h.Unknown {
		unknown[string(fact)] = types.StringValue(why)
	}
	return map[string]attr.Value{
		"name": value.TextOrNull(h.Name), "database_name": types.StringValue(h.DatabaseName), "server": value.TextOrNull(h.Server), "template": value.TextOrNull(h.Template), "status": types.StringValue(string(h.Status)),
		"score": types.Int64Value(int64(h.Score)), "level": types.StringValue(string(h.Level)), "reasons": types.ListValueMust(types.ObjectType{AttrTypes: reasonTypes()}, reasons),
		"reachable": types.BoolValue(h.Reachable), "problem": value.TextOrNull(h.Problem), "state": types.StringValue(string(h.Drift)), "update_status": types.StringValue(string(h.UpdateStatus)), "wanted": value.TextOrNull(h.Wanted),
		"size": fromSize(h.Size), "growth": fromGrowth(h.Growth), "tables_without_primary_key": value.FromTexts(h.WithoutPrimaryKey), "auto_increment": fromHeadroom(h.AutoIncrement),
		"checkpoints": fromSpan(h.Checkpoints, at), "transactions": fromActivity(h.Activity), "load": fromLoad(h.Load),
		"out_of_place": types.ListValueMust(types.ObjectType{AttrTypes: outOfPlaceTypes()}, found), "unknown": types.MapValueMust(types.StringType, unknown),
	}
}

func fromSize(s *health.Size) types.Object {
	if s == nil {
		return types.ObjectNull(sizeTypes())
	}
	return types.ObjectValueMust(sizeTypes(), map[string]attr.Value{
		"tables": types.Int64Value(int64(s.Tables)), "rows": types.Int64Value(s.Rows), "bytes": types.Int64Value(s.Bytes),
		"free_bytes": types.Int64PointerValue(s.FreeBytes), "fragmentation": types.Float64PointerValue(s.Fragmentation()),
	})
}

func fromGrowth(g *health.Growth) types.Object {
	if g == nil {
		return types.ObjectNull(growthTypes())
	}
	return types.ObjectValueMust(growthTypes(), map[string]attr.Value{"since": value.TimeOrNull(g.Since), "rows": types.Int64Value(g.Rows), "bytes": types.Int64Value(g.Bytes), "load": fromLoad(g.Load)})
}

func fromHeadroom(h *health.Headroom) types.Object {
	if h == nil {
		return types.ObjectNull(headroomTypes())
	}
	number := func(n uint64) types.Number { return types.NumberValue(new(big.Float).SetUint64(n)) }
	return types.ObjectValueMust(headroomTypes(), map[string]attr.Value{
		"table": types.StringValue(h.Table), "column": types.StringValue(h.Column), "next": number(h.Next), "highest": number(h.Highest), "used": types.Float64Value(h.Used()),
	})
}

func fromSpan(c health.Checkpoints, at time.Time) types.Object {
	age := types.Int64Null()
	if c.Count > 0 {
		age = wholeSeconds(c.Age(at))
	}
	return types.ObjectValueMust(spanTypes(), map[string]attr.Value{
		"count": types.Int64Value(int64(c.Count)), "size_bytes": types.Int64Value(c.Bytes), "oldest_at": value.TimeOrNull(c.Oldest), "newest_at": value.TimeOrNull(c.Newest), "age_seconds": age,
	})
}

func wholeSeconds(d time.Duration) types.Int64 { return types.Int64Value(int64(d / time.Second)) }

func fromActivity(a *health.Activity) types.Object {
	if a == nil {
		return types.ObjectNull(activityTypes())
	}
	return types.ObjectValueMust(activityTypes(), map[string]attr.Value{
		"open": types.Int64Value(int64(a.Transactions)), "longest_seconds": wholeSeconds(a.Longest), "waiting": types.Int64Value(int64(a.Waiting)), "longest_wait_seconds": wholeSeconds(a.LongestWait),
	})
}

func fromLoad(l *health.Load) types.Object {
	if l == nil || l.Source == catalog.LoadNone {
		return types.ObjectNull(loadTypes())
	}
	latency := types.Float64Null()
	if l.Latency != nil {
		latency = types.Float64Value(l.Latency.Seconds())
	}
	return types.ObjectValueMust(loadTypes(), map[string]attr.Value{
		"source": types.StringValue(string(l.Source)), "incomplete": types.BoolValue(l.Lost), "statements": types.Int64PointerValue(l.Statements), "latency_seconds": latency,
		"errors": types.Int64PointerValue(l.Errors), "rows_read": types.Int64PointerValue(l.RowsRead), "rows_changed": types.Int64PointerValue(l.RowsChanged),
	})
}
