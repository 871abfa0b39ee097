package ddl

import (
	"cmp"
	"encoding/json"
	"regexp"
	"strings"
)

// Settings are session settings that a statement runs under, most of which a
// server keeps with a view, routine, trigger or event. An empty field means the
// session's own.
type Settings struct {
	SQLMode             string `json:"sql_mode,omitempty"`
	CharacterSetClient  string `json:"character_set_client,omitempty"`
	CollationConnection string `json:"collation_connection,omitempty"`
	TimeZone            string `json:"time_zone,omitempty"` // of an event
	// NoSQLMode says that the sql_mode is the empty one, not the session's own.
	NoSQLMode bool `json:"no_sql_mode,omitempty"`
	// NoForeignKeyChecks says that rows are taken as they come, in any order.
	NoForeignKeyChecks bool `json:"no_foreign_key_checks,omitempty"`
}

// Key returns the settings as one text, equal for equal settings. Digests that are
// stored hang on it: a setting that is added later and not made changes nothing.
func (s Settings) Key() string {
	text, _ := json.Marshal(s) // texts and truths alone: it cannot fail
	return string(text)
}

// viewMode is the sql_mode under which views are made of the text of a server.
const viewMode = "STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION"

// zeroDateMode is a strict sql_mode that takes dates with zeros in them.
const zeroDateMode = "ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION"

// strictMode is the sql_mode of every session of ours.
const strictMode = "ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION"

// zeroDate is a default that is no date: a month or a day of it is zero. No server
// makes or changes a table with one under NO_ZERO_DATE and NO_ZERO_IN_DATE.
var zeroDate = regexp.MustCompile(`DEFAULT '\d{4}-(00-\d\d|\d\d-00)`)

// KeepingZeros returns the settings for a statement that makes a column count: under
// any other mode it takes the value 0 for the wish for a number.
func (s Settings) KeepingZeros() Settings {
	s.SQLMode = cmp.Or(s.SQLMode, strictMode) + ",NO_AUTO_VALUE_ON_ZERO"
	return s
}

// TakingZeroDates returns the settings for a statement that keeps dates without a
// month or a day.
func (s Settings) TakingZeroDates() Settings {
	s.SQLMode = cmp.Or(s.SQLMode, zeroDateMode)
	return s
}

// TakesZeroDates says whether a statement under these settings keeps dates without a
// month or a day.
func (s Settings) TakesZeroDates() bool { return strings.HasPrefix(s.SQLMode, zeroDateMode) }

// Settings returns the session settings that the object must be created, and a table
// be changed, under.
func (o Object) Settings() Settings {
	s := Settings{SQLMode: o.SQLMode, CharacterSetClient: o.CharacterSetClient, CollationConnection: o.CollationConnection, TimeZone: o.TimeZone}
	switch o.Kind {
	case KindTable:
		if strings.Contains(o.SQL, "-00") && zeroDate.MatchString(o.SQL) {
			s.SQLMode = zeroDateMode
		}
	case KindView: // servers keep no mode with it, and it may be older than ONLY_FULL_GROUP_BY
		s.SQLMode = viewMode
	case KindProcedure, KindFunction, KindTrigger, KindEvent, KindPackage, KindPackageBody:
		s.NoSQLMode = o.SQLMode == "" && o.CharacterSetClient != "" // servers keep a mode with these, and it may be empty
	}
	return s
}
