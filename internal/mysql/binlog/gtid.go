package binlog

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// A domainPosition is the last transaction of one of MariaDB's replication
// domains: domain-server-sequence.
type domainPosition struct{ domain, server, sequence uint64 }

// parseDomains reads a list like `0-1-345,1-2-7`, or with brackets as the log
// shows it. The highest sequence of a domain counts.
func parseDomains(list string) (map[uint64]domainPosition, error) {
	found := map[uint64]domainPosition{}
	for one := range strings.SplitSeq(strings.Trim(withoutSpace(list), "[]"), ",") {
		if one == "" {
			continue
		}
		var numbers []uint64
		for part := range strings.SplitSeq(one, "-") {
			n, err := strconv.ParseUint(part, 10, 64)
			if err != nil {
				return nil, fmt.Errorf("`%s` is no GTID of MariaDB", one)
			}
			numbers = append(numbers, n)
		}
		if len(numbers) != 3 {
			return nil, fmt.Errorf("`%s` is no GTID of MariaDB", one)
		}
		d := domainPosition{domain: numbers[0], server: numbers[1], sequence: numbers[2]}
		if last, ok := found[d.domain]; !ok || last.sequence < d.sequence {
			found[d.domain] = d
		}
	}
	return found, nil
}

// covers says whether a list of MariaDB's GTIDs is as far as another one in
// each of its domains.
func covers(list, other string) (bool, error) {
	a, err := parseDomains(list)
	if err != nil {
		return false, err
	}
	b, err := parseDomains(other)
	if err != nil {
		return false, err
	}
	for domain, last := range b {
		if a[domain].sequence < last.sequence {
			return false, nil
		}
	}
	return true, nil
}

// encodeGTIDs writes a set of MySQL's GTIDs in the form of the protocol.
func encodeGTIDs(set string) ([]byte, error) {
	parsed, err := mysql.ParseMysqlGTIDSet(set)
	if err != nil {
		return nil, fmt.Errorf("`%s` is no set of GTIDs", set)
	}
	return parsed.Encode(), nil
}

// isTagged says whether a set of MySQL's GTIDs has tags: `uuid:tag:1-5`. The
// library does not know them in a set.
func isTagged(set string) bool {
	for one := range strings.SplitSeq(set, ",") {
		parts := strings.Split(one, ":")
		for _, part := range parts[1:] {
			if part != "" && (part[0] < '0' || part[0] > '9') {
				return true
			}
		}
	}
	return false
}
