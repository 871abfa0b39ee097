package source

// MaxParsed is the longest statement that vitess is given.
const MaxParsed = maxParsed
