package provider_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// scripts returns the shell in a pipeline, in order: the blocks behind `run: |` and `- |`.
func scripts(t *testing.T, file string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "examples", "ci", file))
	must(t, err)
	var all []string
	lines := strings.Split(string(text), "\n")
	begins := regexp.MustCompile(`^ *(run: \||- \|)$`)
	for i := 0; i < len(lines); i++ {
		if !begins.MatchString(lines[i]) {
			continue
		}
		indent := len(lines[i+1]) - len(strings.TrimLeft(lines[i+1], " "))
		script := ""
		for i++; i < len(lines) && (lines[i] == "" || strings.HasPrefix(lines[i], strings.Repeat(" ", indent))); i++ {
			script += strings.TrimPrefix(lines[i], strings.Repeat(" ", indent)) + "\n"
		}
		all = append(all, script)
		i--
	}
	return all
}

// forge answers as GitHub and GitLab do, as far as the pipelines ask.
type forge struct {
	*httptest.Server

	mu       sync.Mutex
	comments []map[string]any
	calls    []string
	plan     func() []byte // the artifact
}

func newForge(t *testing.T) *forge {
	t.Helper()
	f := &forge{}
	f.Server = httptest.NewServer(f)
	t.Cleanup(f.Close)
	return f
}

// ServeHTTP answers one call.
func (f *forge) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if r.Header.Get("Authorization") != "Bearer planted-token" && r.Header.Get("PRIVATE-TOKEN") != "planted-token" {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	path := r.URL.EscapedPath()
	f.calls = append(f.calls, r.Method+" "+path)
	var body map[string]any
	if r.Method != http.MethodGet {
		raw, _ := io.ReadAll(r.Body)
		_ = json.Unmarshal(raw, &body)
	}
	answer := func(v any) { _ = json.NewEncoder(w).Encode(v) }
	switch {
	case r.Method == http.MethodPost:
		body["id"], body["user"], body["author"] = 70+len(f.comments), map[string]any{"type": "Bot"}, map[string]any{"id": 9}
		f.comments = append(f.comments, body)
		answer(body)
	case r.Method == http.MethodPatch || r.Method == http.MethodPut:
		for _, c := range f.comments {
			if strings.HasSuffix(path, fmt.Sprint("/", c["id"])) {
				c["body"] = body["body"]
			}
		}
		answer(body)
	case strings.HasSuffix(path, "/comments") || strings.HasSuffix(path, "/notes"):
		other := map[string]any{"id": 1, "user": map[string]any{"type": "User"}, "author": map[string]any{"id": 3}, "body": "<!-- terraform-provider-landlord preview --> by somebody else"}
		answer(append([]map[string]any{other}, f.comments...))
	case strings.HasSuffix(path, "/user"):
		answer(map[string]any{"id": 9})
	case strings.HasSuffix(path, "/pulls"):
		answer([]any{map[string]any{"head": map[string]any{"sha": "abc"}}})
	case strings.HasSuffix(path, "/merge_requests"):
		answer([]any{map[string]any{"iid": 5}})
	case strings.HasSuffix(path, "/actions/artifacts") && r.URL.Query().Get("name") == "plan-abc":
		answer(map[string]any{"artifacts": []any{map[string]any{"expired": true, "archive_download_url": "none"}, map[string]any{"expired": false, "archive_download_url": f.URL + "/archive"}}})
	case path == "/archive":
		z := zip.NewWriter(w)
		file, _ := z.Create("plan.tfplan.enc")
		_, _ = file.Write(f.plan())
		_ = z.Close()
	case path == "/projects/7/jobs/artifacts/refs%2Fmerge-requests%2F5%2Fhead/raw/plan.tfplan.enc" && r.URL.RawQuery == "job=plan":
		_, _ = w.Write(f.plan())
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

// TestAccCLI_pipelines runs the shell of the pipelines of the guide: a plan, its
// comment, another plan, which changes the same comment, and the apply of what was
// saved.
func TestAccCLI_pipelines(t *testing.T) {
	t.Parallel()
	for file, variables := range map[string]map[string]string{
		"github.yml": {"TOKEN": "planted-token", "NUMBER": "5", "GITHUB_REPOSITORY": "acme/tenants", "GITHUB_SHA": "def"},
		"gitlab.yml": {"COMMENT_TOKEN": "planted-token", "CI_PROJECT_ID": "7", "CI_MERGE_REQUEST_IID": "5", "CI_COMMIT_SHA": "def"},
	} {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			s := mysqltest.One(t)
			c := newCLI(t, s)
			f := newForge(t)
			variables["GITHUB_API_URL"], variables["CI_API_V4_URL"], variables["PLAN_KEY"], variables["TF_CLI_ARGS"] = f.URL, f.URL, "a long random text", "-no-color"
			bin := t.TempDir()
			must(t, os.Symlink(c.terraform, filepath.Join(bin, "terraform")))
			c.set("PATH", bin+":"+os.Getenv("PATH"))
			for name, value := range variables {
				c.set(name, value)
			}
			shell := func(script string) {
				t.Helper()
				command := exec.CommandContext(t.Context(), "bash", "-c", script)
				command.Dir, command.Env = c.directory, c.variables
				if out, err := command.CombinedOutput(); err != nil {
					t.Fatalf("%v: %s\n%s", err, script, out)
				}
			}
			steps := scripts(t, file)
			if len(steps) != 3 {
				t.Fatalf("there are %d scripts", len(steps))
			}
			c.write(shopConfig + acmeConfig(`  name = "Acme"`))
			c.run("init")
			own := slices.Clone(c.variables)
			shell(steps[0])
			shell(steps[1])
			c.write(shopConfig + acmeConfig("  name = \"Acme\"\n  metadata = { contact = sensitive(\"planted-secret\") }"))
			shell(steps[0])
			shell(steps[1])
			f.plan = func() []byte {
				text, err := os.ReadFile(filepath.Join(c.directory, "plan.tfplan.enc"))
				must(t, err)
				return text
			}
			for _, left := range []string{"plan.tfplan", "plan.json"} {
				if _, err := os.Stat(filepath.Join(c.directory, left)); err == nil {
					t.Errorf("%s is left in clear", left)
				}
			}
			if len(f.comments) != 1 {
				t.Fatalf("there are %d comments after %q", len(f.comments), f.calls)
			}
			if text := fmt.Sprint(f.comments[0]["body"]); !strings.HasPrefix(text, "<!-- terraform-provider-landlord preview -->\n## Preview of tenant databases\n") ||
				!strings.Contains(text, "1 tenant is made") || strings.Contains(text, "planted-secret") {
				t.Errorf("the comment is %s", text)
			}
			if bytes.HasPrefix(f.plan(), []byte("PK")) {
				t.Error("the plan is kept in clear")
			}
			shell(steps[2])
			if got := fmt.Sprint(s.QueryRows(t, "SELECT slug FROM "+mysqltest.QuoteName(s.LandlordDatabase)+".tenants")); got != "[[acme]]" {
				t.Errorf("after the apply there are %s", got)
			}

			// What the account of the jobs plans shows what an update loses, and is applied.
			c.asPlanner(s)
			defer func() { s.Exec(t, "DROP USER '"+s.Prefix+"reader'@'%'") }()
			c.write(strings.NewReplacer(`"1.0.0"`, `"1.1.0"`, ", email VARCHAR(190) NOT NULL", "", "(id, email) VALUES (1, 'root@example.com')", "(id) VALUES (1)").Replace(shopConfig) + acmeConfig("  name = \"Acme\"\n  destructive_mode = \"drop\""))
			shell(steps[0])
			shell(steps[1])
			for _, want := range []string{"Look closely: 1 change loses data.", "- Warning `data_changes`, statement 1, 1 row: 1 row of `users` loses the value of `email`\n",
				"ALTER TABLE `users` DROP COLUMN `email`, ALGORITHM=INSTANT; -- destructive, not reversible: Lost: column `users`.`email` with its values.\n"} {
				if text := fmt.Sprint(f.comments[0]["body"]); !strings.Contains(text, want) {
					t.Errorf("the comment lacks %q: %s", want, text)
				}
			}
			c.variables = own
			shell(steps[2])
			if got := fmt.Sprint(s.QueryRows(t, "SELECT applied_version FROM "+mysqltest.QuoteName(s.LandlordDatabase)+".tenants")); got != "[[1.1.0]]" {
				t.Errorf("after the update there are %s", got)
			}
		})
	}
}
