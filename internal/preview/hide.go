package preview

// notShown takes the place of what is hidden with SQL.
const notShown = "(not shown: it may have a part of SQL that comes from sensitive values)"

// hideSQL leaves out every text that may have come from a sensitive value, or have
// a part of one in it: statements, definitions, findings, the names of objects and
// reasons. What is done with how many tenants stays.
func (r *Report) hideSQL() {
	hideClasses(r.Classes)
	for i := range r.Fleets {
		hideClasses(r.Fleets[i].Classes)
		for j := range r.Fleets[i].Behind {
			hideText(&r.Fleets[i].Behind[j].Reason)
		}
	}
	for i := range r.Others {
		hideStatements(r.Others[i].Statements)
		hideFindings(r.Others[i].Findings)
	}
	for i := range r.Conflicts {
		c := &r.Conflicts[i]
		c.Known, c.Base, c.Template, c.Tenant, c.HCL = false, "", "", "", ""
		hideText(&c.Key)
		hideText(&c.Reason)
	}
	for i := range r.Drift {
		d := &r.Drift[i]
		hideText(&d.Object)
		hideText(&d.Element)
		hideText(&d.Detail)
	}
}

func hideClasses(list []Class) {
	for i := range list {
		c := &list[i]
		hideStatements(c.Statements)
		hideFindings(c.Findings)
		for j := range c.Conflicts {
			hideText(&c.Conflicts[j])
		}
		if !c.ownReason {
			hideText(&c.Reason)
		}
	}
}

func hideStatements(list []Statement) {
	for i := range list {
		list[i].SQL, list[i].Risk = notShown, ""
	}
}

func hideFindings(list []Finding) {
	for i := range list {
		f := &list[i]
		hideText(&f.Object)
		hideText(&f.Detail)
		f.Action, f.base, f.template, f.own = "", "", "", ""
	}
}

func hideText(text *string) {
	if *text != "" {
		*text = notShown
	}
}
