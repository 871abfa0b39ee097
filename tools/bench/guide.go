package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strings"
	"time"
)

// section names what is measured, as the page for users has it between two marks.
func (o options) section() string {
	switch {
	case o.copies:
		return "copies"
	case o.fleet && o.small:
		return "fleet-small"
	case o.fleet:
		return "fleet"
	}
	return "tenants"
}

// writeGuide puts the figures between the marks of their section in a page.
func (b *bench) writeGuide(ctx context.Context, file string, on time.Time) error {
	raw, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("reading the page for the figures: %w", err)
	}
	page, err := replaceSection(string(raw), b.section(), b.figures(machine(ctx, b.terraform), on))
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return os.WriteFile(file, []byte(page), 0o644) //nolint:gosec // a page that everybody may read
}

// replaceSection puts a text between `<!-- measured: NAME -->` and `<!-- end: NAME -->`.
func replaceSection(page, name, text string) (string, error) {
	begin, end := "<!-- measured: "+name+" -->\n", "<!-- end: "+name+" -->\n"
	before, rest, found := strings.Cut(page, begin)
	_, after, closed := strings.Cut(rest, end)
	if !found || !closed {
		return "", fmt.Errorf("it has no lines %q and %q", strings.TrimSpace(begin), strings.TrimSpace(end))
	}
	return before + begin + text + end + after, nil
}

// figures is the table of what was measured, as Markdown, with where and how.
func (b *bench) figures(where string, on time.Time) string {
	var out strings.Builder
	fmt.Fprintf(&out, "%s, %s; %s. Repeat it with `%s`.\n", b.kind, where, on.Format("2 January 2006"), b.command())
	part, letters := "", map[*row]string{}
	for _, r := range b.rows {
		if r.part != part {
			part = r.part
			clear(letters)
			fmt.Fprintf(&out, "\n| | %s | seconds | CPU of client + server | statements | compared |\n|---|---|--:|--:|--:|---|\n", part)
		}
		letters[r] = string(rune('A' + len(letters)))
		fmt.Fprintf(&out, "| %s | %s | %s | %s + %s | %d | %s |\n", letters[r], strings.ReplaceAll(r.name, "|", "\\|"), seconds(medianOf(r.samples, wallOf)),
			seconds(medianOf(r.samples, func(s sample) time.Duration { return s.client })), seconds(medianOf(r.samples, func(s sample) time.Duration { return s.server })),
			medianOf(r.samples, func(s sample) int64 { return s.statements }), r.compared(letters))
	}
	if b.memory > 0 {
		fmt.Fprintf(&out, "\nMemory of the provider: %d MiB at most.\n", b.memory>>20)
	}
	return out.String()
}

// compared says how many times a row needs what it is compared with; the letters
// are those of the rows of its table.
func (r *row) compared(letters map[*row]string) string {
	if len(r.others) == 0 {
		return ""
	}
	names := make([]string, len(r.others))
	for i, other := range r.others {
		names[i] = letters[other]
	}
	with := strings.Join(names, " + ")
	if len(names) > 1 {
		with = "(" + with + ")"
	}
	text := fmt.Sprintf("%.2f × %s, CPU %.2f", r.ratio(wallOf), with, r.ratio(cpuOf))
	if r.goal > 0 {
		text += fmt.Sprintf(", goal %.2f", r.goal)
	}
	return text
}

// command is how the figures are measured again.
func (b *bench) command() string {
	flags := []string{fmt.Sprintf("-rounds %d", b.rounds)}
	switch {
	case b.options.copies:
		flags = append(flags, fmt.Sprintf("-checkpoint -size %d", b.size))
	default:
		flags = append(flags, fmt.Sprintf("-tenants %d", b.tenants))
	}
	if b.fleet {
		flags = append(flags, "-fleet")
	}
	if b.small {
		flags = append(flags, "-small")
	}
	return "make bench TESTARGS='" + strings.Join(flags, " ") + "'"
}

var cpuModel = regexp.MustCompile(`(?m)^model name\s*:\s*(.*\S)`)

// machine names what the figures were measured on, as far as it tells.
func machine(ctx context.Context, terraform string) string {
	parts := []string{fmt.Sprintf("%d cores for server, Terraform and provider together", runtime.NumCPU())}
	cpus, _ := os.ReadFile("/proc/cpuinfo") // elsewhere the model is left out
	if model := cpuModel.FindSubmatch(cpus); model != nil {
		parts = append(parts, string(model[1]))
	}
	version := "version unknown"
	if raw, err := exec.CommandContext(ctx, terraform, "version").Output(); err == nil {
		version, _, _ = strings.Cut(string(raw), "\n")
	}
	return strings.Join(append(parts, version), ", ")
}
