package instance

import "syscall"

// processAttributes gives the server a process group of its own, so that an
// interrupt typed at the terminal reaches the program that stops the server in
// order, and not the server.
func processAttributes(detached bool) *syscall.SysProcAttr {
	if detached {
		return &syscall.SysProcAttr{Setsid: true}
	}
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
