package report

import (
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/drift"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/value"
)

// snapshotTablesAttribute describes the tables of a snapshot.
func snapshotTablesAttribute() schema.MapNestedAttribute {
	text := func(description string) schema.Attribute {
		return schema.StringAttribute{Computed: true, MarkdownDescription: description}
	}
	truth := func(description string) schema.Attribute {
		return schema.BoolAttribute{Computed: true, MarkdownDescription: description}
	}
	texts := func(description string) schema.Attribute {
		return schema.ListAttribute{Computed: true, ElementType: types.StringType, MarkdownDescription: description}
	}
	list := func(description string, attributes map[string]schema.Attribute) schema.Attribute {
		attributes["origin"] = text("Where it comes from.")
		return schema.ListNestedAttribute{Computed: true, MarkdownDescription: description, NestedObject: schema.NestedAttributeObject{Attributes: attributes}}
	}
	return schema.MapNestedAttribute{
		Computed: true, MarkdownDescription: "Tables, by name.",
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"engine": text("Storage engine."), "character_set": text("Default character set."), "collation": text("Default collation; null where only the character set is known."),
			"comment": text("Comment."), "partitions": text("`PARTITION BY …`; null when there are none."), "sql": text("The definition."), "origin": text("Where it comes from."),
			"options": schema.MapAttribute{Computed: true, ElementType: types.StringType, MarkdownDescription: "Further options, for example `ROW_FORMAT`."},
			"columns": list("Columns, in their order. Empty when the table is not understood.", map[string]schema.Attribute{
				"name": text("Name."), "type": text("Type with length and sign, for example `int unsigned`."), "nullable": truth("Whether it takes NULL."),
				"default": text("Default as SQL; null for none and for NULL."), "auto_increment": truth("Whether it counts by itself."),
				"generated": text("Expression of a generated column."), "comment": text("Comment."), "definition": text("Everything behind the name, as SQL."),
			}),
			"keys": list("Keys.", map[string]schema.Attribute{
				"name": text("Name, `PRIMARY` for the primary key."), "kind": text("`primary`, `unique`, `index`, `fulltext`, `spatial` or `vector`."),
				"columns": texts("Columns and expressions, in their order."), "definition": text("The whole key as SQL."),
			}),
			"foreign_keys": list("Foreign keys.", map[string]schema.Attribute{
				"name": text("Name."), "columns": texts("Columns, in lower case."), "database": text("Database of the parent, null when it is the same."), "table": text("The parent."),
				"references": texts("Columns of the parent, in lower case."), "on_delete": text("What happens when the parent goes, for example `CASCADE`."), "on_update": text("What happens when the parent's key changes."),
			}),
			"checks": list("Checks.", map[string]schema.Attribute{
				"name": text("Name."), "expression": text("What has to be true."), "enforced": truth("Whether the server enforces it."),
			}),
		}},
	}
}

// The types of the values above.

func textTypes(names ...string) map[string]attr.Type {
	all := map[string]attr.Type{"origin": types.StringType}
	for _, name := range names {
		all[name] = types.StringType
	}
	return all
}

func snapshotColumnTypes() map[string]attr.Type {
	all := textTypes("name", "type", "default", "generated", "comment", "definition")
	all["nullable"], all["auto_increment"] = types.BoolType, types.BoolType
	return all
}

func snapshotKeyTypes() map[string]attr.Type {
	all := textTypes("name", "kind", "definition")
	all["columns"] = types.ListType{ElemType: types.StringType}
	return all
}

func snapshotForeignKeyTypes() map[string]attr.Type {
	all := textTypes("name", "database", "table", "on_delete", "on_update")
	all["columns"], all["references"] = types.ListType{ElemType: types.StringType}, types.ListType{ElemType: types.StringType}
	return all
}

func snapshotCheckTypes() map[string]attr.Type {
	all := textTypes("name", "expression")
	all["enforced"] = types.BoolType
	return all
}

func snapshotTableTypes() map[string]attr.Type {
	all := textTypes("engine", "character_set", "collation", "comment", "partitions", "sql")
	all["options"] = types.MapType{ElemType: types.StringType}
	for name, of := range map[string]map[string]attr.Type{"columns": snapshotColumnTypes(), "keys": snapshotKeyTypes(), "foreign_keys": snapshotForeignKeyTypes(), "checks": snapshotCheckTypes()} {
		all[name] = types.ListType{ElemType: types.ObjectType{AttrTypes: of}}
	}
	return all
}

func fromSnapshotTables(tables []drift.SnapshotTable) types.Map {
	of := snapshotTableTypes()
	values := make(map[string]attr.Value, len(tables))
	for i := range tables {
		t := &tables[i]
		options := make(map[string]attr.Value, len(t.Options))
		for name, value := range t.Options {
			options[name] = types.StringValue(value)
		}
		values[t.Name] = types.ObjectValueMust(of, map[string]attr.Value{
			"engine": value.TextOrNull(t.Engine), "character_set": value.TextOrNull(t.CharacterSet), "collation": value.TextOrNull(t.Collation),
			"comment": value.TextOrNull(t.Comment), "partitions": value.TextOrNull(t.Partitions), "sql": types.StringValue(t.SQL), "origin": types.StringValue(t.Origin),
			"options": types.MapValueMust(types.StringType, options), "columns": fromColumns(t), "keys": fromKeys(t),
			"foreign_keys": fromForeignKeys(t), "checks": fromChecks(t),
		})
	}
	return types.MapValueMust(types.ObjectType{AttrTypes: of}, values)
}

// listed makes a list of objects of one type.
func listed[T any](of map[string]attr.Type, list []T, value func(*T) map[string]attr.Value) types.List {
	values := make([]attr.Value, len(list))
	for i := range list {
		values[i] = types.ObjectValueMust(of, value(&list[i]))
	}
	return types.ListValueMust(types.ObjectType{AttrTypes: of}, values)
}

func fromColumns(t *drift.SnapshotTable) types.List {
	return listed(snapshotColumnTypes(), t.Columns, func(c *drift.ColumnInfo) map[string]attr.Value {
		return map[string]attr.Value{
			"name": types.StringValue(c.Name), "type": types.StringValue(c.Type), "nullable": types.BoolValue(c.Nullable), "default": value.TextOrNull(c.Default),
			"auto_increment": types.BoolValue(c.AutoIncrement), "generated": value.TextOrNull(c.Generated), "comment": value.TextOrNull(c.Comment),
			"definition": types.StringValue(c.Definition), "origin": types.StringValue(t.OriginOf(c.Element())),
		}
	})
}

func fromKeys(t *drift.SnapshotTable) types.List {
	return listed(snapshotKeyTypes(), t.Keys, func(k *drift.KeyInfo) map[string]attr.Value {
		columns := make([]string, len(k.Parts))
		for i, p := range k.Parts {
			if columns[i] = p.Column; p.Column == "" {
				columns[i] = "(" + p.Expression + ")"
			}
		}
		return map[string]attr.Value{
			"name": types.StringValue(k.Name), "kind": types.StringValue(k.Kind), "columns": value.FromTexts(columns),
			"definition": types.StringValue(k.Definition), "origin": types.StringValue(t.OriginOf(k.Element())),
		}
	})
}

func fromForeignKeys(t *drift.SnapshotTable) types.List {
	return listed(snapshotForeignKeyTypes(), t.ForeignKeys, func(f *drift.ForeignKeyInfo) map[string]attr.Value {
		return map[string]attr.Value{
			"name": types.StringValue(f.Name), "columns": value.FromTexts(f.Columns), "database": value.TextOrNull(f.Database), "table": types.StringValue(f.Table),
			"references": value.FromTexts(f.References), "on_delete": types.StringValue(f.OnDelete), "on_update": types.StringValue(f.OnUpdate),
			"origin": types.StringValue(t.OriginOf(f.Element())),
		}
	})
}

func fromChecks(t *drift.SnapshotTable) types.List {
	return listed(snapshotCheckTypes(), t.Checks, func(c *drift.CheckInfo) map[string]attr.Value {
		return map[string]attr.Value{
			"name": types.StringValue(c.Name), "expression": types.StringValue(c.Expression), "enforced": types.BoolValue(c.Enforced),
			"origin": types.StringValue(t.OriginOf(c.Element())),
		}
	})
}
