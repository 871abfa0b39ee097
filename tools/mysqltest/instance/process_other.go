//go:build unix && !linux

package instance

import "syscall"

// processAttributes gives the server a process group of its own. Only Linux
// can tie the life of a process to that of its parent.
func processAttributes(detached bool) *syscall.SysProcAttr {
	if detached {
		return &syscall.SysProcAttr{Setsid: true}
	}
	return &syscall.SysProcAttr{Setpgid: true}
}
