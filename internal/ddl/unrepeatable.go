package ddl

import (
	"slices"

	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
)

// Why an ALTER TABLE, run again, gives the rows that are there other values than the
// first time: the binary log holds the statement, and not these values.
const (
	FillsAtRandom = "a column was added whose values are different each time"
	NumbersRows   = "a column was added that numbers rows, and the table had no key that says in which order"
)

// Unrepeatable returns why an ALTER TABLE cannot be repeated, empty when it can.
// NumbersRows counts only where the table has no key.
func Unrepeatable(tokens []sqltext.Token) string {
	if len(tokens) == 0 || !tokens[0].Is("ALTER") || !slices.ContainsFunc(tokens[:min(len(tokens), 4)], func(t sqltext.Token) bool { return t.Is("TABLE") }) {
		return ""
	}
	at := func(i int) sqltext.Token {
		if i < 0 || i >= len(tokens) {
			return sqltext.Token{}
		}
		return tokens[i]
	}
	adds, random, numbers := false, false, false // a default alone fills no rows
	for i := range tokens {
		switch {
		case at(i).IsAny(randomFunctions...) && at(i+1).IsPunct('('), at(i).Is("NEXT") && at(i+1).Is("VALUE") && at(i+2).Is("FOR"):
			random = true
		case at(i).Is("ADD"):
			adds = true
		case at(i).Is("AUTO_INCREMENT") && !at(i+1).IsPunct('='), at(i).Is("SERIAL") && at(i-1).IsName() && !at(i-1).IsAny(beforeColumns...):
			numbers = true
		}
	}
	switch {
	case adds && random:
		return FillsAtRandom
	case adds && numbers:
		return NumbersRows
	}
	return ""
}

// randomFunctions give another value each time.
var randomFunctions = []string{"UUID", "UUID_SHORT", "UUID_V4", "UUID_V7", "SYS_GUID", "RAND", "RANDOM_BYTES", "NEXTVAL", "CONNECTION_ID"}

// beforeColumns are the words behind which the name of a column stands, and not
// its type.
var beforeColumns = []string{"ADD", "COLUMN", "AFTER", "ALTER", "CHANGE", "DROP", "EXISTS", "MODIFY", "TO"}
