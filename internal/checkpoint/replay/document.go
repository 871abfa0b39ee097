package replay

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint/value"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/binlog"
)

// appendDocument writes a JSON document of MySQL as a literal. What JSON has no
// form for (exact decimals, dates, bytes) is put in one by one.
func appendDocument(b []byte, d *binlog.Document) ([]byte, error) {
	w := documentWriter{}
	w.value(d)
	if w.err != nil {
		return nil, w.err
	}
	if len(w.typed) == 0 {
		return value.AppendQuoted(b, []byte(w.text.String())), nil
	}
	b = append(b, "JSON_SET("...)
	b = value.AppendQuoted(b, []byte(w.text.String()))
	for _, t := range w.typed {
		b = append(b, ',')
		b = value.AppendQuoted(b, []byte(t.path))
		b = append(b, ',')
		b = append(b, t.expression...)
	}
	return append(b, ')'), nil
}

// A documentWriter writes the text of a document and notes where something has
// to be put in: where it stands null.
type documentWriter struct {
	text  strings.Builder
	path  []string
	typed []typedMember
	err   error
}

// A typedMember is an expression for a place in a document.
type typedMember struct{ path, expression string }

func (w *documentWriter) value(d *binlog.Document) {
	switch d.Kind {
	case binlog.Null:
		w.text.WriteString("null")
	case binlog.Bool:
		w.text.WriteString(strconv.FormatBool(d.Bool))
	case binlog.Signed:
		w.text.WriteString(strconv.FormatInt(d.Signed, 10))
	case binlog.Unsigned:
		w.unsigned(d.Unsigned)
	case binlog.Number:
		w.number(d.Number)
	case binlog.Text:
		w.string(d.Text)
	case binlog.Array:
		w.container(d, '[', ']')
	case binlog.Object:
		w.container(d, '{', '}')
	default:
		w.special(d)
	}
}

// unsigned writes a number that the server keeps as unsigned; a small one it
// would read as signed.
func (w *documentWriter) unsigned(n uint64) {
	if n > math.MaxInt64 {
		w.text.WriteString(strconv.FormatUint(n, 10))
		return
	}
	w.put(fmt.Sprintf("CAST(%d AS UNSIGNED)", n))
}

// number writes a double: with a point or an exponent, or it would be read as
// an integer.
func (w *documentWriter) number(f float64) {
	text := strconv.FormatFloat(f, 'g', -1, 64)
	if !strings.ContainsAny(text, ".e") {
		text += ".0"
	}
	w.text.WriteString(text)
}

func (w *documentWriter) string(s string) {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		w.err = err
	}
	w.text.WriteString(strings.TrimSuffix(b.String(), "\n"))
}

func (w *documentWriter) container(d *binlog.Document, open, end byte) {
	w.text.WriteByte(open)
	for i := range d.Elements {
		if i > 0 {
			w.text.WriteByte(',')
		}
		step := "[" + strconv.Itoa(i) + "]"
		if d.Kind == binlog.Object {
			before := w.text.Len()
			w.string(d.Keys[i])
			step = "." + w.text.String()[before:]
			w.text.WriteByte(':')
		}
		w.path = append(w.path, step)
		w.value(&d.Elements[i])
		w.path = w.path[:len(w.path)-1]
	}
	w.text.WriteByte(end)
}

// put notes an expression for the place at hand.
func (w *documentWriter) put(expression string) {
	w.text.WriteString("null")
	w.typed = append(w.typed, typedMember{path: "$" + strings.Join(w.path, ""), expression: expression})
}

func (w *documentWriter) special(d *binlog.Document) {
	quoted := string(value.AppendQuoted(nil, []byte(d.Text)))
	switch d.Kind {
	case binlog.ExactNumber:
		w.put(d.Text)
	case binlog.DateValue:
		w.put("CAST(" + quoted + " AS DATE)")
	case binlog.TimeValue:
		w.put("CAST(" + quoted + " AS TIME(6))")
	case binlog.MomentValue:
		w.put("CAST(" + quoted + " AS DATETIME(6))")
	default:
		w.opaque(d)
	}
}

// codeVarchar is the type that bytes in an expression have.
const codeVarchar = 15

// opaque writes bytes. Those of a BLOB or BIT column become the text that they
// are printed as, as when a checkpoint is loaded: no expression has their type.
func (w *documentWriter) opaque(d *binlog.Document) {
	if d.Code == codeVarchar {
		w.put(string(value.AppendBytes(nil, []byte(d.Text), "_binary ")))
		return
	}
	w.string(fmt.Sprintf("base64:type%d:%s", d.Code, base64.StdEncoding.EncodeToString([]byte(d.Text))))
}
