package registry

import (
	"errors"
	"testing"
)

// TestFenceProblem says why nothing begins while a former run still works.
func TestFenceProblem(t *testing.T) {
	t.Parallel()
	cause := errors.New("connection 7 is still there")
	err := fenceProblem(cause)
	want := "Statement of a former run is still running: A former run was interrupted, and the server still works on its last statement.\n\n" +
		"Cause: connection 7 is still there\n\nWait until it is over and apply again."
	if err == nil || err.Error() != want || !errors.Is(err, cause) {
		t.Errorf("got %v", err)
	}
	if err := fenceProblem(nil); err != nil {
		t.Errorf("a connection that is gone: %v", err)
	}
}
