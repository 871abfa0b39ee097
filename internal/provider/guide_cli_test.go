package provider_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest/instance"
)

// A walk does what a page of the documentation tells its reader to do, block by
// block, and compares what is printed with what the page shows. The line before a
// block says what it is, in a comment that readers do not see:
//
//	<!-- file: main.tf -->       the block is that file from here on
//	<!-- run -->                 commands for a shell; they have to succeed
//	<!-- fails -->               commands of which the last one has to fail
//	<!-- sql -->                 statements that somebody sends to the server
//	<!-- prints -->              lines that the last commands have printed, in this order; … stands for any text
//	<!-- not run: reason -->     the block is left out
//
// Every block of a page has one: what nobody runs says why.
type walk struct {
	t    *testing.T
	c    *cli
	s    *mysqltest.Server
	page string
	last string // what the last commands printed
}

// goBin is where pages have the programs that Go installs.
const goBin = "/home/me/go/bin"

// fence is a block of a page with the comment before it.
type fence struct {
	verb, argument string
	language, text string
	line           int
}

// fences returns the blocks of a page.
func fences(t *testing.T, page, text string) []fence {
	t.Helper()
	comment := regexp.MustCompile(`^<!-- ([a-z ]+?)(?:: (.*))? -->$`)
	var all []fence
	lines := strings.Split(text, "\n")
	for i := 0; i < len(lines); i++ {
		language, begins := strings.CutPrefix(strings.TrimSpace(lines[i]), "```")
		if !begins {
			continue
		}
		f := fence{language: language, line: i + 1}
		if i > 0 {
			if found := comment.FindStringSubmatch(strings.TrimSpace(lines[i-1])); found != nil {
				f.verb, f.argument = found[1], found[2]
			}
		}
		for i++; i < len(lines) && strings.TrimSpace(lines[i]) != "```"; i++ {
			f.text += strings.TrimRight(lines[i], " ") + "\n"
		}
		if f.verb == "" {
			t.Errorf("%s:%d: nothing says what becomes of the block", page, f.line)
		}
		all = append(all, f)
	}
	return all
}

// walkPage goes the way of a page on the databases of a test.
func walkPage(t *testing.T, s *mysqltest.Server, page string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", page))
	must(t, err)
	needFeatures(t, string(text))
	w := &walk{t: t, c: newCLI(t, s), s: s, page: page}
	bin := t.TempDir()
	for _, name := range []string{"terraform", "tofu"} {
		must(t, os.Symlink(w.c.terraform, filepath.Join(bin, name)))
	}
	root, err := mirror()
	must(t, err)
	must(t, os.Symlink(filepath.Join(root, "terraform-provider-landlord_v"+binaryVersion), filepath.Join(bin, "terraform-provider-landlord")))
	w.c.set("PATH", bin+":"+os.Getenv("PATH"))
	w.c.set("TF_CLI_ARGS", "-no-color")
	w.c.set("TF_CLI_ARGS_apply", "-auto-approve")
	w.c.set("TF_CLI_ARGS_destroy", "-auto-approve")
	w.c.set("LANDLORD_CHECKPOINT_DIRECTORY", t.TempDir())
	commands := 0
	for _, f := range fences(t, page, string(text)) {
		if f.verb == "run" || f.verb == "fails" {
			commands++
		}
		if !w.step(f) {
			return // what follows builds on it
		}
	}
	if commands == 0 {
		t.Errorf("%s: no command was run", page)
	}
}

// step does what one block says.
func (w *walk) step(f fence) bool {
	w.t.Helper()
	at := fmt.Sprintf("%s:%d", w.page, f.line)
	switch f.verb {
	case "file":
		path := filepath.Join(w.c.directory, f.argument)
		must(w.t, os.MkdirAll(filepath.Dir(path), 0o755))
		root, err := mirror()
		must(w.t, err)
		text := strings.ReplaceAll(f.text, goBin, root)
		if f.argument == "main.tf" && !strings.Contains(text, "required_providers") {
			text = requiredProvider + text
		}
		must(w.t, os.WriteFile(path, []byte(text), 0o600))
	case "run", "fails":
		out, ok := w.shell(f.text)
		w.last = out
		if ok != (f.verb == "run") {
			w.t.Errorf("%s: the commands end with success %t: %s", at, ok, out)
			return false
		}
	case "sql":
		for _, statement := range strings.Split(w.ours(f.text), ";\n") {
			if strings.TrimSpace(statement) != "" {
				w.s.Exec(w.t, statement)
			}
		}
	case "prints":
		if missing := missingLine(w.last, f.text); missing != "" {
			w.t.Errorf("%s: the commands do not print %q, but:\n%s", at, missing, w.last)
		}
	case "not run":
		if f.argument == "" {
			w.t.Errorf("%s: not run, and no reason", at)
		}
	default:
		w.t.Errorf("%s: `%s` is no word for a block", at, f.verb)
	}
	return true
}

// shell runs commands, and returns what they print as the page has it.
func (w *walk) shell(script string) (string, bool) {
	command := exec.CommandContext(w.t.Context(), "sh", "-ec", w.ours(script))
	command.Dir, command.Env = w.c.directory, w.c.variables
	out, err := command.CombinedOutput()
	root, failed := mirror()
	must(w.t, failed)
	pattern := strings.ReplaceAll(w.s.Prefix, "_", `\\_`) // of a GRANT, as Terraform prints it
	printed := strings.NewReplacer(w.s.LandlordDatabase, "landlord", w.s.Prefix, "tenant_", pattern, `tenant\\_`, root, goBin).Replace(string(out))
	return printed, err == nil
}

// ours puts the names of this test for the default ones of a page.
func (w *walk) ours(text string) string {
	escaped := func(name string) string { return strings.ReplaceAll(name, "_", `\_`) }
	text = strings.NewReplacer(`tenant\_%`, escaped(w.s.Prefix)+"%", `landlord\_%`, escaped(w.s.LandlordDatabase)+`\_%`, "landlord_apply", w.s.Prefix+"apply").Replace(text)
	text = regexp.MustCompile(`\btenant_([a-z*])`).ReplaceAllString(text, w.s.Prefix+"$1")
	return regexp.MustCompile("`landlord`|\\blandlord\\.").ReplaceAllStringFunc(text, func(name string) string {
		return strings.Replace(name, "landlord", w.s.LandlordDatabase, 1)
	})
}

// missingLine returns the first line of a page whose words are not printed behind
// those before it; empty when all are. Where Terraform breaks a line depends on its
// names, so breaks and indents do not count.
func missingLine(printed, shown string) string {
	rest := " " + strings.Join(strings.Fields(printed), " ") + " "
	for _, line := range strings.Split(shown, "\n") {
		line = strings.Join(strings.Fields(line), " ")
		if line == "" || line == "…" {
			continue
		}
		pattern := regexp.MustCompile(" " + strings.ReplaceAll(regexp.QuoteMeta(line), "…", ".*?") + " ")
		found := pattern.FindStringIndex(rest)
		if found == nil {
			return line
		}
		rest = rest[found[1]-1:]
	}
	return ""
}

// ofMySQL are the guides that another product would print otherwise.
var ofMySQL = []string{"evolving.md", "fleets.md", "least-privileges.md", "reading-a-plan.md"}

// TestAccCLI_guides walks the guides. Of one without commands each block says why.
func TestAccCLI_guides(t *testing.T) {
	t.Parallel()
	pages, err := filepath.Glob(filepath.Join("..", "..", "docs", "guides", "*.md"))
	must(t, err)
	for _, path := range pages {
		name := filepath.Base(path)
		t.Run(strings.TrimSuffix(name, ".md"), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(path)
			must(t, err)
			blocks := fences(t, "docs/guides/"+name, string(text))
			if slices.ContainsFunc(blocks, func(f fence) bool { return f.verb == "run" }) {
				s := mysqltest.One
				if slices.Contains(ofMySQL, name) {
					s = func(t testing.TB) *mysqltest.Server {
						return mysqltest.OneOf(t, instance.MySQL97, "this guide shows what MySQL prints, or grants what it has")
					}
				}
				walkPage(t, s(t), "docs/guides/"+name)
			}
		})
	}
}

// TestMissingLine compares what is shown with what is printed.
func TestMissingLine(t *testing.T) {
	t.Parallel()
	const printed = "Plan: 2 to add\n\n  + migration = [\n      + \"CREATE\",\n    ]\nDone in 3s\n"
	for shown, want := range map[string]string{
		"Plan: 2 to add\nDone in …s\n":   "",
		"+ \"CREATE\",\n":                "",
		"Done in …s\nPlan: 2 to add\n":   "Plan: 2 to add",
		"Plan: 3 to add\n":               "Plan: 3 to add",
		"Plan: 2 to add\n…\n]\n":         "",
		"gration = [":                    "gration = [",
		"to add + migration":             "",
		"Plan: 2 to add\nPlan: 2 to add": "Plan: 2 to add",
	} {
		if got := missingLine(printed, shown); got != want {
			t.Errorf("%q: %q is missing, want %q", shown, got, want)
		}
	}
}

// TestAccCLI_readme applies the configuration of the README, makes the change that
// it speaks of, and compares the plan with what is shown there.
func TestAccCLI_readme(t *testing.T) {
	t.Parallel()
	s := mysqltest.OneOf(t, instance.MySQL97, "the README shows what MySQL prints")
	text, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	must(t, err)
	blocks := regexp.MustCompile("(?s)```([a-z]*)\\n(.*?)```").FindAllStringSubmatch(string(text), -1)
	if len(blocks) < 2 || blocks[0][1] != "hcl" {
		t.Fatalf("%d blocks", len(blocks))
	}
	c := newCLI(t, s)
	must(t, os.CopyFS(filepath.Join(c.directory, "templates"), os.DirFS(filepath.Join("..", "..", "examples", "quickstart", "templates"))))
	c.write(blocks[0][2])
	c.run("init")
	c.run("apply", "-auto-approve")
	if sampled := s.QueryRows(t, "SELECT COUNT(*) FROM "+s.LandlordDatabase+".tenant_samples"); sampled[0][0] != "2" {
		t.Errorf("%s samples of two tenants were kept at the end of the apply", sampled[0][0])
	}
	c.noChanges()
	file := filepath.Join(c.directory, "templates", "shop", "core", "001_catalog.sql")
	sql, err := os.ReadFile(file)
	must(t, err)
	changed := regexp.MustCompile(`(?m)^( *stock .*)$`).ReplaceAllString(string(sql), "$1\n  weight_g INT UNSIGNED NULL,")
	must(t, os.WriteFile(file, []byte(changed), 0o600))
	c.write(strings.Replace(blocks[0][2], `"1.0.0"`, `"1.1.0"`, 1))
	if missing := missingLine(c.run("plan"), blocks[1][2]); missing != "" {
		t.Errorf("the plan has no %q: %s", missing, c.run("plan"))
	}
}
