package checkpointing

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
)

// TestListReport lists what differs, and cuts a long list.
func TestListReport(t *testing.T) {
	t.Parallel()
	list := func(n int) *checkpoint.Report {
		r := &checkpoint.Report{}
		for i := range n {
			r.Differences = append(r.Differences, checkpoint.Difference{Object: fmt.Sprintf("table `t%d`", i), Reason: "is missing"})
		}
		return r
	}
	for n, want := range map[int][]string{
		0:  {""},
		1:  {"table `t0` is missing"},
		2:  {"table `t0` is missing", "table `t1` is missing"},
		12: {"table `t0` is missing", "table `t8` is missing", "table `t9` is missing", "… and 2 more"},
	} {
		lines := strings.Split(ListReport(list(n)), "\n")
		if n == 12 && len(lines) == 11 {
			lines = append(lines[:1], lines[8:]...)
		}
		if diff := cmp.Diff(want, lines); diff != "" {
			t.Errorf("%d, -want +got:\n%s", n, diff)
		}
	}
	if lines := strings.Count(ListReport(list(10)), "\n"); lines != 9 {
		t.Errorf("ten: %d lines", lines+1)
	}
}

// TestCheckCheckpointName accepts names that are directories everywhere.
func TestCheckCheckpointName(t *testing.T) {
	t.Parallel()
	for name, good := range map[string]bool{
		"a": true, "A-1.b_c": true, "9": true, strings.Repeat("a", 100): true, "a..b": true,
		"": false, ".": false, "..": false, "-a": false, "_a": false, "a/b": false, `a\b`: false, "a b": false, "a\n": false, "ä": false, "a\x00": false,
		strings.Repeat("a", 101): false,
	} {
		err := CheckCheckpointName(name)
		var p *landlord.Problem
		if (err == nil) != good || err != nil && (!errors.As(err, &p) || p.Field != landlord.FieldName) {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// TestAutomatic says what is kept, with and without a directory.
func TestAutomatic(t *testing.T) {
	t.Parallel()
	here := t.TempDir()
	for name, c := range map[string]struct {
		directory  string
		wish, want landlord.AutomaticCheckpoint
		refused    bool
	}{
		"default":               {"", "", landlord.AutomaticSchema, false},
		"default, directory":    {here, "", landlord.AutomaticData, false},
		"none":                  {here, landlord.AutomaticNone, landlord.AutomaticNone, false},
		"schema":                {here, landlord.AutomaticSchema, landlord.AutomaticSchema, false},
		"data":                  {here, landlord.AutomaticData, landlord.AutomaticData, false},
		"data, not there":       {filepath.Join(here, "absent"), landlord.AutomaticData, landlord.AutomaticData, true},
		"data, no directory":    {"", landlord.AutomaticData, landlord.AutomaticData, true},
		"schema, no directory":  {"", landlord.AutomaticSchema, landlord.AutomaticSchema, false},
		"none, without a place": {"", landlord.AutomaticNone, landlord.AutomaticNone, false},
	} {
		e := &Checkpoints{Config: &landlord.Config{CheckpointDirectory: c.directory}}
		err := e.CheckAutomatic(c.wish)
		if got := e.Automatic(c.wish); got != c.want || (err != nil) != c.refused {
			t.Errorf("%s: %s, %v", name, got, err)
		}
	}
}

// TestDirectory looks for the directory of checkpoints before it is needed: a disk
// that is not mounted is not replaced by a directory of its name.
func TestDirectory(t *testing.T) {
	t.Parallel()
	here := t.TempDir()
	file := filepath.Join(here, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		directory string
		create    bool
		cause     string
	}{
		"there":           {here, false, ""},
		"absent":          {filepath.Join(here, "absent"), false, "it does not exist"},
		"absent, made":    {filepath.Join(here, "absent"), true, ""},
		"a file":          {file, true, "it is no directory"},
		"below of a file": {filepath.Join(file, "below"), true, "stat " + filepath.Join(file, "below") + ": not a directory"},
	} {
		e := &Checkpoints{Config: &landlord.Config{CheckpointDirectory: c.directory, CreateDirectory: c.create}}
		err := e.needsDirectory("Checkpoint `c` of tenant `acme` holds data, and")
		if c.cause == "" {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		var p *landlord.Problem
		want := "Checkpoint directory cannot be used\nCheckpoint `c` of tenant `acme` holds data, and needs the `checkpoint_directory` of the provider, `" + c.directory + "`.\n\nCause: " + c.cause +
			"\n\nMount or make it, or correct the path. With `create_checkpoint_directory = true` in the provider it is made when it is not there."
		if !errors.As(err, &p) || p.Summary+"\n"+strings.Join(p.Detail, "\n\n") != want {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestSpec refuses, before a server is asked, what cannot be taken.
func TestSpec(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		spec      Spec
		directory string
		field     landlord.Field
		want      string
	}{
		"name":                  {Spec{Name: "../x"}, "/d", landlord.FieldName, "Checkpoint name cannot be used"},
		"data, no directory":    {Spec{Tenant: "acme", Name: "c"}, "", landlord.FieldContents, "Checkpoint `c` of tenant `acme` holds data, and needs a directory for its files."},
		"schema of tables":      {Spec{Name: "c", Contents: landlord.CheckpointSchema, Tables: []string{"t"}}, "", landlord.FieldTables, "`tables` chooses among rows"},
		"schema that is proven": {Spec{Name: "c", Contents: landlord.CheckpointSchema, Verify: true}, "", landlord.FieldVerify, "no rows that could be restored"},
	} {
		e := &Checkpoints{Config: &landlord.Config{CheckpointDirectory: c.directory}}
		notes, err := e.PlanCheckpoint(t.Context(), c.spec)
		var p *landlord.Problem
		if !errors.As(err, &p) || p.Field != c.field || !strings.Contains(err.Error(), c.want) || notes != nil {
			t.Errorf("%s: %v", name, err)
		}
		if _, known := e.PlannedCheckpoints.Load(c.spec.Tenant + "/" + c.spec.Name); known {
			t.Errorf("%s: it is known to the plans of the run", name)
		}
	}
}

// TestStatusOfFiles tells files that are gone from files that are damaged.
func TestStatusOfFiles(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		err    error
		status landlord.CheckpointStatus
		fault  string
	}{
		"whole":   {nil, landlord.CheckpointReady, ""},
		"gone":    {fmt.Errorf("opening: %w", fs.ErrNotExist), landlord.CheckpointMissing, "opening: file does not exist"},
		"damaged": {errors.New("checksum differs"), landlord.CheckpointDamaged, "checksum differs"},
		"locked":  {fs.ErrPermission, landlord.CheckpointDamaged, "permission denied"},
	} {
		if status, fault := StatusOfFiles(c.err); status != c.status || fault != c.fault {
			t.Errorf("%s: %s, %q", name, status, fault)
		}
	}
}

// TestNoCheckpoint says what did not begin for want of a checkpoint.
func TestNoCheckpoint(t *testing.T) {
	t.Parallel()
	cause := landlord.NewProblem(landlord.FieldContents, "Provider has no checkpoint directory", "It needs one.", "Set it.")
	got := NoCheckpoint(fmt.Errorf("taking: %w", cause), "Before the drop.")
	var p *landlord.Problem
	if !errors.As(got, &p) || p.Field != landlord.FieldAutomaticCheckpoint || !errors.Is(got, cause) ||
		got.Error() != "Provider has no checkpoint directory: Before the drop.\n\nIt needs one.\n\nSet it." {
		t.Errorf("got %v", got)
	}
	if other := errors.New("connection refused"); !errors.Is(NoCheckpoint(other, "Before."), other) {
		t.Error("another error is lost")
	}
}

// TestVerified refuses a checkpoint that came back as something else.
func TestVerified(t *testing.T) {
	t.Parallel()
	if err := verified("before", &checkpoint.Report{}); err != nil {
		t.Errorf("the same: %v", err)
	}
	want := "Checkpoint does not restore to what it was: Checkpoint `before` was loaded into a scratch database, which differs from what was copied:\n" +
		"table `users` is missing\n\nPlease report this with the differences above. `verify = false` takes a checkpoint without the proof."
	err := verified("before", &checkpoint.Report{Differences: []checkpoint.Difference{{Object: "table `users`", Reason: "is missing"}}})
	if err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
}
