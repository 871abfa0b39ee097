package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"regexp"
	"slices"
	"text/tabwriter"
	"time"
)

// digests says where the time of the server went while one side was measured.
// It shows where to save; it is no part of the comparison.
type digests struct {
	out io.Writer
}

// names are what tells the databases of a run apart.
var names = regexp.MustCompile(`(scratch_|\bt)[0-9a-f]{4,}\b`)

// digest is a kind of statement.
type digest struct {
	text  string
	count int64
	time  time.Duration
}

// reset forgets what the server has seen.
func (d digests) reset(ctx context.Context, s *server) error {
	if d.out == nil {
		return nil
	}
	_, err := s.conn.ExecContext(ctx, "TRUNCATE TABLE performance_schema.events_statements_summary_by_digest")
	if err != nil {
		return fmt.Errorf("emptying the digests: %w", err)
	}
	return nil
}

// write writes what the server has seen, the dearest first.
func (d digests) write(ctx context.Context, s *server, title string) error {
	if d.out == nil {
		return nil
	}
	rows, err := s.conn.QueryContext(ctx, "SELECT COALESCE(DIGEST_TEXT, ''), COUNT_STAR, SUM_TIMER_WAIT DIV 1000"+
		" FROM performance_schema.events_statements_summary_by_digest")
	if err != nil {
		return fmt.Errorf("reading the digests: %w", err)
	}
	defer func() { _ = rows.Close() }()
	byText := map[string]*digest{}
	for rows.Next() {
		var one digest
		if err := rows.Scan(&one.text, &one.count, &one.time); err != nil {
			return fmt.Errorf("reading the digests: %w", err)
		}
		text := names.ReplaceAllString(one.text, "$1…")
		text = text[:min(len(text), 160)]
		if byText[text] == nil {
			byText[text] = &digest{text: text}
		}
		byText[text].count += one.count
		byText[text].time += one.time
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("reading the digests: %w", err)
	}
	return d.list(title, byText)
}

func (d digests) list(title string, byText map[string]*digest) error {
	all := make([]*digest, 0, len(byText))
	for _, one := range byText {
		all = append(all, one)
	}
	slices.SortFunc(all, func(a, b *digest) int { return cmp.Compare(b.time, a.time) })
	fmt.Fprintf(d.out, "\n%s\n", title)
	w := tabwriter.NewWriter(d.out, 0, 0, 2, ' ', 0)
	for _, one := range all {
		fmt.Fprintf(w, "%d\t%s\t%s\n", one.count, seconds(one.time), one.text)
	}
	return w.Flush()
}
