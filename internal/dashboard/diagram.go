package dashboard

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/drift"
)

// The measures of the entity diagram, in units of its view box.
const (
	boxWidth    = 190
	boxHead     = 26
	lineHeight  = 16
	columnGap   = 90
	rowGap      = 24
	shownFields = 8
	margin      = 12
)

// diagram is the tables of a schema and how they refer to each other, placed in
// columns: what refers to nothing on the left, what refers to it further right.
type diagram struct {
	Width, Height int
	Boxes         []box
	Arrows        []arrow
}

// box is one table.
type box struct {
	Name, Origin        string
	X, Y, Width, Height int
	Fields              []field
	More                int // columns that are not shown
}

// field is one column of a table in the diagram.
type field struct {
	Name, Type string
	Key        bool // in the primary key
	Y          int
}

// arrow leads from the table that refers to the one that is referred to.
type arrow struct {
	From, To                       string
	X1, Y1, X2, Y2, BendX1, BendX2 int
}

// drawDiagram places the tables; nil when there is none.
func drawDiagram(tables []drift.SnapshotTable) *diagram {
	if len(tables) == 0 {
		return nil
	}
	byName := map[string]*drift.SnapshotTable{}
	for i := range tables {
		byName[strings.ToLower(tables[i].Name)] = &tables[i]
	}
	depths := depthsOf(tables, byName)
	columns := map[int][]*drift.SnapshotTable{}
	for i := range tables {
		columns[depths[tables[i].Name]] = append(columns[depths[tables[i].Name]], &tables[i])
	}
	d := &diagram{}
	placed := map[string]int{} // index of the box of a table
	for depth := 0; len(columns[depth]) > 0; depth++ {
		y := margin
		for _, t := range columns[depth] {
			b := boxOf(t, margin+depth*(boxWidth+columnGap), y)
			placed[strings.ToLower(t.Name)] = len(d.Boxes)
			d.Boxes = append(d.Boxes, b)
			y += b.Height + rowGap
			d.Width, d.Height = max(d.Width, b.X+b.Width+margin), max(d.Height, y)
		}
	}
	for i := range tables {
		for _, key := range tables[i].ForeignKeys {
			if target, ok := placed[strings.ToLower(key.Table)]; ok {
				d.Arrows = append(d.Arrows, arrowBetween(&d.Boxes[placed[strings.ToLower(tables[i].Name)]], &d.Boxes[target]))
			}
		}
	}
	slices.SortFunc(d.Arrows, func(a, b arrow) int { return cmp.Or(strings.Compare(a.From, b.From), strings.Compare(a.To, b.To)) })
	d.Arrows = slices.Compact(d.Arrows)
	return d
}

// depthsOf returns how far each table is from one that refers to nothing. Circles
// are cut where they close.
func depthsOf(tables []drift.SnapshotTable, byName map[string]*drift.SnapshotTable) map[string]int {
	depths, open := map[string]int{}, map[string]bool{}
	var depth func(t *drift.SnapshotTable) int
	depth = func(t *drift.SnapshotTable) int {
		if d, known := depths[t.Name]; known {
			return d
		}
		if open[t.Name] {
			return -1
		}
		open[t.Name] = true
		d := 0
		for _, key := range t.ForeignKeys {
			if other := byName[strings.ToLower(key.Table)]; other != nil && other != t {
				d = max(d, depth(other)+1)
			}
		}
		depths[t.Name] = d
		return d
	}
	for i := range tables {
		depth(&tables[i])
	}
	// A circle that was cut may leave a column empty: close the gaps.
	used := map[int]bool{}
	for _, d := range depths {
		used[d] = true
	}
	order := slices.Sorted(maps.Keys(used))
	for name, d := range depths {
		depths[name] = slices.Index(order, d)
	}
	return depths
}

func boxOf(t *drift.SnapshotTable, x, y int) box {
	b := box{Name: t.Name, Origin: t.Origin, X: x, Y: y, Width: boxWidth}
	primary := map[string]bool{}
	for _, key := range t.Keys {
		if key.Kind == "primary" {
			for _, part := range key.Parts {
				primary[part.Column] = true
			}
		}
	}
	for i, c := range t.Columns {
		if i == shownFields {
			b.More = len(t.Columns) - shownFields
			break
		}
		b.Fields = append(b.Fields, field{Name: c.Name, Type: c.Type, Key: primary[c.Name], Y: y + boxHead + lineHeight*(i+1) - 4})
	}
	lines := len(b.Fields)
	if b.More > 0 {
		lines++
	}
	b.Height = boxHead + lineHeight*lines + 6
	return b
}

// HeadY is where the name of the table stands.
func (b box) HeadY() int { return b.Y + 17 }

// TextX is where the texts of the box begin.
func (b box) TextX() int { return b.X + 10 }

// TypeX is where the types of its columns end.
func (b box) TypeX() int { return b.X + b.Width - 10 }

// MoreY is where it says how many columns are not shown.
func (b box) MoreY() int { return b.Y + b.Height - 8 }

func arrowBetween(from, to *box) arrow {
	a := arrow{From: from.Name, To: to.Name, X1: from.X, Y1: from.Y + boxHead/2, X2: to.X + to.Width, Y2: to.Y + boxHead/2}
	if from.X <= to.X { // in a circle, or to itself
		a.X1, a.X2 = from.X+from.Width, to.X+to.Width
		a.BendX1, a.BendX2 = a.X1+columnGap/2, a.X2+columnGap/2
		return a
	}
	a.BendX1, a.BendX2 = a.X1-columnGap/2, a.X2+columnGap/2
	return a
}
