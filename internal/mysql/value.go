package mysql

import (
	"context"
	"fmt"
	"regexp"
	"slices"
)

// valueNumbers are the errors and warnings by which a server says that a value
// cannot be computed, converted or stored. What is a warning in a SELECT makes a
// statement that writes the value fail on a strict server.
var valueNumbers = []uint16{
	1139,       // regular expression
	1264,       // out of range
	1265,       // data truncated
	1292,       // incorrect or truncated value
	1365,       // division by zero
	1366,       // incorrect value
	1367,       // illegal value for its type
	1406,       // data too long
	1411,       // incorrect value for a function
	1416,       // no geometry
	1441,       // overflow of a date function
	1690, 6527, // out of range while computing
	3037,                                                                   // invalid GIS data
	3055,                                                                   // a geometry of another kind
	3140, 3141, 3143, 3144, 3146, 3147, 3150, 3155, 3156, 3157, 3158, 3165, // JSON
	3548,                                     // no such reference system
	3616, 3617, 3731, 3732, 3733, 3734, 3735, // coordinates
	3643, 3644, // reference system of a column
	3665, 3666, 3669, 3670, 3671, // members of JSON_TABLE
	3685, 3686, 3687, 3688, 3689, 3690, 3691, 3692, 3693, 3694, 3695, 3696, 3697, 3698, 3699, 3700, // regular expressions
	3853, 3854, 3988, 3998, 4032, 4033, // conversions
	3751, 3752, // functional index
	3903, 3904, 3905, 3906, 3907, 3908, // multi-valued index
	4035, 4036, 4037, 4038, 4039, 4040, 4041, 4042, 4044, // MariaDB: JSON
}

// IsValueRefused says that a value cannot be computed, converted or stored.
func IsValueRefused(err error) bool { return is(err, valueNumbers...) }

// quotedValues match a value that a server quotes in an error, and not the names that
// it quotes beside it. The value may hold quotes itself.
var quotedValues = []*regexp.Regexp{
	regexp.MustCompile(`(?s)()'.*'( for (?:key|column|function) )`),
	regexp.MustCompile(`(?s)((?:value|string):? |Illegal \S+ )'.*'()`),
}

// WithoutValues returns the error of a statement that writes rows without the values
// that the server quotes from them. They may be anybody's, and errors get into logs.
func WithoutValues(err error) error {
	e, ok := asServerError(err)
	if class, _ := ClassOf(err); !ok || class != ClassStatement {
		return err
	}
	for _, quoted := range quotedValues {
		if quoted.MatchString(e.Message) {
			told := *e
			told.Message = quoted.ReplaceAllString(e.Message, "$1'…'$2")
			return &told
		}
	}
	return err
}

// ValueWarning returns what the server warned of first in the last statement of a
// session: a value that a statement which writes could not have; empty when there is
// none. Remarks on the text of the statement do not count.
func ValueWarning(ctx context.Context, x *Session) (string, error) {
	rows, err := x.Query(ctx, "SHOW WARNINGS")
	if err != nil {
		return "", fmt.Errorf("reading the warnings: %w", err)
	}
	defer rows.Close()
	first := ""
	for rows.Next() {
		var level, message string
		var number uint16
		if err := rows.Scan(&level, &number, &message); err != nil {
			return "", fmt.Errorf("reading the warnings: %w", err)
		}
		if first == "" && level != "Note" && slices.Contains(valueNumbers, number) {
			first = message
		}
	}
	return first, rows.Err()
}
