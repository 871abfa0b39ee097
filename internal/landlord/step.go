package landlord

import (
	"fmt"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
)

// The algorithms and locks of statements, the harmless ones first.
const (
	AlgorithmInstant = "instant"
	AlgorithmInplace = "inplace"
	AlgorithmCopy    = "copy"

	LocksNone   = "none"
	LocksWrites = "writes"
	LocksAll    = "all"
)

// Line writes the step on one line: the whole statement, and as a comment behind
// it what it costs or loses. A harmless statement has no comment.
func (s *Step) Line() string {
	line := sqltext.Line(s.SQL)
	var costs []string
	if s.Algorithm == AlgorithmCopy {
		costs = append(costs, "algorithm "+s.Algorithm)
	}
	if s.Locks != "" && s.Locks != LocksNone {
		costs = append(costs, "locks "+s.Locks)
	}
	if s.Destructive {
		costs = append(costs, "destructive")
	}
	if !s.Reversible {
		costs = append(costs, "not reversible")
	}
	said := strings.Join(costs, ", ")
	if s.Reason != "" {
		if said != "" {
			said += ": "
		}
		said += strings.Join(strings.Fields(s.Reason), " ")
	}
	if said == "" {
		return line
	}
	return line + " -- " + said
}

const (
	lossesShown = 10 // statements that a refusal shows with what they lose
	lossesNamed = 50 // losses of further statements that it names
)

// LossText tells what steps lose, in paragraphs: all of it as far as anybody reads it, so
// that nobody agrees to one loss only to be told of the next.
func LossText(steps []Step) []string {
	var out, more []string
	for i := range steps {
		if i < lossesShown {
			out = append(out, steps[i].SQL, "Lost: "+steps[i].Lost+".")
		} else if !slices.Contains(more, steps[i].Lost) {
			more = append(more, steps[i].Lost)
		}
	}
	if left := len(more) - lossesNamed; left > 0 {
		more = append(more[:lossesNamed], fmt.Sprintf("and %d more", left))
	}
	if len(more) > 0 {
		out = append(out, "Lost by the statements behind these: "+strings.Join(more, "; ")+".")
	}
	return out
}

// Risk is the worst of what the statements of a migration cost and lose.
type Risk struct {
	Algorithm   string // instant, inplace or copy
	Locks       string // none, writes or all
	Destructive bool
	Reversible  bool
}

// RiskOf returns the worst of what steps cost and lose; of no step it is the
// harmless risk.
func RiskOf(steps []Step) Risk {
	risk := Risk{Algorithm: AlgorithmInstant, Locks: LocksNone, Reversible: true}
	for i := range steps {
		s := &steps[i]
		risk.Algorithm = worse(risk.Algorithm, s.Algorithm, AlgorithmInstant, AlgorithmInplace, AlgorithmCopy)
		risk.Locks = worse(risk.Locks, s.Locks, LocksNone, LocksWrites, LocksAll)
		risk.Destructive = risk.Destructive || s.Destructive
		risk.Reversible = risk.Reversible && s.Reversible
	}
	return risk
}

// worse returns the one of two that comes later in an order.
func worse(a, b string, order ...string) string {
	if slices.Index(order, b) > slices.Index(order, a) {
		return b
	}
	return a
}
