package publish

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/estate"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/render"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/template"
)

// validate judges a template version, once in a process: it is asked for in the
// plan and again when the version is published.
func (p *Publisher) validate(l *template.Lineage, srv ddl.Server) []template.Finding {
	key := estate.LineageKey(l) + "\x00" + string(srv.Product) + srv.Version
	if known, ok := p.Renderer.Renders.Findings.Load(key); ok {
		return slices.Clone(known.([]template.Finding)) //nolint:forcetypeassert // nothing else is stored
	}
	findings := l.Validate(srv)
	p.Renderer.Renders.Findings.Store(key, slices.Clone(findings))
	return findings
}

// prove renders the core of a template version, and compositions that hold,
// together, every two modules that may be combined.
func (p *Publisher) prove(ctx context.Context, c *compiled, info mysql.Info) (*render.Proof, error) {
	srv := p.Servers.Main()
	if c.exists {
		core, err := p.Renderer.Render(ctx, srv, c.core)
		return &render.Proof{Core: core}, err
	}
	key := srv.Key + "\x00" + info.RenderKey() + "\x00" + estate.LineageKey(c.lineage)
	if known := p.Renderer.Renders.Proof(key); known != nil {
		return known, nil
	}
	few, many := c.lineage.Combinations(), c.lineage.Coverings()
	all, findings := c.lineage.ComposeAll(slices.Concat(few, many), p.Servers.Guarding(info))
	if template.HasErrors(findings) {
		return nil, estate.FindingsProblem(landlord.FieldNone, "Template does not fit together", "", findings)
	}
	made := &render.Proof{Alone: all[:len(few):len(few)]}
	for _, covering := range all[len(few):] {
		if len(covering.Modules) == 0 {
			continue
		}
		if err := p.cover(ctx, srv, info, covering, made); err != nil {
			return nil, err
		}
	}
	core, err := p.Renderer.Render(ctx, srv, c.core)
	if err != nil {
		return nil, err
	}
	made.Core = core
	made.Alone = slices.DeleteFunc(made.Alone, func(choice *template.Composition) bool {
		return p.Renderer.Renders.Get(render.RenderKey(srv, info, choice)) != nil
	})
	p.Renderer.Renders.Mu.Lock()
	defer p.Renderer.Renders.Mu.Unlock()
	p.Renderer.Renders.Proofs[key] = made
	return made, nil
}

// cover tries a large choice of modules, and with it the smaller ones for which
// it can speak.
func (p *Publisher) cover(ctx context.Context, srv *registry.Server, info mysql.Info, covering *template.Composition, made *render.Proof) error {
	t := render.Trial{Whole: covering}
	for _, choice := range made.Alone {
		if choice.Digest == covering.Digest || !covering.Implies(choice) {
			continue
		}
		t.Implied = append(t.Implied, choice)
		if len(choice.Modules) == 0 {
			t.Core = choice
		}
	}
	err := p.Renderer.Try(ctx, srv, info, &t)
	if refused := (*landlord.StatementError)(nil); errors.As(err, &refused) {
		// What is wrong with the core is to be said of the core.
		core := slices.IndexFunc(made.Alone, func(c *template.Composition) bool { return len(c.Modules) == 0 })
		if core >= 0 {
			if _, coreErr := p.Renderer.Render(ctx, srv, made.Alone[core]); coreErr != nil {
				return coreErr
			}
		}
	}
	if err != nil {
		return err
	}
	p.Renderer.Renders.Put(render.RenderKey(srv, info, covering), t.Rendered)
	if t.CoreRendered != nil {
		p.Renderer.Renders.Put(render.RenderKey(srv, info, t.Core), t.CoreRendered)
	}
	made.Alone = slices.DeleteFunc(slices.Clone(made.Alone), func(choice *template.Composition) bool {
		return slices.Contains(t.Implied, choice) && !slices.Contains(t.Failed, choice)
	})
	return nil
}

// proveAlone renders the choices of modules for which no larger one speaks.
func (p *Publisher) proveAlone(ctx context.Context, c *compiled, spec landlord.TemplateSpec) error {
	for _, choice := range c.alone {
		if _, err := p.Renderer.Render(ctx, p.Servers.Main(), choice); err != nil {
			doing := fmt.Sprintf("Trying template `%s` with no other modules than %s in a scratch database", c.template.ID(), landlord.Quoted(choice.Modules))
			return render.StatementProblem(spec.SourceField(), doing, err)
		}
	}
	return nil
}
