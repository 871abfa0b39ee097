package checkpointing

import (
	"errors"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// CauseOf returns why a copy could not be taken or loaded, as a paragraph, and what
// to do next.
func CauseOf(err error) (cause, next string) {
	text := mysql.Message(err)
	var refused *checkpoint.RefusedError
	var large *checkpoint.TooLargeError
	switch { // with the object and the settings of the server
	case errors.As(err, &refused):
		text = refused.Error()
	case errors.As(err, &large):
		text = large.Error()
	}
	next = "Correct the cause and apply again."
	if advice := checkpoint.Advice(err); advice != "" {
		next = advice + " Then apply again."
	}
	return "Cause: " + strings.TrimSuffix(text, ".") + ".", next
}
