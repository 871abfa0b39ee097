package value_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint/value"
)

// TestSpreader takes the long literals out of a text, each in its own form.
func TestSpreader(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ text, want string }{
		"short":         {"(1,'abc',NULL)", "(1,'abc',NULL)"},
		"text":          {"('0123456789')", "(CONVERT(@landlord_part_1 USING utf8mb4)) | SET @landlord_part_1 = _binary '0123456789'"},
		"bytes":         {"(_binary '0123456789',2)", "(@landlord_part_1,2) | SET @landlord_part_1 = _binary '0123456789'"},
		"a set":         {"(_latin1 '0123456789')", "(CONVERT(@landlord_part_1 USING latin1)) | SET @landlord_part_1 = _binary '0123456789'"},
		"digits":        {"(x'30313233343536')", "(@landlord_part_1) | SET @landlord_part_1 = x'30313233343536'"},
		"digits, set":   {"(_utf16 x'0030003100320033')", "(CONVERT(@landlord_part_1 USING utf16)) | SET @landlord_part_1 = x'0030003100320033'"},
		"a document":    {"JSON_SET('{\"a\": 1.10}','$.a',1.10)", "JSON_SET(CONVERT(@landlord_part_1 USING utf8mb4),'$.a',1.10) | SET @landlord_part_1 = _binary '{\"a\": 1.10}'"},
		"several":       {"('0123456789', 'x', _binary '9876543210')", "(CONVERT(@landlord_part_1 USING utf8mb4), 'x', @landlord_part_2) | SET @landlord_part_1 = _binary '0123456789' | SET @landlord_part_2 = _binary '9876543210'"},
		"in pieces":     {"'" + strings.Repeat("a", 40) + "'", "CONVERT(@landlord_part_1 USING utf8mb4) | SET @landlord_part_1 = _binary '" + strings.Repeat("a", 32) + "' | SET @landlord_part_1 = CONCAT(@landlord_part_1, _binary 'aaaaaaaa')"},
		"escapes":       {"'a" + strings.Repeat(`\\`, 20) + "'", "CONVERT(@landlord_part_1 USING utf8mb4) | SET @landlord_part_1 = _binary 'a" + strings.Repeat(`\\`, 15) + "' | SET @landlord_part_1 = CONCAT(@landlord_part_1, _binary '" + strings.Repeat(`\\`, 5) + "')"},
		"an escape":     {"'" + strings.Repeat("a", 31) + `\n` + "b'", "CONVERT(@landlord_part_1 USING utf8mb4) | SET @landlord_part_1 = _binary '" + strings.Repeat("a", 31) + "' | SET @landlord_part_1 = CONCAT(@landlord_part_1, _binary '" + `\nb` + "')"},
		"odd digits":    {"x'" + strings.Repeat("41", 17) + "'", "@landlord_part_1 | SET @landlord_part_1 = x'" + strings.Repeat("41", 16) + "' | SET @landlord_part_1 = CONCAT(@landlord_part_1, x'41')"},
		"a quote in it": {`('it\'s 0123')`, `(CONVERT(@landlord_part_1 USING utf8mb4)) | SET @landlord_part_1 = _binary 'it\'s 0123'`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var sent []string
			s := value.NewSpreader(128, func(statement string) error {
				sent = append(sent, statement)
				return nil
			})
			got, err := s.Spread(c.text, 8)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, strings.Join(append([]string{got}, sent...), " | ")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			variables := len(sent) > 0
			sent = nil
			if err := s.Free(); err != nil || variables != (len(sent) == 1) {
				t.Errorf("let go of by %q, %v", sent, err)
			}
		})
	}
}

// TestSpreader_errors refuses what the server cannot put together, by the size of
// the value and not of its literal, and passes on what the server says.
func TestSpreader_errors(t *testing.T) {
	t.Parallel()
	broken := errors.New("the server is gone")
	for text, want := range map[string]string{
		"'" + strings.Repeat("a", 100) + "'":          "",
		"'" + strings.Repeat("a", 101) + "'":          "a value has 101 bytes, and `max_allowed_packet` of the server is 100",
		"'" + strings.Repeat(`\'`, 100) + "'":         "",
		"_binary '" + strings.Repeat(`\0`, 101) + "'": "a value has 101 bytes, and `max_allowed_packet` of the server is 100",
		"x'" + strings.Repeat("00", 100) + "'":        "",
		"x'" + strings.Repeat("00", 101) + "'":        "a value has 101 bytes, and `max_allowed_packet` of the server is 100",
	} {
		_, err := value.NewSpreader(100, func(string) error { return nil }).Spread(text, 50)
		if got := strings.TrimSuffix(fmt.Sprint(err), "<nil>"); got != want {
			t.Errorf("%.20s: got %q, want %q", text, got, want)
		}
	}
	if _, err := value.NewSpreader(100, func(string) error { return broken }).Spread("'0123456789'", 5); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
}
