package landlord

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/template"
)

// proof is what a process has found out about a template version on the main
// server.
type proof struct {
	core *rendering
	// alone are choices of modules for which no larger one that was tried can
	// speak. They are tried when the version is published.
	alone []*template.Composition
}

// proof returns what was found out under a key; nil when nothing was.
func (r *renders) proof(key string) *proof {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.proofs[key]
}

// validate judges a template version, once in a process: it is asked for in the
// plan and again when the version is published.
func (e *Engine) validate(l *template.Lineage, srv ddl.Server) []template.Finding {
	key := lineageKey(l) + "\x00" + string(srv.Product) + srv.Version
	if known, ok := e.renders.findings.Load(key); ok {
		return slices.Clone(known.([]template.Finding)) //nolint:forcetypeassert // nothing else is stored
	}
	findings := l.Validate(srv)
	e.renders.findings.Store(key, slices.Clone(findings))
	return findings
}

// trial is a composition that runs in a scratch database. On the way it can
// tell what smaller ones would have told in databases of their own.
type trial struct {
	whole *template.Composition
	// implied are compositions whose structure works if that of the whole does,
	// so that only their seeds have to be tried.
	implied []*template.Composition
	// core is that one of implied whose schema is read too, or nil.
	core *template.Composition

	rendered     *rendering
	coreRendered *rendering
	failed       []*template.Composition // those of implied whose seeds say nothing in this database
}

// prove renders the core of a template version, and compositions that hold,
// together, every two modules that may be combined.
func (e *Engine) prove(ctx context.Context, c *compiled, info mysql.Info) (*proof, error) {
	srv := e.main()
	if c.exists {
		core, err := e.render(ctx, srv, c.core)
		return &proof{core: core}, err
	}
	key := srv.key + "\x00" + info.RenderKey() + "\x00" + lineageKey(c.lineage)
	if known := e.renders.proof(key); known != nil {
		return known, nil
	}
	few, many := c.lineage.Combinations(), c.lineage.Coverings()
	all, findings := c.lineage.ComposeAll(slices.Concat(few, many), e.guarding(info))
	if template.HasErrors(findings) {
		return nil, findingsProblem(FieldNone, "Template does not fit together", "", findings)
	}
	made := &proof{alone: all[:len(few):len(few)]}
	for _, covering := range all[len(few):] {
		if len(covering.Modules) == 0 {
			continue
		}
		if err := e.cover(ctx, srv, info, covering, made); err != nil {
			return nil, err
		}
	}
	core, err := e.render(ctx, srv, c.core)
	if err != nil {
		return nil, err
	}
	made.core = core
	made.alone = slices.DeleteFunc(made.alone, func(choice *template.Composition) bool { return e.renders.get(renderKey(srv, info, choice)) != nil })
	e.renders.mu.Lock()
	defer e.renders.mu.Unlock()
	e.renders.proofs[key] = made
	return made, nil
}

// cover tries a large choice of modules, and with it the smaller ones for which
// it can speak.
func (e *Engine) cover(ctx context.Context, srv *server, info mysql.Info, covering *template.Composition, made *proof) error {
	t := trial{whole: covering}
	for _, choice := range made.alone {
		if choice.Digest == covering.Digest || !covering.Implies(choice) {
			continue
		}
		t.implied = append(t.implied, choice)
		if len(choice.Modules) == 0 {
			t.core = choice
		}
	}
	err := e.try(ctx, srv, info, &t)
	if refused := (*StatementError)(nil); errors.As(err, &refused) {
		// What is wrong with the core is to be said of the core.
		core := slices.IndexFunc(made.alone, func(c *template.Composition) bool { return len(c.Modules) == 0 })
		if core >= 0 {
			if _, coreErr := e.render(ctx, srv, made.alone[core]); coreErr != nil {
				return coreErr
			}
		}
	}
	if err != nil {
		return err
	}
	e.renders.put(renderKey(srv, info, covering), t.rendered)
	if t.coreRendered != nil {
		e.renders.put(renderKey(srv, info, t.core), t.coreRendered)
	}
	made.alone = slices.DeleteFunc(slices.Clone(made.alone), func(choice *template.Composition) bool {
		return slices.Contains(t.implied, choice) && !slices.Contains(t.failed, choice)
	})
	return nil
}

// try runs a trial.
func (e *Engine) try(ctx context.Context, srv *server, info mysql.Info, t *trial) error {
	s, err := e.openScratch(ctx, srv)
	if err != nil {
		return err
	}
	defer s.close(ctx)
	if err := s.session.CheckForeignKeys(ctx, !t.whole.ForwardKeys); err != nil {
		return err
	}
	statements, from := t.whole.Statements, 0
	if t.core != nil {
		from = structure(t.core)
		if err := s.run(ctx, statements, 0, from); err != nil {
			return err
		}
		if t.coreRendered, err = s.read(ctx, e, srv, info); err != nil {
			return err
		}
	}
	seeds := structure(t.whole)
	if err := s.run(ctx, statements, from, seeds); err != nil {
		return err
	}
	if err := s.session.CheckForeignKeys(ctx, true); err != nil {
		return err
	}
	// The schema is read before the seeds, which move automatic values.
	if t.rendered, err = s.read(ctx, e, srv, info); err != nil {
		return err
	}
	if err := s.run(ctx, statements, seeds, len(statements)); err != nil {
		return err
	}
	return s.trySeeds(ctx, t)
}

// structure returns how many statements of a composition come before the seeds.
func structure(c *template.Composition) int {
	if seeds := slices.IndexFunc(c.Statements, func(st template.Statement) bool { return st.Seed }); seeds >= 0 {
		return seeds
	}
	return len(c.Statements)
}

// trySeeds runs the seeds of the smaller compositions. The whole one's were
// rolled back, but have used automatic values up: seeds that refer to each
// other by number may fail here and work in a fresh database.
func (s *scratch) trySeeds(ctx context.Context, t *trial) error {
	for _, smaller := range t.implied {
		seeds := t.whole.SeedsOf(smaller.Modules)
		err := s.run(ctx, seeds, 0, len(seeds))
		if err == nil {
			continue
		}
		t.failed = append(t.failed, smaller)
		if _, err := s.session.Exec(ctx, "ROLLBACK"); err != nil {
			return nil //nolint:nilerr // all that is left is tried on its own
		}
	}
	return nil
}

// proveAlone renders the choices of modules for which no larger one speaks.
func (e *Engine) proveAlone(ctx context.Context, c *compiled, spec TemplateSpec) error {
	for _, choice := range c.alone {
		if _, err := e.render(ctx, e.main(), choice); err != nil {
			doing := fmt.Sprintf("Trying template `%s` with no other modules than %s in a scratch database", c.template.ID(), quoted(choice.Modules))
			return statementProblem(spec.sourceField(), doing, err)
		}
	}
	return nil
}
