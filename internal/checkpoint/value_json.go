package checkpoint

// appendJSON writes a document of MySQL.
func appendJSON(dst, value []byte) []byte { return appendQuoted(dst, value) }
