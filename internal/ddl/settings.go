package ddl

// Settings are session settings that a server keeps with a view, routine,
// trigger or event. An empty field means the session's own.
type Settings struct {
	SQLMode             string `json:"sql_mode,omitempty"`
	CharacterSetClient  string `json:"character_set_client,omitempty"`
	CollationConnection string `json:"collation_connection,omitempty"`
	TimeZone            string `json:"time_zone,omitempty"` // of an event
	// NoSQLMode says that the sql_mode is the empty one, not the session's own.
	NoSQLMode bool `json:"no_sql_mode,omitempty"`
}

// viewMode is the sql_mode under which views are made of the text of a server.
const viewMode = "STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION"

// Settings returns the session settings that the object must be created under.
func (o Object) Settings() Settings {
	s := Settings{SQLMode: o.SQLMode, CharacterSetClient: o.CharacterSetClient, CollationConnection: o.CollationConnection, TimeZone: o.TimeZone}
	switch o.Kind {
	case KindView: // servers keep no mode with it, and it may be older than ONLY_FULL_GROUP_BY
		s.SQLMode = viewMode
	case KindProcedure, KindFunction, KindTrigger, KindEvent, KindPackage, KindPackageBody:
		s.NoSQLMode = o.SQLMode == "" && o.CharacterSetClient != "" // servers keep a mode with these, and it may be empty
	}
	return s
}
