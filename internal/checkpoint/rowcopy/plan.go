package rowcopy

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/source"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// A Plan is what a copy is going to do. It stays true as long as neither
// side changes its structure; Copy looks again.
type Plan struct {
	Findings []Finding
	// Digest is of the request and the structure of both sides.
	Digest string

	request Request
	groups  []copyGroup
	into    ddl.Product
}

// A copyGroup is a table, or tables that refer to each other in a circle.
type copyGroup struct {
	tables []*copyTable
	// unchecked says that the rows go in without foreign key checks, because no
	// order of the rows would do.
	unchecked bool
}

// Tables returns the names of the tables in the order in which they are copied.
func (p *Plan) Tables() []string {
	var names []string
	for _, t := range p.tables() {
		names = append(names, t.name)
	}
	return names
}

// Blocked says whether a finding forbids the copy.
func (p *Plan) Blocked() bool {
	return slices.ContainsFunc(p.Findings, func(f Finding) bool { return f.Blocks })
}

func (p *Plan) tables() []*copyTable {
	var all []*copyTable
	for _, g := range p.groups {
		all = append(all, g.tables...)
	}
	return all
}

func (p *Plan) table(name string) *copyTable {
	for _, t := range p.tables() {
		if t.name == name {
			return t
		}
	}
	return nil
}

// add keeps a finding.
func (p *Plan) add(f Finding) { p.Findings = append(p.Findings, f) }

// NewPlan compares the structure of both sides and says what stands in the way
// of a copy, as findings of the plan. It reads only, and no rows. The sessions
// must be outside of a transaction, and are left as they were. The error is
// about the request itself, or about a server.
func NewPlan(ctx context.Context, source, target Side, request Request) (*Plan, error) {
	ctx = mysql.Patient(ctx)
	if err := request.check(source, target); err != nil {
		return nil, err
	}
	// The settings under which everything will run: a condition may compare dates
	// of zeros, and a structure must come in the same bytes when Copy looks again.
	release, err := prepareCopy(ctx, source, target)
	if err != nil {
		return nil, err
	}
	defer release()
	if err := source.Session.Use(ctx, source.Database); err != nil {
		return nil, err
	}
	return readPlan(ctx, source, target, request.withDefaults(), source.askCondition)
}

func (r Request) check(source, target Side) error {
	switch {
	case len(r.Tables) == 0:
		return errors.New("no table is named")
	case !slices.Contains([]Conflict{"", ConflictFail, ConflictSkip, ConflictReplace}, r.OnConflict):
		return fmt.Errorf("`%s` is no way to treat conflicts: it is `fail`, `skip` or `replace`", r.OnConflict)
	case r.ChunkRows < 0:
		return errors.New("a chunk cannot have fewer than no rows")
	case source.Database == target.Database && source.Session.Server().Endpoint() == target.Session.Server().Endpoint():
		return fmt.Errorf("source and target are the same database `%s`", source.Database)
	}
	for i, name := range r.Tables {
		if slices.Contains(r.Tables[:i], name) {
			return fmt.Errorf("table `%s` is named twice", name)
		}
	}
	for name := range r.WhereTable {
		if !slices.Contains(r.Tables, name) {
			return fmt.Errorf("there is a condition for table `%s`, which is not copied", name)
		}
	}
	return nil
}

func (r Request) withDefaults() Request {
	if r.OnConflict == "" {
		r.OnConflict = ConflictFail
	}
	if r.ChunkRows == 0 {
		r.ChunkRows = DefaultChunk
	}
	return r
}

// condition returns the condition on the rows of a table, "" when there is none.
func (r Request) condition(table string) string {
	if own, ok := r.WhereTable[table]; ok {
		return strings.TrimSpace(own)
	}
	return strings.TrimSpace(r.Where)
}

// A conditionAsker has a server look at the condition of a table, and returns
// what it has against it.
type conditionAsker func(ctx context.Context, t *copyTable) (refused string, err error)

// readPlan makes the plan. A condition is shown to the source's server only
// when there is a function for it.
func readPlan(ctx context.Context, source, target Side, request Request, ask conditionAsker) (*Plan, error) {
	from, err := source.structure(ctx, request.Tables)
	if err != nil {
		return nil, err
	}
	into, err := target.structure(ctx, request.Tables)
	if err != nil {
		return nil, err
	}
	p := &Plan{request: request, into: into.server.Product}
	var tables []*copyTable
	for _, name := range slices.Sorted(slices.Values(request.Tables)) {
		m := &copyMatch{plan: p, name: name, from: from, into: into, a: from.tables[name], b: into.tables[name]}
		t := m.table()
		if t == nil {
			continue
		}
		if err := p.checkCondition(ctx, source, from, t, ask); err != nil {
			return nil, err
		}
		t.digest = t.identify(source.Database, target.Database)
		tables = append(tables, t)
	}
	p.groups = orderCopy(tables, target.Database)
	if err := p.checkGroups(ctx, target); err != nil {
		return nil, err
	}
	p.Digest = copyDigest(request, source.Database, target.Database, from.tables, into.tables)
	return p, nil
}

// checkCondition judges the condition of a table, by its text and by what the
// server says to it.
func (p *Plan) checkCondition(ctx context.Context, source Side, from *copyStructure, t *copyTable, ask conditionAsker) error {
	if t.where == "" {
		return nil
	}
	finding := Finding{Table: t.name, Code: CodeWhere, Advice: "Correct the condition.", Blocks: true}
	srv := from.server
	srv.Others = p.request.Others
	names, problem := t.conditionTables(srv)
	if problem != "" {
		finding.Problem = problem
		p.add(finding)
		return nil
	}
	if ask == nil {
		return nil
	}
	kinds, err := source.kinds(ctx, names)
	if err != nil {
		return err
	}
	for _, name := range names {
		if kind := kinds[name]; kind.isTable() {
			continue
		}
		// A view runs with the rights of whoever made it.
		finding.Problem = fmt.Sprintf("the condition reads `%s`, which is no table of the source", name)
		finding.Advice = "Name tables only."
		p.add(finding)
		return nil
	}
	refused, err := ask(ctx, t)
	if refused != "" {
		finding.Problem = "the server refuses the condition `" + t.where + "`: " + refused
		p.add(finding)
	}
	return err
}

// conditionTables returns the tables that the condition reads besides its own,
// or what is wrong with it.
func (t *copyTable) conditionTables(srv ddl.Server) (names []string, problem string) {
	names, err := source.PredicateTables(t.where, srv)
	if err != nil {
		return nil, "the condition `" + t.where + "` cannot be used: " + err.Error()
	}
	return names, ""
}

// askCondition has the server look at the condition of a table without reading
// a row, in a transaction that cannot write. The session of the side has been
// prepared.
func (s Side) askCondition(ctx context.Context, t *copyTable) (refused string, err error) {
	x := s.Session
	if s.Conditions != nil {
		if x, err = s.Conditions(ctx); err != nil || x == nil {
			return "", err
		}
		release, err := Side{Session: x}.prepare(ctx)
		if err != nil {
			return "", err
		}
		defer release()
	}
	if _, err := x.Exec(ctx, "START TRANSACTION READ ONLY"); err != nil {
		return "", fmt.Errorf("try the condition on table `%s`: %w", t.name, err)
	}
	_, asked := x.Exec(ctx, "SELECT 1 FROM "+mysql.Qualified(s.Database, t.name)+" WHERE "+t.condition()+" LIMIT 0")
	if _, err := x.Exec(ctx, "ROLLBACK"); err != nil {
		return "", fmt.Errorf("try the condition on table `%s`: %w", t.name, errors.Join(asked, err))
	}
	if asked == nil {
		return "", nil
	}
	return mysql.Message(asked), nil
}

// copyDigest is of everything that a plan depends on.
func copyDigest(request Request, source, target string, from, into map[string]*copySource) string {
	type side struct {
		Kind   copyKind
		Engine string
		Table  *ddl.TableInfo
	}
	describe := func(s *copySource) *side {
		if s == nil {
			return nil
		}
		return &side{s.kind, s.engine, s.info}
	}
	h := sha256.New()
	encode := json.NewEncoder(h)
	values := []any{request, source, target}
	for _, name := range request.Tables {
		values = append(values, describe(from[name]), describe(into[name]))
	}
	for _, v := range values {
		if err := encode.Encode(v); err != nil { // unreachable: plain data
			panic(fmt.Sprintf("checkpoint: digest of a copy: %v", err))
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// identify returns the digest of what is copied from a table, and how.
func (t *copyTable) identify(source, target string) string {
	h := sha256.New()
	fmt.Fprintf(h, "%q %q %q %q %q", source, target, t.name, t.where, t.mode)
	for i := range t.columns {
		fmt.Fprintf(h, " %q", t.columns[i].name)
	}
	for _, k := range t.key {
		fmt.Fprintf(h, " key %q", t.columns[k.column].name)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}
