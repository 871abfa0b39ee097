package landlord

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// taken returns a schema with some places as another one has them; what the
// other one does not have goes.
func taken(into, from ddl.Schema, srv ddl.Server, places ...ddl.Place) ddl.Schema {
	if len(places) == 0 {
		return into
	}
	choices := make(map[ddl.Place]ddl.Side, len(places))
	for _, p := range places {
		choices[p] = ddl.SideNext
	}
	// The other schema is base, too, so that nothing else of it counts as a change.
	out, _ := ddl.Merge(from, from, into, srv, ddl.MergeOptions{Choices: choices})
	return out
}

// fires finds, in the text of a trigger, after which other one it fires.
var fires = regexp.MustCompile("(?s)^(.*? FOR EACH ROW) FOLLOWS `((?:[^`]|``)*)`(.*)$")

// bare returns a schema for comparisons between what several hands made: without
// definers, who are whoever applied, and without the order of triggers, which
// others change by adding one.
func bare(s ddl.Schema) ddl.Schema {
	s.Objects = slices.Clone(s.Objects)
	for i, o := range s.Objects {
		if o.Kind != ddl.KindTable && o.Kind != ddl.KindSequence {
			s.Objects[i].SQL = bareText(o)
		}
	}
	return s
}

func bareText(o ddl.Object) string {
	text := ddl.WithoutDefiner(o.SQL)
	if o.Kind == ddl.KindTrigger {
		text = fires.ReplaceAllString(text, "$1$3")
	}
	return text
}

// changesBetween compares two schemas as bare does.
func changesBetween(before, after ddl.Schema, srv ddl.Server) []ddl.ElementChange {
	return ddl.Compare(bare(before), bare(after), srv)
}

// parts returns the places that owned elements cover: a table with everything
// that its text has.
func parts(owned []OwnedElement, srv ddl.Server) map[ddl.Place]bool {
	out := map[ddl.Place]bool{}
	for _, o := range owned {
		if o.Ceded {
			continue
		}
		out[o.place()] = true
		kind, name, _ := strings.Cut(o.Object, " ")
		if o.Element == "" && ddl.Kind(kind) == ddl.KindTable {
			for p := range elementTexts(ddl.Schema{Objects: []ddl.Object{{Kind: ddl.KindTable, Name: name, SQL: o.Text}}}, srv) {
				out[p] = true
			}
		}
	}
	return out
}

// covers says whether owned elements hold a place, themselves or by the object
// that it is in.
func covers(owned []OwnedElement, p ddl.Place) bool {
	return slices.ContainsFunc(owned, func(o OwnedElement) bool {
		return !o.Ceded && o.Object == p.Object && (o.Element == p.Element || o.Element == "")
	})
}

// ownedPlaces returns where owned elements are that the template does not have.
func ownedPlaces(owned []OwnedElement) []ddl.Place {
	var out []ddl.Place
	for _, o := range owned {
		if !o.Ceded {
			out = append(out, o.place())
		}
	}
	return out
}

// placeName writes a place for people: "column `phone` of table `users`".
func placeName(p ddl.Place) string {
	if p.Element == "" {
		return objectName(p.Object)
	}
	return p.Element + " of " + objectName(p.Object)
}

// openBuilt makes a schema, which need not be spelled as the server would, in a
// scratch database, and returns it as the server prints it.
func (e *Engine) openBuilt(ctx context.Context, srv *server, info mysql.Info, schema ddl.Schema) (*twin, *rendering, error) {
	s, err := e.openScratch(ctx, srv)
	if err != nil {
		return nil, nil, err
	}
	t := &twin{scratch: s, e: e, srv: srv, info: info}
	r, err := t.make(ctx, schema)
	if err != nil {
		t.close(ctx)
		return nil, nil, err
	}
	return t, r, nil
}

// built returns a schema as the server prints it.
func (e *Engine) built(ctx context.Context, srv *server, info mysql.Info, schema ddl.Schema) (*rendering, error) {
	t, r, err := e.openBuilt(ctx, srv, info, schema)
	if err != nil {
		return nil, err
	}
	t.close(ctx)
	return r, nil
}
