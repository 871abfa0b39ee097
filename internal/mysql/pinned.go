package mysql

// PinnedSettings returns the sql_mode and the collation of every connection of
// this package, for whoever writes a script that is to mean the same elsewhere.
func PinnedSettings() (sqlMode, collation string) { return pinnedSQLMode, pinnedCollation }
