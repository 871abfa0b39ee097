package sqltext

import "strings"

// atDelimiter says whether the delimiter stands at pos. A delimiter of word
// bytes (`go`) is one only as a whole word.
func (s *Scanner) atDelimiter() bool {
	if s.delim == "" || s.depth > 0 || !strings.HasPrefix(s.src[s.pos:], s.delim) {
		return false
	}
	if !isLetter(s.delim[0]) {
		return true
	}
	end := s.pos + len(s.delim)
	return (s.pos == 0 || !IsWordByte(s.src[s.pos-1])) && (end == len(s.src) || !IsWordByte(s.src[end]))
}

// ReadDelimiter reads what stands behind the word DELIMITER, up to the end of its
// line, as the mysql client does: the first word, with or without quotes. The
// problem is a sentence without a full stop, empty when there is none.
func ReadDelimiter(arguments string) (delimiter, problem string) {
	word, _, _ := strings.Cut(strings.TrimSpace(arguments), " ")
	word, _, _ = strings.Cut(word, "\t")
	if len(word) > 2 && strings.IndexByte("'\"`", word[0]) >= 0 && word[len(word)-1] == word[0] {
		word = word[1 : len(word)-1]
	}
	switch {
	case word == "":
		return "", "`DELIMITER` names no delimiter"
	case strings.ContainsAny(word, "\\'\"`#") || strings.HasPrefix(word, "--") || strings.HasPrefix(word, "/*"):
		return "", "`" + word + "` cannot be a delimiter: it would begin a text or a comment"
	}
	return word, ""
}

// StartsLine says whether only white space stands before an offset in its line.
// With comments, one that ends there may stand before it too.
func StartsLine(text string, at int, comments bool) bool {
	before := strings.TrimRight(text[:at], " \t\v\f")
	return before == "" || before[len(before)-1] == '\n' || comments && strings.HasSuffix(before, "*/")
}
