package instance

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

const (
	// DefaultUsername is the administrator account of an instance.
	DefaultUsername = "landlord_admin"

	// startLimit is generous: several servers may start on a busy machine.
	startLimit = 120 * time.Second
	stopLimit  = 60 * time.Second

	// maxSocketPath is below the 108 bytes of Linux and the 104 of macOS.
	maxSocketPath = 100
)

// Options say how to start a server. The zero value starts one in a temporary
// folder on a free port, with a generated password, for the life of this
// process.
type Options struct {
	Dir      string   // holds data, log and socket, and is kept; empty: a temporary folder that Close removes
	DataDir  string   // the data folder alone, for instance on a small file system; empty: within Dir
	Port     int      // TCP port on 127.0.0.1; 0: a free one
	Username string   // administrator account; empty: DefaultUsername
	Password string   // its password; empty: generated
	Args     []string // further flags of the server, for instance "--event-scheduler=ON"
	Detached bool     // outlives this process; found again by Open(Dir)

	Files map[string]string // of the data folder, by name, that are there before the first start
}

// Instance is a server that this package started.
type Instance struct {
	Kind     Kind   // empty for a program of the machine that is no known kind
	Version  string // as the program prints it
	Dir      string // holds data, log and socket
	DataDir  string
	LogFile  string // everything the server wrote, over all its starts
	Port     int    // on 127.0.0.1
	Socket   string // root logs in here without a password
	Username string // the administrator, with all privileges, over TCP and the socket
	Password string

	software  *Software
	find      func(context.Context) (*Software, error) // of a server from Open, whose software is not known yet
	args      []string
	files     map[string]string
	detached  bool
	container string // docker only
	temporary bool   // Dir goes with the server
	releases  []func()
	process   *process
}

// Endpoint returns the TCP address of the server: host:port.
func (i *Instance) Endpoint() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(i.Port)) }

// Running tells whether the server process lives. It may not answer yet.
func (i *Instance) Running() bool {
	if i.container != "" {
		return containerRunning(i.container)
	}
	return i.process.running()
}

// Start starts a server and waits until it answers a query. When it does not
// come up, the error ends with the last lines of its log and nothing is left
// running.
func Start(ctx context.Context, software *Software, o Options) (*Instance, error) {
	i := &Instance{
		Kind: software.Kind, Version: software.Version, software: software,
		Dir: o.Dir, DataDir: o.DataDir, Port: o.Port, Username: o.Username, Password: o.Password,
		args: o.Args, files: o.Files, detached: o.Detached,
	}
	err := i.layOut(ctx)
	if err == nil {
		err = i.firstStart(ctx)
	}
	if err != nil {
		_ = i.Kill()
		i.release()
		return nil, err
	}
	return i, nil
}

// layOut fills in the defaults and makes the folders.
func (i *Instance) layOut(ctx context.Context) error {
	if i.Username == "" {
		i.Username = DefaultUsername
	}
	if i.Password == "" {
		i.Password = newPassword()
	}
	if i.Dir == "" {
		dir, release, err := temporaryDir(ctx)
		if err != nil {
			return err
		}
		i.Dir, i.temporary, i.releases = dir, true, append(i.releases, release)
	}
	dir, err := filepath.Abs(i.Dir)
	if err != nil {
		return fmt.Errorf("finding the folder of the server: %w", err)
	}
	i.Dir = dir
	if i.DataDir == "" {
		i.DataDir = filepath.Join(dir, "data")
	}
	if i.DataDir, err = filepath.Abs(i.DataDir); err != nil {
		return fmt.Errorf("finding the data folder: %w", err)
	}
	i.LogFile = filepath.Join(dir, "server.log")
	// The folder is what protects the socket, over which root needs no password.
	for _, folder := range []string{dir, filepath.Join(dir, "tmp"), i.DataDir} {
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return fmt.Errorf("creating the folder of the server: %w", err)
		}
	}
	if err := os.Chmod(dir, 0o700); err != nil {
		return fmt.Errorf("closing the folder of the server to others: %w", err)
	}
	return i.placeSocket()
}

// placeSocket keeps the socket with the data unless that path is too long for
// a socket.
func (i *Instance) placeSocket() error {
	i.Socket = filepath.Join(i.Dir, "mysql.sock")
	if len(i.Socket) <= maxSocketPath {
		return nil
	}
	dir, err := os.MkdirTemp("/tmp", "landlord-socket-")
	if err != nil {
		return fmt.Errorf("creating a folder for the socket: %w", err)
	}
	i.Socket = filepath.Join(dir, "mysql.sock")
	i.releases = append(i.releases, func() { _ = os.RemoveAll(dir) })
	return nil
}

// firstStart fills the data folder and starts the server. Data that were made
// for a server which then did not start are removed: the next try may be with
// another product.
func (i *Instance) firstStart(ctx context.Context) error {
	if i.software.image != "" {
		return i.startContainer(ctx)
	}
	created, err := i.software.prepareDataDir(ctx, i.DataDir, i.args)
	for name, text := range i.files {
		err = errors.Join(err, os.WriteFile(filepath.Join(i.DataDir, name), []byte(text), 0o600))
	}
	if err != nil {
		return err
	}
	if i.Port != 0 {
		err = i.launch(ctx)
	} else {
		err = i.launchOnFreePort(ctx)
	}
	if err != nil && created {
		return errors.Join(err, emptyDir(i.DataDir))
	}
	return err
}

// launchOnFreePort tries again when somebody else was quicker to take the port
// that looked free.
func (i *Instance) launchOnFreePort(ctx context.Context) error {
	for attempt := 1; ; attempt++ {
		port, err := FreePort()
		if err != nil {
			return err
		}
		i.Port = port
		err = i.launch(ctx)
		if err == nil || attempt == 3 || !errors.Is(err, errEndedEarly) || portIsFree(i.Port) {
			return err
		}
	}
}

// errEndedEarly says that the server ended before it answered.
var errEndedEarly = errors.New("the server ended while starting")

// launch starts the server process on the data folder, waits for it and makes
// sure of the administrator account.
func (i *Instance) launch(ctx context.Context) error {
	if err := i.findSoftware(ctx); err != nil {
		return err
	}
	line := append(i.software.commandLine(),
		"--datadir="+i.DataDir,
		"--tmpdir="+filepath.Join(i.Dir, "tmp"),
		"--socket="+i.Socket,
		"--bind-address=127.0.0.1",
		"--port="+strconv.Itoa(i.Port),
		"--skip-name-resolve",
	)
	if i.software.mariaDB {
		line = append(line, "--secure-file-priv="+filepath.Join(i.Dir, "tmp"))
	} else {
		line = append(line, "--secure-file-priv=NULL", "--mysqlx=OFF")
	}
	line = append(line, i.args...)
	logStart := fileSize(i.LogFile)
	p, err := startProcess(line, i.LogFile, i.detached)
	if err != nil {
		return err
	}
	i.process = p
	if err := i.waitReady(ctx); err != nil {
		_ = i.Kill()
		return fmt.Errorf("starting %s: %w; the end of its log:\n%s", i.software, err, i.logSince(logStart, 30))
	}
	return i.save()
}

// findSoftware makes sure that a server from Open has its program.
func (i *Instance) findSoftware(ctx context.Context) error {
	if i.software != nil {
		return nil
	}
	software, err := i.find(ctx)
	if err != nil {
		return err
	}
	i.software, i.Version = software, software.Version
	return nil
}

// waitReady asks the server until it answers, then creates the administrator.
func (i *Instance) waitReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	db, err := openSocket(i.Socket)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	for {
		var one int
		err := db.QueryRowContext(ctx, "SELECT 1").Scan(&one)
		if err == nil {
			break
		}
		if !i.process.running() {
			return errEndedEarly
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the server did not answer: %w", errors.Join(context.Cause(ctx), err))
		case <-i.process.exited:
		case <-time.After(30 * time.Millisecond):
		}
	}
	// The server has bound its TCP port by now: it does so before it listens on
	// the socket, and ends when it cannot.
	return ensureAdministrator(ctx, db, i.Username, i.Password)
}

// Stop ends the server in order, and by force when it does not end in time.
// The data stay. Stopping a stopped server does nothing.
func (i *Instance) Stop() error {
	if i.container != "" {
		return stopContainer(i.container)
	}
	if err := i.process.signal(syscall.SIGTERM); err != nil {
		return err
	}
	if i.process.wait(stopLimit) {
		return nil
	}
	return i.Kill()
}

// Kill ends the server at once (SIGKILL), as a power failure would.
func (i *Instance) Kill() error {
	if i.container != "" {
		return killContainer(i.container)
	}
	if err := i.process.signal(syscall.SIGKILL); err != nil {
		return err
	}
	if !i.process.wait(stopLimit) {
		return fmt.Errorf("the server (process %d) did not end after SIGKILL", i.process.pid)
	}
	return nil
}

// Restart starts the server again on the same data, port and socket, after
// stopping it when it still runs.
func (i *Instance) Restart(ctx context.Context) error {
	if err := i.Stop(); err != nil {
		return err
	}
	if i.container != "" {
		return i.startContainer(ctx)
	}
	return i.launch(ctx)
}

// Resume starts a server that was stopped, perhaps long ago by another process.
// It does nothing when the server runs. When the port has been taken by
// somebody else in the meantime the server gets another one.
func (i *Instance) Resume(ctx context.Context) error {
	if i.Running() {
		return nil
	}
	if i.container != "" {
		return i.Restart(ctx)
	}
	if _, err := os.Stat(filepath.Dir(i.Socket)); err != nil {
		// A short folder for the socket does not survive a restart of the machine.
		if err := i.placeSocket(); err != nil {
			return err
		}
	}
	if !portIsFree(i.Port) {
		return i.launchOnFreePort(ctx)
	}
	return i.launch(ctx)
}

// Close stops the server and removes what was temporary: all of its folder,
// unless Options named one.
func (i *Instance) Close() error {
	var err error
	switch {
	case i.temporary && i.container != "":
		err = removeContainer(i.container)
	case i.temporary:
		// Nobody will see these data again: no need for an orderly end.
		err = i.Kill()
	default:
		err = i.Stop()
	}
	i.release()
	return err
}

func (i *Instance) release() {
	for _, release := range i.releases {
		release()
	}
	i.releases = nil
}

// FreePort returns a port below the range from which systems take the ports of
// outgoing connections: such a connection could take the port while the server
// is down for a restart.
func FreePort() (int, error) {
	for range 200 {
		if port := 20000 + rand.IntN(12000); portIsFree(port) {
			return port, nil
		}
	}
	return 0, errors.New("looking for a free port between 20000 and 32000: none found")
}

func portIsFree(port int) bool {
	l, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return false
	}
	return l.Close() == nil
}

func fileSize(path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return info.Size()
}

func (i *Instance) logSince(offset int64, lines int) string {
	text, err := os.ReadFile(i.LogFile)
	if err != nil {
		return err.Error()
	}
	return tail(string(text[min(offset, int64(len(text))):]), lines)
}
