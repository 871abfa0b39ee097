package preview

import (
	"regexp"
	"slices"
	"strings"
)

// costs is what a line of a migration says behind ` -- `: what the statement costs
// or loses, and why.
var costs = regexp.MustCompile(`^(algorithm [a-z]+|locks [a-z]+|destructive|not reversible)(, (algorithm [a-z]+|locks [a-z]+|destructive|not reversible))*(: |$)`)

// statements reads the lines of a migration.
func statements(lines []string) []Statement {
	out := make([]Statement, len(lines))
	for i, line := range lines {
		out[i] = statement(line)
	}
	return out
}

// statement takes a line apart. A text inside of the statement may look like what
// stands behind it: then the statement counts as dangerous once too often, never
// once too seldom.
func statement(line string) Statement {
	s := Statement{SQL: line, line: line}
	for at := 0; ; {
		next := strings.Index(line[at:], " -- ")
		if next < 0 {
			break
		}
		at += next
		behind := line[at+len(" -- "):]
		if said := costs.FindString(behind); said != "" {
			if strings.Contains(said, "destructive") {
				s.Destructive = true
			}
			s.SQL, s.Risk = line[:at], behind
		} else if s.Risk == "" && !open(line[:at]) {
			s.SQL, s.Risk = line[:at], behind
		}
		at += len(" -- ")
	}
	return s
}

// open says whether a text ends inside of quotes or a comment.
func open(sql string) bool {
	for i := 0; i < len(sql); i++ {
		switch quote := sql[i]; {
		case strings.HasPrefix(sql[i:], "/*"):
			end := strings.Index(sql[i+2:], "*/")
			if end < 0 {
				return true
			}
			i += 2 + end + 1
		case quote == '\'' || quote == '"' || quote == '`':
			for i++; i < len(sql) && sql[i] != quote; i++ {
				if sql[i] == '\\' && quote != '`' {
					i++
				}
			}
			if i >= len(sql) {
				return true
			}
		}
	}
	return false
}

func destructive(list []Statement) bool {
	return slices.ContainsFunc(list, func(s Statement) bool { return s.Destructive })
}

func countDestructive(list []Statement) int {
	n := 0
	for i := range list {
		if list[i].Destructive {
			n++
		}
	}
	return n
}
