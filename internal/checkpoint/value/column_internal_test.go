package value

import (
	"testing"
)

func TestHasEmptyMember(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"enum('a','b')":        false,
		"enum('')":             true,
		"enum('a','')":         true,
		"enum('','a')":         true,
		"enum('a'',''b')":      false,
		"enum('a''','b')":      false,
		"enum(''',''','b')":    false,
		"enum(''',''','b','')": true,
	} {
		if got := hasEmptyMember(text); got != want {
			t.Errorf("%s: got %t", text, got)
		}
	}
}
