package landlord

import (
	"context"
)

// Event is how far a piece of work has come.
type Event struct {
	Tenant string
	What   string // is done, for people: `Taking a checkpoint`
	Of     string // name of the checkpoint, or slug of the tenant that rows come from; may be empty
	Object string // that is worked on: a table, or the object of a step

	Step, Steps       int   // which statement runs, from 1, of how many; 0 where there are none
	Rows, TotalRows   int64 // so far and about in all; the total is 0 where nobody knows it
	Bytes, TotalBytes int64 // of rows, so far and about in all
}

// Progress is told how far work has come: by a log, a terminal or a page. Report
// is called by many goroutines and must not wait.
type Progress interface {
	Report(ctx context.Context, event Event)
}

// progressLog writes events to the log.
type progressLog struct {
	log func(ctx context.Context, message string, fields map[string]any)
}

// Report writes what is known of an event.
func (p progressLog) Report(ctx context.Context, event Event) {
	fields := map[string]any{}
	for name, text := range map[string]string{"tenant": event.Tenant, "of": event.Of, "object": event.Object} {
		if text != "" {
			fields[name] = text
		}
	}
	for name, n := range map[string]int64{
		"step": int64(event.Step), "steps": int64(event.Steps), "rows": event.Rows, "of_rows": event.TotalRows, "bytes": event.Bytes, "of_about": event.TotalBytes,
	} {
		if n != 0 {
			fields[name] = n
		}
	}
	p.log(ctx, event.What, fields)
}
