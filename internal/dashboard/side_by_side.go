package dashboard

import (
	"strings"

	"github.com/aymanbagabas/go-udiff"
)

// diffRow is a row of a comparison: a line of each side, either may be missing.
type diffRow struct {
	Left, Right     string
	HasLeft         bool
	HasRight        bool
	Kind            string // same, changed, removed or added
	LeftNo, RightNo int    // from 1
}

// comparison is two texts side by side, each with what it is.
type comparison struct {
	Name        string // what is compared
	Left, Right string // headings
	Rows        []diffRow
}

func compare(name, leftName, rightName, left, right string) comparison {
	return comparison{name, leftName, rightName, sideBySide(left, right)}
}

// sideBySide compares two texts line by line.
func sideBySide(left, right string) []diffRow {
	left, right = ended(left), ended(right)
	if left == right {
		return sameRows(left)
	}
	lines := strings.Count(left, "\n") + strings.Count(right, "\n")
	unified, err := udiff.ToUnifiedDiff("", "", left, udiff.Lines(left, right), lines)
	if err != nil {
		return nil // edits that come from the texts always fit them
	}
	var b rowBuilder
	for _, hunk := range unified.Hunks {
		for _, line := range hunk.Lines {
			text := strings.TrimSuffix(line.Content, "\n")
			switch line.Kind {
			case udiff.Delete:
				b.removed = append(b.removed, text)
			case udiff.Insert:
				b.added = append(b.added, text)
			default:
				b.flush()
				b.row(diffRow{Left: text, Right: text, HasLeft: true, HasRight: true, Kind: "same"})
			}
		}
	}
	b.flush()
	return b.rows
}

func sameRows(text string) []diffRow {
	var b rowBuilder
	if text == "" {
		return nil
	}
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		b.row(diffRow{Left: line, Right: line, HasLeft: true, HasRight: true, Kind: "same"})
	}
	return b.rows
}

func ended(text string) string {
	if text == "" || strings.HasSuffix(text, "\n") {
		return text
	}
	return text + "\n"
}

// rowBuilder pairs lines that went with lines that came.
type rowBuilder struct {
	rows           []diffRow
	removed, added []string
	left, right    int
}

func (b *rowBuilder) row(r diffRow) {
	if r.HasLeft {
		b.left++
		r.LeftNo = b.left
	}
	if r.HasRight {
		b.right++
		r.RightNo = b.right
	}
	b.rows = append(b.rows, r)
}

func (b *rowBuilder) flush() {
	for i := range max(len(b.removed), len(b.added)) {
		r := diffRow{Kind: "changed"}
		if i < len(b.removed) {
			r.Left, r.HasLeft = b.removed[i], true
		} else {
			r.Kind = "added"
		}
		if i < len(b.added) {
			r.Right, r.HasRight = b.added[i], true
		} else {
			r.Kind = "removed"
		}
		b.row(r)
	}
	b.removed, b.added = nil, nil
}
