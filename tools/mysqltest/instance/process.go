package instance

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// process is a running server: a child of this process, or one that another
// process started and left running.
type process struct {
	pid    int
	exited <-chan struct{} // closed when the server has ended
}

// startProcess starts a server with its output in logPath. Unless detached,
// the server dies with this process, however that ends (on Linux; elsewhere
// only when Stop or Kill is called).
func startProcess(line []string, logPath string, detached bool) (*process, error) {
	log, err := os.OpenFile(logPath, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening the log of the server: %w", err)
	}
	defer func() { _ = log.Close() }()
	// The server lives longer than the call that starts it.
	cmd := exec.CommandContext(context.Background(), line[0], line[1:]...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = processAttributes(detached)

	started := make(chan error, 1)
	exited := make(chan struct{})
	go func() {
		defer close(exited)
		// The kernel kills the child when the thread that started it ends, not
		// the process: so this thread must live as long as the child.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait()
		}
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("starting `%s`: %w", line[0], err)
	}
	return &process{pid: cmd.Process.Pid, exited: exited}, nil
}

// adoptProcess returns a server started by another process, or nil when no
// process of that number serves that data folder: numbers are used again.
func adoptProcess(pid int, dataDir string) *process {
	serves := func() bool { return strings.Contains(processCommand(pid), "--datadir="+dataDir+" ") }
	if pid <= 0 || !serves() {
		return nil
	}
	exited := make(chan struct{})
	go func() {
		defer close(exited)
		for serves() {
			time.Sleep(50 * time.Millisecond)
		}
	}()
	return &process{pid: pid, exited: exited}
}

// processCommand returns the command line of a process, empty when there is no
// such process or it has ended and waits for its parent.
func processCommand(pid int) string {
	if runtime.GOOS == "linux" {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
		if err != nil {
			return ""
		}
		return strings.ReplaceAll(string(text), "\x00", " ")
	}
	out, err := exec.CommandContext(context.Background(), "ps", "-ww", "-o", "args=", "-p", fmt.Sprint(pid)).Output()
	if err != nil {
		return ""
	}
	return string(out)
}

func (p *process) running() bool {
	if p == nil {
		return false
	}
	select {
	case <-p.exited:
		return false
	default:
		return true
	}
}

// signal sends a signal; to a server that has ended it does nothing.
func (p *process) signal(sig syscall.Signal) error {
	if !p.running() {
		return nil
	}
	if err := syscall.Kill(p.pid, sig); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("sending %s to the server: %w", sig, err)
	}
	return nil
}

// wait waits for the end of the server and tells whether it came in time.
func (p *process) wait(limit time.Duration) bool {
	if p == nil {
		return true
	}
	select {
	case <-p.exited:
		return true
	case <-time.After(limit):
		return false
	}
}
