package provider

import (
	"context"
	"encoding/binary"
	"fmt"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/landlord-db/terraform-provider-landlord/internal/engine"
)

// maxConfiguration is the largest configuration of one block that is taken apart,
// in bytes: half as much again as all files of a template may have together. The framework makes
// fifteen copies of what it takes apart.
const maxConfiguration = engine.MaxTemplateSize * 3 / 2

// ValidateResourceConfig is where Terraform shows a configuration first.
func (s *server) ValidateResourceConfig(ctx context.Context, req *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	if d := tooLarge(req.Config); d != nil {
		return &tfprotov6.ValidateResourceConfigResponse{Diagnostics: d}, nil
	}
	return s.wholeServer.ValidateResourceConfig(ctx, req) //nolint:wrapcheck // it is the framework's
}

// ValidateDataResourceConfig is the same for a data source.
func (s *server) ValidateDataResourceConfig(ctx context.Context, req *tfprotov6.ValidateDataResourceConfigRequest) (*tfprotov6.ValidateDataResourceConfigResponse, error) {
	if d := tooLarge(req.Config); d != nil {
		return &tfprotov6.ValidateDataResourceConfigResponse{Diagnostics: d}, nil
	}
	return s.wholeServer.ValidateDataResourceConfig(ctx, req) //nolint:wrapcheck // it is the framework's
}

// tooLarge refuses a configuration that is too large to be looked at, and says
// which of its attributes has most of it.
func tooLarge(config *tfprotov6.DynamicValue) []*tfprotov6.Diagnostic {
	if config == nil || len(config.MsgPack) <= maxConfiguration {
		return nil
	}
	d := &tfprotov6.Diagnostic{
		Severity: tfprotov6.DiagnosticSeverityError, Summary: "Configuration too large",
		Detail: fmt.Sprintf("The block has %d bytes, at most %d are read. Nothing was looked at.\n\nSQL describes structure and a few seeds; load data by other means.", len(config.MsgPack), maxConfiguration),
	}
	if name, size := largest(config.MsgPack); name != "" {
		d.Attribute = tftypes.NewAttributePath().WithAttributeName(name)
		d.Detail = fmt.Sprintf("`%s` has %d of the %d bytes of the block, of which at most %d are read. Nothing was looked at.\n\nSQL describes structure and a few seeds; load data by other means.",
			name, size, len(config.MsgPack), maxConfiguration)
	}
	return []*tfprotov6.Diagnostic{d}
}

// largest returns the key of the largest value of a map in MessagePack, and the
// size of the value in bytes. It copies nothing. The key is empty when the bytes
// are no such map.
func largest(b []byte) (key string, size int) {
	v, ok := readPacked(b)
	if !ok || v.items%2 != 0 {
		return "", 0
	}
	at := v.head
	for range v.items / 2 {
		name, ok := readPacked(b[at:])
		if !ok || name.items > 0 {
			return "", 0
		}
		begin := at + name.head + name.bytes
		end := begin
		for left := 1; left > 0; left-- {
			v, ok := readPacked(b[end:])
			if !ok {
				return "", 0
			}
			end += v.head + v.bytes
			left += v.items
		}
		if end-begin > size {
			key, size = string(b[at+name.head:begin]), end-begin
		}
		at = end
	}
	return key, size
}

// packed is one value of MessagePack: how many bytes stand before its content,
// how many are its content, and how many values follow that belong to it.
type packed struct{ head, bytes, items int }

// readPacked reads the value that some bytes begin with.
func readPacked(b []byte) (v packed, ok bool) {
	if len(b) == 0 {
		return v, false
	}
	const fixed = 16
	switch c := b[0]; {
	case c < 0x80 || c >= 0xe0: // a small number
		v = packed{head: 1}
	case c < 0x90:
		v = packed{head: 1, items: 2 * int(c&0x0f)}
	case c < 0xa0:
		v = packed{head: 1, items: int(c & 0x0f)}
	case c < 0xc0:
		v = packed{head: 1, bytes: int(c & 0x1f)}
	case c >= 0xd4 && c <= 0xd8: // an extension of 1 to 16 bytes
		v = packed{head: 2, bytes: fixed >> (0xd8 - c)}
	default:
		v, ok = readSized(b)
		return v, ok && v.head+v.bytes <= len(b)
	}
	return v, v.head+v.bytes <= len(b)
}

// readSized reads a value whose size follows its first byte, or is known.
func readSized(b []byte) (v packed, ok bool) {
	type form struct{ length, head, item, size int } // item: values for each that is counted; size: bytes
	forms := map[byte]form{
		0xc0: {}, 0xc2: {}, 0xc3: {}, 0xca: {size: 4}, 0xcb: {size: 8}, 0xcc: {size: 1}, 0xcd: {size: 2}, 0xce: {size: 4}, 0xcf: {size: 8},
		0xd0: {size: 1}, 0xd1: {size: 2}, 0xd2: {size: 4}, 0xd3: {size: 8},
		0xc4: {length: 1}, 0xc5: {length: 2}, 0xc6: {length: 4}, 0xd9: {length: 1}, 0xda: {length: 2}, 0xdb: {length: 4},
		0xc7: {length: 1, head: 1}, 0xc8: {length: 2, head: 1}, 0xc9: {length: 4, head: 1},
		0xdc: {length: 2, item: 1}, 0xdd: {length: 4, item: 1}, 0xde: {length: 2, item: 2}, 0xdf: {length: 4, item: 2},
	}
	f, ok := forms[b[0]]
	if !ok || len(b) < 1+f.length {
		return v, false
	}
	var n [4]byte
	copy(n[4-f.length:], b[1:1+f.length])
	counted := int(binary.BigEndian.Uint32(n[:]))
	v = packed{head: 1 + f.length + f.head, bytes: f.size}
	if f.item > 0 {
		v.items = f.item * counted
	} else {
		v.bytes += counted
	}
	return v, true
}
