package sqltext

import "strings"

// isDashes says whether a text begins with a `--` comment: the server wants
// white space, a control character or the end behind it.
func isDashes(s string) bool {
	return strings.HasPrefix(s, "--") && (len(s) == 2 || s[2] <= ' ' || s[2] == 0x7f)
}

// sandbox is the first line of every dump of newer MariaDB clients. Its version
// is one that no server reaches.
const sandbox = `/*M!999999\- enable the sandbox mode */`

// comment moves behind what begins with `/*`: all of a comment, or the mark of
// one that is executed.
func (s *Scanner) comment(rest string) Kind {
	at := s.pos
	if strings.HasPrefix(rest, sandbox) {
		s.pos += len(sandbox)
		return Comment
	}
	mark := markLength(rest)
	switch {
	case mark == 0 || s.mode.Flavor == MySQL && rest[2] == 'M':
		end := strings.Index(rest[2:], "*/")
		if end < 0 {
			s.fail(at, "a comment (`/*`) is never closed")
			return Comment
		}
		s.pos += 2 + end + 2
		if strings.HasPrefix(rest, "/*+") {
			return Hint
		}
		return Comment
	case s.mode.Flavor == MariaDB && IsForNewerMySQL(rest[:mark]):
		s.skipExecuted(rest)
		return Comment
	}
	s.pos += mark
	if s.depth == 0 {
		s.execAt = at
	}
	s.depth++
	return Open
}

// markLength returns the length of the mark of an executed comment at the start
// of a text, version included; 0 when it begins with another comment.
func markLength(rest string) int {
	n := len("/*!")
	if strings.HasPrefix(rest, "/*M!") {
		n++
	} else if !strings.HasPrefix(rest, "/*!") {
		return 0
	}
	for n < len(rest) && isDigit(rest[n]) {
		n++
	}
	return n
}

// IsForNewerMySQL says whether MariaDB, whatever its version, skips the executed
// comment that a mark opens: it does not follow what is for MySQL 5.7 and later.
func IsForNewerMySQL(mark string) bool {
	digits, ok := strings.CutPrefix(mark, "/*!")
	return ok && len(digits) == 5 && digits >= "50700"
}

// IsForAllServers says whether every server, whatever its product and version,
// executes the comment that a mark opens: five digits, and a version that MariaDB
// does not take for one of MySQL only.
func IsForAllServers(mark string) bool {
	digits, ok := strings.CutPrefix(mark, "/*!")
	return ok && len(digits) == 5 && !IsForNewerMySQL(mark)
}

// skipExecuted moves behind an executed comment that this product skips. It may
// hold comments; quotes mean nothing in it.
func (s *Scanner) skipExecuted(rest string) {
	at := s.pos
	for i, depth := 2, 1; i+1 < len(rest); i++ {
		switch {
		case rest[i] == '/' && rest[i+1] == '*':
			depth++
			i++
		case rest[i] == '*' && rest[i+1] == '/':
			depth--
			i++
		}
		if depth == 0 {
			s.pos += i + 1
			return
		}
	}
	s.fail(at, "a comment (`/*`) is never closed")
}
