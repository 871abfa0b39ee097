package main

import (
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// The form that `terraform providers schema -json` prints, format version 1.0:
// https://developer.hashicorp.com/terraform/cli/commands/providers/schema

type document struct {
	FormatVersion string                    `json:"format_version"`
	Schemas       map[string]providerSchema `json:"provider_schemas"`
}

type providerSchema struct {
	Provider   schema                    `json:"provider"`
	Resources  map[string]schema         `json:"resource_schemas,omitempty"`
	Data       map[string]schema         `json:"data_source_schemas,omitempty"`
	Ephemeral  map[string]schema         `json:"ephemeral_resource_schemas,omitempty"`
	Lists      map[string]schema         `json:"list_resource_schemas,omitempty"`
	Actions    map[string]actionSchema   `json:"action_schemas,omitempty"`
	Functions  map[string]function       `json:"functions,omitempty"`
	Identities map[string]identitySchema `json:"resource_identity_schemas,omitempty"`
}

type schema struct {
	Version int64 `json:"version"`
	Block   block `json:"block"`
}

type actionSchema struct {
	Block block `json:"block"`
}

type block struct {
	Attributes map[string]attribute   `json:"attributes,omitempty"`
	Blocks     map[string]nestedBlock `json:"block_types,omitempty"`
	text
}

type nestedBlock struct {
	Nesting  string `json:"nesting_mode"`
	Block    block  `json:"block"`
	MinItems int64  `json:"min_items,omitempty"`
	MaxItems int64  `json:"max_items,omitempty"`
}

// attribute has either a type or a nested type.
type attribute struct {
	Type   tftypes.Type `json:"type,omitempty"`
	Nested *nestedType  `json:"nested_type,omitempty"`
	text
	Required  bool `json:"required,omitempty"`
	Optional  bool `json:"optional,omitempty"`
	Computed  bool `json:"computed,omitempty"`
	Sensitive bool `json:"sensitive,omitempty"`
	WriteOnly bool `json:"write_only,omitempty"`
}

type nestedType struct {
	Attributes map[string]attribute `json:"attributes"`
	Nesting    string               `json:"nesting_mode"`
}

// text is what a schema says about one of its parts.
type text struct {
	Description        string `json:"description,omitempty"`
	DescriptionKind    string `json:"description_kind,omitempty"`
	Deprecated         bool   `json:"deprecated,omitempty"`
	DeprecationMessage string `json:"deprecation_message,omitempty"`
}

type identitySchema struct {
	Version    int64                        `json:"version"`
	Attributes map[string]identityAttribute `json:"attributes"`
}

type identityAttribute struct {
	Type              tftypes.Type `json:"type"`
	Description       string       `json:"description,omitempty"`
	RequiredForImport bool         `json:"required_for_import,omitempty"`
	OptionalForImport bool         `json:"optional_for_import,omitempty"`
}

type function struct {
	Description        string       `json:"description,omitempty"`
	Summary            string       `json:"summary,omitempty"`
	DeprecationMessage string       `json:"deprecation_message,omitempty"`
	Return             tftypes.Type `json:"return_type"`
	Parameters         []parameter  `json:"parameters,omitempty"`
	Variadic           *parameter   `json:"variadic_parameter,omitempty"`
}

type parameter struct {
	Name        string       `json:"name,omitempty"`
	Description string       `json:"description,omitempty"`
	Nullable    bool         `json:"is_nullable,omitempty"`
	Type        tftypes.Type `json:"type"`
}
