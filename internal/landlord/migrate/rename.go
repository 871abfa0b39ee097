package migrate

import (
	"context"
	"fmt"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/diff"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/merge"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/template"
)

// renames points out columns of the template that may only have got another name:
// without a line in a script, their values go with the former one.
func (c *change) renames(ctx context.Context, in merge.Input) ([]landlord.Note, error) {
	if in.Adoption || c.from == c.want.ID {
		return nil, nil
	}
	found := diff.Renames(in.Old, in.Next, registry.Dialect(c.info))
	if len(found) == 0 {
		return nil, nil
	}
	script, err := c.scriptFor(ctx)
	if err != nil {
		return nil, err
	}
	lines := []string{fmt.Sprintf("From `%s` to `%s` a column goes and another one of a like type comes. If it is the same with another name, say so, or its values go:", c.from, c.want.ID)}
	var findings []landlord.Finding // in which the script has no name: another one can say it once the version is published
	for _, r := range found {
		lines = append(lines, "  "+r.SQL()+";")
		findings = append(findings, landlord.Finding{Kind: landlord.KindRename, Object: landlord.ObjectName("table " + r.Table),
			Detail: fmt.Sprintf("column `%s` goes and column `%s` comes: it may be the same with another name", r.From, r.To), Action: "If so, let a script in `migrations/` run: " + r.SQL() + ";"})
	}
	lines = append(lines, "Where it is so, add the line to "+script+".")
	return []landlord.Note{{Severity: landlord.Warning, Field: landlord.FieldTemplate, Summary: "Column may only have another name", Detail: strings.Join(lines, "\n"), Findings: findings}}, nil
}

// scriptFor names the script that can say something about the way of the tenant to
// the wanted version. A published version never changes: the next one can.
func (c *change) scriptFor(ctx context.Context) (string, error) {
	published, err := c.e.Estate.Templates.All(ctx)
	if err != nil {
		return "", err
	}
	to := c.want.ID.Version
	if _, ok := published[c.want.ID]; !ok {
		return fmt.Sprintf("`migrations/%s--%s.sql`", c.from.Version, to), nil
	}
	var versions []string
	for id := range published {
		if id.Name == c.want.ID.Name {
			versions = append(versions, id.Version)
		}
	}
	next := template.NextVersion(to, versions).Patch
	return fmt.Sprintf("`migrations/%s--%s.sql` of a version `%s`, and let the tenant follow that one", c.from.Version, next, next), nil
}
