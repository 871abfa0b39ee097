package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"
)

// row is one line of the table, with a sample of each time it was measured.
type row struct {
	part, name     string
	samples        []sample
	others         []*row  // what it is compared with, together
	goal           float64 // of the ratio of wall times; 0 for none
	mostStatements int64   // 0 for any number
}

// row returns the row of that name.
func (b *bench) row(part, name string) *row {
	for _, r := range b.rows {
		if r.part == part && r.name == name {
			return r
		}
	}
	r := &row{part: part, name: name}
	b.rows = append(b.rows, r)
	return r
}

// against compares a row with the sum of others; a goal of 0 is none.
func (r *row) against(goal float64, others ...*row) *row {
	r.others, r.goal = others, goal
	return r
}

// ratio is the median of what this side needs in a round, by what the others
// need together in the same round.
func (r *row) ratio(of func(sample) time.Duration) float64 {
	var ratios []float64
	for n := range r.samples {
		var whole time.Duration
		for _, other := range r.others {
			if n < len(other.samples) {
				whole += of(other.samples[n])
			}
		}
		if whole > 0 {
			ratios = append(ratios, float64(of(r.samples[n]))/float64(whole))
		}
	}
	return median(ratios)
}

func wallOf(s sample) time.Duration { return s.wall }
func cpuOf(s sample) time.Duration  { return s.client + s.server }

// median returns the middle value, and the mean of two in the middle.
func median[T cmp.Ordered](values []T) T {
	var none T
	if len(values) == 0 {
		return none
	}
	sorted := slices.Clone(values)
	slices.Sort(sorted)
	return sorted[(len(sorted)-1)/2]
}

func medianOf[T cmp.Ordered](samples []sample, of func(sample) T) T {
	values := make([]T, len(samples))
	for n, s := range samples {
		values[n] = of(s)
	}
	return median(values)
}

// print writes the table and returns how many goals are missed.
func (b *bench) print(out io.Writer) (missed int) {
	fmt.Fprintf(out, "\n%s, medians of %d rounds; CPU in seconds, of the client (Terraform with its plugins) and of the server\n", b.kind, b.rounds)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	part := ""
	for _, r := range b.rows {
		if r.part != part {
			part = r.part
			fmt.Fprintf(w, "\n%s\t\t\t\t\t\t\t\t\t\n\twall\tclient CPU\tserver CPU\tstatements\tfsyncs\tCPU ratio\twall ratio\tgoal\t\n", part)
		}
		line, bad := r.line()
		missed += bad
		fmt.Fprintln(w, line)
	}
	_ = w.Flush()
	return missed
}

// mostMemory is what a provider may have at most while it copies a tenant.
const mostMemory = 100 << 20

// printMemory writes the memory figure and returns whether it is too high.
func (b *bench) printMemory(out io.Writer, most int64) (missed int) {
	verdict := ""
	if b.memory > most {
		verdict, missed = " MISSED", 1
	}
	fmt.Fprintf(out, "\nmemory of the provider at most: %d MiB resident, goal %d MiB%s\n", b.memory>>20, most>>20, verdict)
	return missed
}

func (r *row) line() (text string, missed int) {
	text = fmt.Sprintf("%s\t%s\t%s\t%s\t%d\t%d\t", r.name, seconds(medianOf(r.samples, wallOf)),
		seconds(medianOf(r.samples, func(s sample) time.Duration { return s.client })),
		seconds(medianOf(r.samples, func(s sample) time.Duration { return s.server })),
		medianOf(r.samples, func(s sample) int64 { return s.statements }),
		medianOf(r.samples, func(s sample) int64 { return s.fsyncs }))
	ratios, goal := "\t\t", ""
	if len(r.others) > 0 {
		wall := r.ratio(wallOf)
		ratios = fmt.Sprintf("%.2f\t%.2f\t", r.ratio(cpuOf), wall)
		if r.goal > 0 {
			goal = fmt.Sprintf("%.2f", r.goal)
			if wall > r.goal {
				goal, missed = goal+" MISSED", missed+1
			}
		}
	}
	if r.mostStatements > 0 {
		most := slices.MaxFunc(r.samples, func(a, b sample) int { return cmp.Compare(a.statements, b.statements) }).statements
		text := fmt.Sprintf("%d statements", r.mostStatements)
		if most > r.mostStatements {
			text, missed = text+" MISSED", missed+1
		}
		goal += map[bool]string{true: ", "}[goal != ""] + text
	}
	return text + ratios + goal + "\t", missed
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.2f", d.Seconds()) }
