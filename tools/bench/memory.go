package main

import (
	"bufio"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// watchMemory watches the processes of the programs in a folder until the
// function that it returns is called, and then tells the most memory that one of
// them had, in bytes; 0 where the system does not show it.
func watchMemory(folder string) (stop func() int64) {
	done, most := make(chan struct{}), make(chan int64)
	go func() {
		var peak int64
		tick := time.NewTicker(50 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				peak = max(peak, memoryOf(folder))
			case <-done:
				most <- peak
				return
			}
		}
	}()
	return func() int64 {
		close(done)
		return <-most
	}
}

// memoryOf returns the largest resident size that one of the processes has had
// so far.
func memoryOf(folder string) int64 {
	var most int64
	processes, _ := filepath.Glob("/proc/[0-9]*/exe") // the pattern is right
	for _, link := range processes {
		path, err := os.Readlink(link)
		if err != nil || !strings.HasPrefix(path, folder+string(filepath.Separator)) {
			continue
		}
		most = max(most, highWater(filepath.Join(filepath.Dir(link), "status")))
	}
	return most
}

func highWater(path string) int64 {
	file, err := os.Open(path)
	if err != nil {
		return 0
	}
	defer func() { _ = file.Close() }()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if text, ok := strings.CutPrefix(lines.Text(), "VmHWM:"); ok {
			size, _ := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(text), " kB"), 10, 64)
			return size << 10
		}
	}
	return 0
}
