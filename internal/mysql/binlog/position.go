package binlog

import (
	"cmp"
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

// A Position is a place between two transactions in the binary log.
type Position struct {
	// Server is the identity of the server that File and Offset belong to;
	// empty when it has none (MariaDB before 10.11.9).
	Server string
	// File and Offset are where the next transaction begins.
	File   string
	Offset uint64
	// GTID names the transactions before the position: on MySQL the set of all
	// of them, on MariaDB the last one of each domain. It holds also on another
	// server that has the same transactions. Empty when the server counts none.
	GTID string
}

// IsZero says whether nothing is known of the position.
func (p Position) IsZero() bool { return p == Position{} }

// String returns the position as one line, `binlog.000002:157 server:<uuid>
// gtid:<set>`, that [ParsePosition] reads again.
func (p Position) String() string {
	var parts []string
	if p.File != "" {
		parts = append(parts, escapeFile(p.File)+":"+strconv.FormatUint(p.Offset, 10))
	}
	if p.Server != "" {
		parts = append(parts, "server:"+p.Server)
	}
	if p.GTID != "" {
		parts = append(parts, "gtid:"+p.GTID)
	}
	return strings.Join(parts, " ")
}

// escapeFile also escapes the colon, which a log file may have in its name.
func escapeFile(name string) string {
	return strings.ReplaceAll(url.PathEscape(name), ":", "%3A")
}

// ParsePosition reads what [Position.String] writes. An empty text is the zero
// position.
func ParsePosition(text string) (Position, error) {
	var p Position
	for part := range strings.FieldsSeq(text) {
		name, value, _ := strings.Cut(part, ":")
		switch {
		case value == "":
			return Position{}, fmt.Errorf("`%s` is no position in a binary log", text)
		case name == "server" && p.Server == "" && p.File != "":
			p.Server = value
		case name == "gtid" && p.GTID == "":
			p.GTID = value
		case p.IsZero():
			file, err := url.PathUnescape(name)
			if err != nil {
				return Position{}, fmt.Errorf("`%s` is no position in a binary log", text)
			}
			if p.Offset, err = strconv.ParseUint(value, 10, 64); err != nil || file == "" || file == "gtid" {
				return Position{}, fmt.Errorf("`%s` is no position in a binary log", text)
			}
			p.File = file
		default:
			return Position{}, fmt.Errorf("`%s` is no position in a binary log", text)
		}
	}
	return p, nil
}

// MarshalText is String.
func (p Position) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText is ParsePosition.
func (p *Position) UnmarshalText(text []byte) error {
	parsed, err := ParsePosition(string(text))
	if err != nil {
		return err
	}
	*p = parsed
	return nil
}

// compareFiles compares the names of two log files: they end in a number that
// grows, and gets another digit after 999999.
func compareFiles(a, b string) int { return cmp.Compare(fileNumber(a), fileNumber(b)) }

func fileNumber(name string) uint64 {
	n, _ := strconv.ParseUint(name[strings.LastIndexByte(name, '.')+1:], 10, 64) // 0: no log file has it
	return n
}

// withoutSpace removes the line breaks that MySQL puts into a set of GTIDs.
func withoutSpace(s string) string {
	return strings.Join(strings.Fields(s), "")
}
