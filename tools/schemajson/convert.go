package main

import (
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

func newProviderSchema(s *tfprotov6.GetProviderSchemaResponse, i *tfprotov6.GetResourceIdentitySchemasResponse) providerSchema {
	return providerSchema{
		Provider:   newSchema(s.Provider),
		Resources:  mapped(s.ResourceSchemas, newSchema),
		Data:       mapped(s.DataSourceSchemas, newSchema),
		Ephemeral:  mapped(s.EphemeralResourceSchemas, newSchema),
		Lists:      mapped(s.ListResourceSchemas, newSchema),
		Actions:    mapped(s.ActionSchemas, newActionSchema),
		Functions:  mapped(s.Functions, newFunction),
		Identities: mapped(i.IdentitySchemas, newIdentitySchema),
	}
}

func mapped[From, To any](from map[string]From, convert func(From) To) map[string]To {
	to := make(map[string]To, len(from))
	for name, value := range from {
		to[name] = convert(value)
	}
	return to
}

func newSchema(s *tfprotov6.Schema) schema {
	if s == nil {
		return schema{}
	}
	return schema{Version: s.Version, Block: newBlock(s.Block)}
}

func newActionSchema(s *tfprotov6.ActionSchema) actionSchema {
	return actionSchema{Block: newSchema(s.Schema).Block}
}

func newBlock(b *tfprotov6.SchemaBlock) block {
	if b == nil {
		return block{}
	}
	out := block{
		Attributes: newAttributes(b.Attributes),
		Blocks:     make(map[string]nestedBlock, len(b.BlockTypes)),
		text:       newText(b.Description, b.DescriptionKind, b.Deprecated, b.DeprecationMessage),
	}
	for _, n := range b.BlockTypes {
		out.Blocks[n.TypeName] = nestedBlock{
			Nesting: blockNesting(n.Nesting), Block: newBlock(n.Block), MinItems: n.MinItems, MaxItems: n.MaxItems,
		}
	}
	return out
}

func newAttributes(list []*tfprotov6.SchemaAttribute) map[string]attribute {
	out := make(map[string]attribute, len(list))
	for _, a := range list {
		converted := attribute{
			text:     newText(a.Description, a.DescriptionKind, a.Deprecated, a.DeprecationMessage),
			Required: a.Required, Optional: a.Optional, Computed: a.Computed,
			Sensitive: a.Sensitive, WriteOnly: a.WriteOnly,
		}
		if a.NestedType != nil {
			converted.Nested = &nestedType{Attributes: newAttributes(a.NestedType.Attributes), Nesting: objectNesting(a.NestedType.Nesting)}
		} else {
			converted.Type = a.Type
		}
		out[a.Name] = converted
	}
	return out
}

func newText(description string, kind tfprotov6.StringKind, deprecated bool, message string) text {
	out := text{Description: description, DescriptionKind: "plain", Deprecated: deprecated, DeprecationMessage: message}
	if kind == tfprotov6.StringKindMarkdown {
		out.DescriptionKind = "markdown"
	}
	return out
}

func blockNesting(mode tfprotov6.SchemaNestedBlockNestingMode) string {
	switch mode {
	case tfprotov6.SchemaNestedBlockNestingModeSingle:
		return "single"
	case tfprotov6.SchemaNestedBlockNestingModeList:
		return "list"
	case tfprotov6.SchemaNestedBlockNestingModeSet:
		return "set"
	case tfprotov6.SchemaNestedBlockNestingModeMap:
		return "map"
	case tfprotov6.SchemaNestedBlockNestingModeGroup:
		return "group"
	case tfprotov6.SchemaNestedBlockNestingModeInvalid:
	}
	return "invalid"
}

func objectNesting(mode tfprotov6.SchemaObjectNestingMode) string {
	switch mode {
	case tfprotov6.SchemaObjectNestingModeSingle:
		return "single"
	case tfprotov6.SchemaObjectNestingModeList:
		return "list"
	case tfprotov6.SchemaObjectNestingModeSet:
		return "set"
	case tfprotov6.SchemaObjectNestingModeMap:
		return "map"
	case tfprotov6.SchemaObjectNestingModeInvalid:
	}
	return "invalid"
}

func newFunction(f *tfprotov6.Function) function {
	out := function{Description: f.Description, Summary: f.Summary, DeprecationMessage: f.DeprecationMessage}
	if f.Return != nil {
		out.Return = f.Return.Type
	}
	for _, p := range f.Parameters {
		out.Parameters = append(out.Parameters, newParameter(p))
	}
	if f.VariadicParameter != nil {
		variadic := newParameter(f.VariadicParameter)
		out.Variadic = &variadic
	}
	return out
}

func newParameter(p *tfprotov6.FunctionParameter) parameter {
	return parameter{Name: p.Name, Description: p.Description, Nullable: p.AllowNullValue, Type: p.Type}
}

func newIdentitySchema(s *tfprotov6.ResourceIdentitySchema) identitySchema {
	out := identitySchema{Version: s.Version, Attributes: make(map[string]identityAttribute, len(s.IdentityAttributes))}
	for _, a := range s.IdentityAttributes {
		out.Attributes[a.Name] = identityAttribute{
			Type: a.Type, Description: a.Description,
			RequiredForImport: a.RequiredForImport, OptionalForImport: a.OptionalForImport,
		}
	}
	return out
}
