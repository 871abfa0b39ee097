package checkpoint

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint/script"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// Contents says what a checkpoint holds.
type Contents string

// The contents of a checkpoint.
const (
	ContentsSchema Contents = "schema" // the structure
	ContentsData   Contents = "data"   // structure and rows
)

// formatVersion is the version of the manifest and of the files. A checkpoint
// is kept for years: a change that an older reader would misunderstand raises it.
const formatVersion = 1

// Names of the files of a checkpoint.
const (
	manifestFile = "manifest.json"
	schemaFile   = "schema.json"
	tablesFile   = "00_tables.sql.zst"
	programsFile = "90_programs.sql.zst"
)

// A Manifest describes a checkpoint.
type Manifest struct {
	Format   int      `json:"format"`
	Name     string   `json:"name"`
	Database string   `json:"database"`
	Contents Contents `json:"contents"`
	// Partial says that only some tables were asked for: views, routines and
	// events are not in the checkpoint.
	Partial bool `json:"partial,omitempty"`

	// Fingerprint is that of the whole database, also of a partial checkpoint.
	Fingerprint ddl.Fingerprint `json:"fingerprint"`
	Tables      []Table         `json:"tables"` // sorted by name
	// Rows, Bytes and Size are the sums over the tables and the files: rows, bytes
	// of their literals, bytes of the files.
	Rows  int64 `json:"rows"`
	Bytes int64 `json:"bytes"`
	Size  int64 `json:"size"`

	// Product, Version, ServerUUID and Host name the server; see [mysql.Info].
	Product    mysql.Product `json:"product"`
	Version    string        `json:"version"`
	ServerUUID string        `json:"server_uuid,omitempty"`
	Host       string        `json:"host,omitempty"`
	// Settings are those of the server that decide what it takes, by name.
	Settings map[string]string `json:"settings,omitempty"`

	// TakenAt is the moment of the snapshot by the clock of the server: what was
	// committed before it is in the checkpoint. Duration is how long the copy took.
	TakenAt  time.Time     `json:"taken_at"`
	Duration time.Duration `json:"duration"`
	// Position is the place of that moment in the binary log. It is nil when it
	// is not known, and NoPosition says why.
	Position   *Position `json:"position,omitempty"`
	NoPosition string    `json:"no_position,omitempty"`

	// Labels, Template and Customizations are the caller's.
	Labels         map[string]string `json:"labels,omitempty"`
	Template       string            `json:"template,omitempty"`
	Customizations json.RawMessage   `json:"customizations,omitempty"`

	// Notes say what is not in the checkpoint although one might expect it.
	Notes []string `json:"notes,omitempty"`

	Files []File `json:"files"` // in the order in which they are loaded
	// Checksum is the SHA-256 of this manifest with an empty Checksum, and so of
	// everything: the manifest holds the hashes of the files.
	Checksum string `json:"checksum"`

	directory string
}

// A Table is what a checkpoint knows of the rows of a table.
type Table struct {
	Name     string `json:"name"`
	Rows     int64  `json:"rows"`
	Bytes    int64  `json:"bytes"`
	Checksum string `json:"checksum"` // see package value
	// Largest is the largest of the values that need room; nil when there is none.
	Largest *LargeValue `json:"largest,omitempty"`
	// NoRows says that the rows were left out on purpose, see Manifest.Notes.
	NoRows bool `json:"no_rows,omitempty"`
}

// A LargeValue is a value that a server may be unable to put together.
type LargeValue struct {
	Column string `json:"column"`
	Row    string `json:"row"` // as a person finds it: the numbers and dates of the primary key, or that there is none
	Bytes  int64  `json:"bytes"`
}

// CheckFits says whether a server with a max_allowed_packet, in bytes, puts the
// values of some tables together, of all without names. The error is a
// *TooLargeError.
func (m *Manifest) CheckFits(packet int64, tables []string) error {
	for _, t := range m.Tables {
		if t.Largest != nil && t.Largest.Bytes > packet && (len(tables) == 0 || slices.Contains(tables, t.Name)) {
			return &TooLargeError{LargeValue: *t.Largest, Table: t.Name, Limit: packet}
		}
	}
	return nil
}

// A File is a file of a checkpoint. Table is the table whose rows it holds,
// empty for the structure.
type File struct {
	Name   string `json:"name"`
	Table  string `json:"table,omitempty"`
	Rows   int64  `json:"rows,omitempty"`
	Bytes  int64  `json:"bytes"` // before compression
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
	// LineBreaks says that the name of the table or of a column holds a line
	// break, so that more than the ends of lines must be looked at.
	LineBreaks bool `json:"line_breaks,omitempty"`
}

// Directory returns where the checkpoint lies; empty when it is not in files.
func (m *Manifest) Directory() string { return m.directory }

// seal computes the checksum.
func (m *Manifest) seal() (string, error) {
	c := *m
	c.Checksum = ""
	text, err := json.Marshal(&c)
	if err != nil {
		return "", fmt.Errorf("write the manifest of the checkpoint `%s`: %w", m.Name, err)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}

// Read reads the manifest of a checkpoint, and looks whether its files are there
// with their sizes. The error is a *DamagedError when the checkpoint is not
// whole; it wraps fs.ErrNotExist when a file or the directory is missing. See
// [Check] for their content.
func Read(directory string) (*Manifest, error) {
	text, err := os.ReadFile(filepath.Join(directory, manifestFile))
	if err != nil {
		return nil, unreadable(directory, manifestFile, err)
	}
	m := &Manifest{directory: directory}
	if err := json.Unmarshal(text, m); err != nil {
		return nil, &DamagedError{Directory: directory, File: manifestFile, Reason: "is no manifest", Err: err}
	}
	if m.Format > formatVersion {
		return nil, fmt.Errorf("the checkpoint in `%s` has the format %d; this version reads up to %d", directory, m.Format, formatVersion)
	}
	sum, err := m.seal()
	if err != nil {
		return nil, err
	}
	if m.Format < 1 || sum != m.Checksum {
		return nil, &DamagedError{Directory: directory, File: manifestFile, Reason: "was altered: its checksum is another"}
	}
	for _, f := range m.Files {
		if err := f.look(directory); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// look compares the size of a file.
func (f File) look(directory string) error {
	if f.Name != filepath.Base(f.Name) || strings.HasPrefix(f.Name, ".") {
		return &DamagedError{Directory: directory, File: manifestFile, Reason: fmt.Sprintf("names the file `%s` outside of the directory", f.Name)}
	}
	info, err := os.Stat(filepath.Join(directory, f.Name))
	if err != nil {
		return unreadable(directory, f.Name, err)
	}
	if info.Size() != f.Size {
		reason := fmt.Sprintf("has %d bytes, and had %d when the checkpoint was taken", info.Size(), f.Size)
		return &DamagedError{Directory: directory, File: f.Name, Reason: reason}
	}
	return nil
}

func unreadable(directory, file string, err error) error {
	reason := "cannot be read"
	if errors.Is(err, fs.ErrNotExist) {
		reason = "is missing"
	}
	var path *fs.PathError
	if errors.As(err, &path) {
		err = path.Err
	}
	return &DamagedError{Directory: directory, File: file, Reason: reason, Err: err}
}

// Check reads every file of a checkpoint that [Read] or [Take] returned and
// compares its hash. The error is a *DamagedError.
func Check(ctx context.Context, m *Manifest) error {
	for _, f := range m.Files {
		if err := f.check(ctx, m.directory); err != nil {
			return err
		}
	}
	return nil
}

func (f File) check(ctx context.Context, directory string) error {
	file, err := os.Open(filepath.Join(directory, f.Name))
	if err != nil {
		return unreadable(directory, f.Name, err)
	}
	defer func() { _ = file.Close() }()
	hash := sha256.New()
	if _, err := io.Copy(hash, reader{ctx, file}); err != nil {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		return unreadable(directory, f.Name, err)
	}
	if hex.EncodeToString(hash.Sum(nil)) != f.SHA256 {
		return &DamagedError{Directory: directory, File: f.Name, Reason: "was altered: its content is not the one of the checkpoint"}
	}
	return nil
}

// A reader ends when a context does.
type reader struct {
	ctx context.Context //nolint:containedctx // io.Reader has no room for it
	r   io.Reader
}

func (r reader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(p)
}

// Schema reads the structure that a checkpoint holds.
func (m *Manifest) Schema() (*script.Schema, error) {
	text, err := os.ReadFile(filepath.Join(m.directory, schemaFile))
	if err != nil {
		return nil, unreadable(m.directory, schemaFile, err)
	}
	for _, f := range m.Files {
		if sum := sha256.Sum256(text); f.Name == schemaFile && hex.EncodeToString(sum[:]) != f.SHA256 {
			return nil, &DamagedError{Directory: m.directory, File: schemaFile, Reason: "was altered: its content is not the one of the checkpoint"}
		}
	}
	s := &script.Schema{}
	if err := json.Unmarshal(text, s); err != nil {
		return nil, &DamagedError{Directory: m.directory, File: schemaFile, Reason: "is no schema", Err: err}
	}
	return s, nil
}
