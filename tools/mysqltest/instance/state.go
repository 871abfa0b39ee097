package instance

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// record is what Open needs to find a server again. It holds the password, so
// its file can be read by its owner only.
type record struct {
	Kind      Kind     `json:"kind,omitempty"`
	Version   string   `json:"version,omitempty"`
	Program   string   `json:"program,omitempty"`
	DataDir   string   `json:"data_dir"`
	Port      int      `json:"port"`
	Socket    string   `json:"socket"`
	Username  string   `json:"username"`
	Password  string   `json:"password"`
	Args      []string `json:"args,omitempty"`
	PID       int      `json:"pid,omitempty"`
	Container string   `json:"container,omitempty"`
}

func recordPath(dir string) string { return filepath.Join(dir, "instance.json") }

func (i *Instance) save() error {
	r := record{
		Kind: i.Kind, Version: i.Version, DataDir: i.DataDir, Port: i.Port, Socket: i.Socket,
		Username: i.Username, Password: i.Password, Args: i.args, Container: i.container,
	}
	if i.software.installed {
		r.Program = i.software.Path
	}
	if i.process != nil {
		r.PID = i.process.pid
	}
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return fmt.Errorf("recording the server: %w", err)
	}
	tmp := recordPath(i.Dir) + ".new"
	if err := os.WriteFile(tmp, text, 0o600); err != nil {
		return fmt.Errorf("recording the server: %w", err)
	}
	if err := os.Rename(tmp, recordPath(i.Dir)); err != nil {
		return fmt.Errorf("recording the server: %w", err)
	}
	return nil
}

// Lock keeps other processes from starting or stopping the server of dir at the
// same time: hold it around Open and what follows from its answer.
func Lock(ctx context.Context, dir string) (unlock func(), err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("creating the folder of the server: %w", err)
	}
	return lockFile(ctx, filepath.Join(dir, "lock"))
}

// Open returns the server that Start recorded in dir, running or not, or nil
// when there is no record. The server may have been started by another process.
func Open(dir string) (*Instance, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("finding the folder of the server: %w", err)
	}
	text, err := os.ReadFile(recordPath(dir))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the record of the server: %w", err)
	}
	var r record
	if err := json.Unmarshal(text, &r); err != nil {
		return nil, fmt.Errorf("reading the record of the server in `%s`: %w", recordPath(dir), err)
	}
	i := &Instance{
		Kind: r.Kind, Version: r.Version, Dir: dir, DataDir: r.DataDir,
		LogFile: filepath.Join(dir, "server.log"), Port: r.Port, Socket: r.Socket,
		Username: r.Username, Password: r.Password,
		args: r.Args, detached: true, container: r.Container, find: r.software,
	}
	if r.Container == "" {
		i.process = adoptProcess(r.PID, r.DataDir)
	}
	return i, nil
}

// software finds the program again. Only a start needs it: a server can be
// stopped after its program has gone.
func (r record) software(ctx context.Context) (*Software, error) {
	switch {
	case r.Container != "":
		return dockerSoftware(r.Kind)
	case r.Program != "":
		return installedSoftware(ctx, r.Program)
	}
	return Fetch(ctx, r.Kind, nil)
}
