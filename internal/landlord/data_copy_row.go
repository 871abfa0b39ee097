package landlord

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint/rowcopy"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// copyPatience is how many days the progress of a copy that was cut off is kept:
// the keys in it are data of a tenant.
const copyPatience = 30

// toDataCopy shows a row to the outside.
func toDataCopy(r *dataCopyRow) *DataCopy {
	return &DataCopy{
		ID: fmt.Sprint(r.spec.Target, "/", r.id), Spec: r.spec, Rows: r.report.Rows, Checksum: r.report.Checksum, Tables: r.report.Tables,
		FinishedAt: r.finishedAt,
	}
}

// copyJournal keeps the progress of one copy on the server of the target.
type copyJournal struct {
	c      *dataCopying
	logged time.Time
}

// logEvery is how often a table that is being copied is mentioned in the log.
const logEvery = 5 * time.Second

// Load returns how far earlier runs have come.
func (j *copyJournal) Load(ctx context.Context, q mysql.Queryer) ([]rowcopy.Progress, error) {
	texts, err := j.c.e.registry.readCopyProgress(ctx, q, j.c.row.id)
	if err != nil {
		return nil, err
	}
	var all []rowcopy.Progress
	for _, text := range texts {
		var p rowcopy.Progress
		if err := json.Unmarshal(text, &p); err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	return all, nil
}

// Save keeps the progress of one table, in the transaction of its rows.
func (j *copyJournal) Save(ctx context.Context, tx *mysql.Tx, p rowcopy.Progress) error {
	e := j.c.e
	e.fault("before progress of " + p.Table)
	if err := e.registry.writeCopyProgress(ctx, tx, j.c.row.id, p.Table, p); err != nil {
		return err
	}
	e.fault("after progress of " + p.Table)
	if now := e.cfg.Now(); p.Done || now.Sub(j.logged) >= logEvery {
		j.logged = now
		e.cfg.Progress.Report(ctx, Event{Tenant: j.c.spec.Target, What: "Copying rows", Of: j.c.spec.Source, Object: p.Table, Rows: p.Read})
	}
	return nil
}
