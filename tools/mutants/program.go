package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// result is what became of a mutant.
type result int

// The results.
const (
	killed result = iota
	survived
	timedOut
	notReached
)

// String returns the word for people.
func (r result) String() string {
	return [...]string{"killed", "survived", "timed out", "not reached"}[r]
}

// program is the compiled tests of a package.
type program struct {
	path   string
	folder string
	flags  []string
}

// noShrinking keeps rapid from looking for a smaller case that fails: the first is
// enough, and the search takes longer than the tests.
const noShrinking = "-rapid.shrinktime=1ns"

// try runs the tests once without a change, to see which changes they reach, and
// once with each that they do.
func (p *program) try(ctx context.Context, mutants []mutant, o options) ([]result, error) {
	reached := filepath.Join(filepath.Dir(p.path), "reached")
	if err := os.WriteFile(reached, make([]byte, len(mutants)), 0o600); err != nil {
		return nil, err
	}
	if exec.CommandContext(ctx, p.path, noShrinking, "-test.list", "^$").Run() == nil {
		p.flags = []string{noShrinking}
	}
	cpu, out, err := p.test(ctx, o, 10*time.Minute, "MUTANTS_REACHED="+reached)
	if err != nil {
		return nil, fmt.Errorf("its tests fail without a change: %w\n%s", err, out)
	}
	marks, err := os.ReadFile(reached)
	if err != nil {
		return nil, err
	}
	results := make([]result, len(mutants))
	var group sync.WaitGroup
	slots := make(chan struct{}, o.workers)
	for i := range mutants {
		if marks[i] == 0 {
			results[i] = notReached
			continue
		}
		slots <- struct{}{}
		group.Go(func() {
			defer func() { <-slots }()
			_, _, err := p.test(ctx, o, 5*cpu+2*time.Second, "MUTANTS_ACTIVE="+strconv.Itoa(i))
			results[i] = judge(err)
		})
	}
	group.Wait()
	return results, ctx.Err()
}

// test runs the tests and returns the time that they took of a processor: how
// long they last depends on who else works here, and a change that makes a loop
// endless is noticed by what it uses up. One that waits for ever is ended by the
// tests' own time limit.
func (p *program) test(ctx context.Context, o options, limit time.Duration, env string) (time.Duration, []byte, error) {
	seconds, kilobytes := strconv.Itoa(int(limit.Seconds())), strconv.Itoa(8<<20)
	args := append([]string{"-c", `ulimit -t "$1" && ulimit -v "$2" && shift 2 && exec "$@"`, "sh", seconds, kilobytes, p.path,
		"-test.short", "-test.failfast", "-test.timeout", (20 * limit).String(), "-test.run", o.run, "-test.skip", o.skip}, p.flags...)
	cmd := exec.CommandContext(ctx, "sh", args...)
	cmd.Dir = p.folder
	cmd.Env = append(os.Environ(), env)
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		return 0, out, err
	}
	return cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), out, err
}

// judge says what the end of the tests means. A program that uses up its time is
// sent SIGXCPU, which Go answers with an exit of its own, or SIGKILL.
func judge(err error) result {
	if err == nil {
		return survived
	}
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		return killed
	}
	if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return timedOut
	}
	return killed
}
