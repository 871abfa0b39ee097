package instance

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
)

// ErrNoServer says that a machine has nothing that could run a server.
var ErrNoServer = errors.New("no server can be started here; choose one: " +
	"install a `mysqld` or `mariadbd`, " +
	"or start a docker engine, " +
	"or use a machine with apt and a Debian mirror, " +
	"or name a running server with LANDLORD_ENDPOINT, LANDLORD_USERNAME and LANDLORD_PASSWORD")

// Acquire returns the software of that kind: from the cache or by download and,
// where there is no Debian archive, the program of the machine when it is of
// that kind, or the official image when an engine answers docker. progress may
// be nil. The error names every way and why it failed.
func Acquire(ctx context.Context, kind Kind, progress io.Writer) (*Software, error) {
	sw, err := Fetch(ctx, kind, progress)
	elsewhere := errors.Is(err, ErrNoApt) || errors.Is(err, ErrNoMirror) || errors.Is(err, ErrNoKeyring)
	if err == nil || !elsewhere {
		return sw, err
	}
	for _, name := range []string{"mysqld", "mariadbd"} {
		if path := lookProgram(name); path != "" {
			sw, programErr := installedSoftware(ctx, path)
			if programErr == nil && sw.Kind == kind {
				return sw, nil
			}
		}
	}
	if dockerAnswers(ctx) {
		return dockerSoftware(kind)
	}
	return nil, fmt.Errorf("%w; nor is there a program of the kind `%s` or a docker engine", err, kind)
}

// Candidates returns the ways to get a server on this machine, best first: its
// own program, the download of MySQL, the official image. A later one is for
// when an earlier one does not start. The error is ErrNoServer when there is
// none.
func Candidates(ctx context.Context) ([]Candidate, error) {
	var found []Candidate
	if path := firstProgram(); path != "" {
		found = append(found, Candidate{Name: "`" + path + "`", get: func(ctx context.Context, _ io.Writer) (*Software, error) {
			return installedSoftware(ctx, path)
		}})
	}
	if _, err := exec.LookPath("apt-get"); err == nil {
		found = append(found, Candidate{Name: "download of `" + string(MySQL97) + "`", get: func(ctx context.Context, progress io.Writer) (*Software, error) {
			return Fetch(ctx, MySQL97, progress)
		}})
	}
	if dockerAnswers(ctx) {
		found = append(found, Candidate{Name: "docker", get: func(context.Context, io.Writer) (*Software, error) {
			return dockerSoftware(MySQL97)
		}})
	}
	if len(found) == 0 {
		return nil, ErrNoServer
	}
	return found, nil
}

// Candidate is one way to get a server on this machine.
type Candidate struct {
	Name string // for people
	get  func(context.Context, io.Writer) (*Software, error)
}

// Software gets the program, downloading it when that is the way; progress
// says so and may be nil.
func (c Candidate) Software(ctx context.Context, progress io.Writer) (*Software, error) {
	sw, err := c.get(ctx, progress)
	if err != nil {
		return nil, fmt.Errorf("getting a server (%s): %w", c.Name, err)
	}
	return sw, nil
}

func firstProgram() string {
	for _, name := range []string{"mysqld", "mariadbd"} {
		if path := lookProgram(name); path != "" {
			return path
		}
	}
	return ""
}
