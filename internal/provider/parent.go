package provider

import (
	"os"
	"time"
)

const (
	// parentPause is the time between two looks at who the parent of this process
	// is.
	parentPause = 250 * time.Millisecond
	// parentPatience is how long the statement in hand may take when Terraform is
	// gone. Nobody waits for it, and the next run may be there soon.
	parentPatience = 5 * time.Second
)

// endWithParent ends this process when Terraform, which started it, is gone
// without having said so: killed, or with its machine's memory. The library that
// serves the protocol would wait for the next call for ever, with its connections
// open. The calls that are under way have ended by then: their contexts hang on
// the connection to Terraform.
//
// A process whose parent ends gets another one. Windows does not do that, so
// nothing is noticed there.
func endWithParent(p *Provider) {
	for parent := os.Getppid(); os.Getppid() == parent; {
		time.Sleep(parentPause)
	}
	p.End(parentPatience)
	os.Exit(1)
}
