package checkpoint

import (
	"fmt"
	"strings"
	"time"
)

// A DamagedError says that a checkpoint cannot be trusted: a file is missing,
// altered or was never finished.
type DamagedError struct {
	Directory string
	File      string // within the directory
	Reason    string // `is missing`, `has another content than the manifest says` …
	Err       error  // fs.ErrNotExist and the like, or nil
}

func (e *DamagedError) Error() string {
	text := fmt.Sprintf("the checkpoint in `%s` is damaged: `%s` %s", e.Directory, e.File, e.Reason)
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap returns the cause.
func (e *DamagedError) Unwrap() error { return e.Err }

// An ExistsError says that there is a checkpoint already where one was to be
// written. It is left as it is.
type ExistsError struct{ Directory string }

func (e *ExistsError) Error() string {
	return fmt.Sprintf("there is something already at `%s`", e.Directory)
}

// A NoTableError says that a table that was asked for is not there.
type NoTableError struct{ Table string }

func (e *NoTableError) Error() string { return fmt.Sprintf("there is no table `%s`", e.Table) }

// A TooLargeError says that a table holds a value that a server cannot put
// together, so that no statement brings it back.
type TooLargeError struct {
	LargeValue

	Table string
	Limit int64 // max_allowed_packet of the server, in bytes
}

func (e *TooLargeError) Error() string {
	return fmt.Sprintf("column `%s` of table `%s` holds %d bytes in %s, and `max_allowed_packet` of the server is %d", e.Column, e.Table, e.Bytes, e.Row, e.Limit)
}

// A ChangedError says that somebody changed the structure of the database again
// and again while it was read.
type ChangedError struct {
	Database string
	Objects  []string // kind and name
}

func (e *ChangedError) Error() string {
	return fmt.Sprintf("the structure of `%s` changed while it was read (%s)", e.Database, listed(e.Objects))
}

// A BusyError says that transactions that write to the tables of a database were
// open all the time, and that some of its tables have no transactions: those can
// only be copied while nobody writes.
type BusyError struct {
	Database string
	Waited   time.Duration
}

func (e *BusyError) Error() string {
	return fmt.Sprintf("the tables of `%s` could not be locked for copying within %s: they are written all the time", e.Database, e.Waited)
}

// A NotEmptyError says that a database holds something already, so that nothing
// was loaded into it.
type NotEmptyError struct {
	Database string
	Objects  []string // kind and name
	// Unfinished says that what it holds is this checkpoint, half loaded: loading
	// can begin again with LoadRequest.Restart.
	Unfinished bool
}

func (e *NotEmptyError) Error() string {
	if e.Unfinished {
		return fmt.Sprintf("the database `%s` holds a load that was cut off", e.Database)
	}
	return fmt.Sprintf("the database `%s` is not empty (%s)", e.Database, listed(e.Objects))
}

// maxListed is how many names an error lists.
const maxListed = 5

func listed(names []string) string {
	shown := make([]string, 0, maxListed)
	for _, name := range names[:min(len(names), maxListed)] {
		shown = append(shown, "`"+name+"`")
	}
	text := strings.Join(shown, ", ")
	if more := len(names) - len(shown); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}
