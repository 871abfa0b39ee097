package mysql

import (
	"cmp"
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"strings"
	"time"
)

const (
	// findPatience is how long a host that takes writes is looked for while others
	// of the endpoint answer: a group needs up to 20 seconds to elect one.
	findPatience = 45 * time.Second
	// findPause is the time between two looks at all hosts.
	findPause = 250 * time.Millisecond
	// stragglers is how much longer the other hosts may take to answer when one
	// takes writes.
	stragglers = 2 * time.Second
	// justFound is how long a member is not left again: statements of the one
	// before it still fail.
	justFound = 500 * time.Millisecond
)

// A member is one host of an endpoint.
type member struct {
	inner    driver.Connector
	endpoint string
}

// Several says that the endpoint names several hosts, of which another one may
// take over.
func (s *Server) Several() bool { return s.connector.several() }

// several says that the endpoint names more than one host.
func (c *connector) several() bool { return len(c.members) > 1 }

// use returns the member that is in use, and its round.
func (c *connector) use() (member, int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.members[c.current], c.round
}

// leave makes everybody who asks for a connection next look for the host that
// takes writes. Connections that are open are not used again.
func (c *connector) leave() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.proven && time.Since(c.found) > justFound {
		c.round++
		c.proven = false
	}
}

// standing is what a host says of itself.
type standing struct {
	at     int    // of the members
	writes bool   // it takes writes
	group  string // that it is a member of; empty without one
	why    string // it does not take writes, or did not answer
	answer bool
}

// find chooses the host that takes writes. As long as one answers, which may be
// about to take over, it goes on for findPatience; else one look is enough.
func (c *connector) find(ctx context.Context) error {
	for end := time.Now().Add(findPatience); ; {
		all := c.look(ctx)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		chosen, cause := choose(all, c.members)
		if chosen >= 0 {
			c.mu.Lock()
			c.current, c.found = chosen, time.Now()
			c.mu.Unlock()
			return nil
		}
		answered := false
		for _, s := range all {
			answered = answered || s.answer && !s.writes
		}
		if !answered || time.Now().After(end) {
			failure := &ConnectError{Endpoint: c.endpoint, Cause: cause}
			c.remember(failure)
			return failure
		}
		sleep(ctx, findPause)
	}
}

// choose returns the index of the host to use, or -1 and the reason. Two hosts
// that take writes and are no group are two servers, of which one may be a
// former primary: nobody can tell which of them has the data.
func choose(all []standing, members []member) (int, string) {
	chosen := -1
	var reasons []string
	for _, s := range all {
		switch {
		case !s.writes:
			reasons = append(reasons, fmt.Sprintf("`%s` %s", members[s.at].endpoint, s.why))
		case chosen < 0:
			chosen = s.at
		case s.group == "" || s.group != all[chosen].group:
			return -1, fmt.Sprintf("`%s` and `%s` both take writes and are no group, so one of them does not have the data of the other; make the one read-only that is not the primary",
				members[chosen].endpoint, members[s.at].endpoint)
		}
	}
	if chosen < 0 {
		return -1, "no host takes writes: " + strings.Join(reasons, "; ")
	}
	return chosen, ""
}

// look asks all hosts at the same time.
func (c *connector) look(ctx context.Context) []standing {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	answers := make(chan standing, len(c.members))
	for i := range c.members {
		go func() { answers <- c.ask(ctx, i) }()
	}
	all := make([]standing, len(c.members))
	for i := range all {
		all[i] = standing{at: i, why: fmt.Sprintf("gave no answer within %s", seconds(c.timeout))}
	}
	var late <-chan time.Time
	for range c.members {
		select {
		case s := <-answers:
			all[s.at] = s
			if s.writes && late == nil {
				late = time.After(stragglers)
			}
		case <-late:
			return all
		case <-ctx.Done():
			return all
		}
	}
	return all
}

// ask asks one host whether it takes writes, on a connection of its own.
func (c *connector) ask(ctx context.Context, at int) standing {
	note := &attempt{}
	pool := sql.OpenDB(c.members[at].inner)
	defer func() { _ = pool.Close() }()
	conn, err := pool.Conn(context.WithValue(ctx, attemptKey{}, note))
	if err != nil {
		return standing{at: at, why: "cannot be reached: " + c.cause(err, note.dialed)}
	}
	defer func() { _ = conn.Close() }()
	s, err := stands(ctx, conn)
	if err != nil {
		return standing{at: at, why: "cannot be asked: " + Message(translate(ctx, err))}
	}
	s.at, s.answer = at, true
	return s
}

// stands reads what a server says of itself. A group of MySQL whose members do not
// see the majority waits with every commit, and a member that has not applied yet
// what the primary before it has committed would tell the past.
func stands(ctx context.Context, conn *sql.Conn) (standing, error) {
	v, err := pairs(ctx, conn, "SHOW GLOBAL VARIABLES WHERE Variable_name IN"+
		" ('read_only', 'super_read_only', 'server_uuid', 'group_replication_group_name', 'wsrep_on', 'wsrep_cluster_name')")
	if err != nil {
		return standing{}, err
	}
	s := standing{writes: true}
	switch {
	case isOn(v["wsrep_on"]):
		status, err := pairs(ctx, conn, "SHOW GLOBAL STATUS WHERE Variable_name IN ('wsrep_ready', 'wsrep_cluster_status')")
		if err != nil {
			return standing{}, err
		}
		s.group = v["wsrep_cluster_name"]
		if !isOn(status["wsrep_ready"]) || status["wsrep_cluster_status"] != "Primary" {
			s.writes, s.why = false, fmt.Sprintf("is not ready (cluster status `%s`)", status["wsrep_cluster_status"])
		}
	case v["group_replication_group_name"] != "":
		s, err = groupStanding(ctx, conn, v)
		if err != nil {
			return standing{}, err
		}
	}
	if s.writes && (isOn(v["read_only"]) || isOn(v["super_read_only"])) {
		s.writes, s.why = false, "is read-only"
	}
	return s, nil
}

// groupStanding reads how a member of a group of MySQL sees it.
func groupStanding(ctx context.Context, conn *sql.Conn, v map[string]string) (standing, error) {
	var state, role string
	var members, unreachable, queued int
	err := conn.QueryRowContext(ctx, "SELECT COALESCE(MAX(IF(MEMBER_ID = @@server_uuid, MEMBER_STATE, NULL)), ''), COALESCE(MAX(IF(MEMBER_ID = @@server_uuid, MEMBER_ROLE, NULL)), ''),"+
		" COUNT(*), COALESCE(SUM(MEMBER_STATE = 'UNREACHABLE'), 0),"+
		" (SELECT COALESCE(MAX(COUNT_TRANSACTIONS_REMOTE_IN_APPLIER_QUEUE), 0) FROM performance_schema.replication_group_member_stats"+
		" WHERE MEMBER_ID = @@server_uuid AND @@global.group_replication_single_primary_mode)"+
		" FROM performance_schema.replication_group_members").Scan(&state, &role, &members, &unreachable, &queued)
	if IsAccessDenied(err) || state == "OFFLINE" && err == nil { // read_only tells what it is
		return standing{writes: true}, nil
	}
	if err != nil {
		return standing{}, fmt.Errorf("ask for the members of the group: %w", err)
	}
	s := standing{group: v["group_replication_group_name"]}
	switch {
	case state != "ONLINE":
		s.why = fmt.Sprintf("is a member of its group with the state `%s`", cmp.Or(state, "unknown"))
	case role != "PRIMARY":
		s.why = "is read-only"
	case 2*unreachable >= members:
		s.why = fmt.Sprintf("does not reach %d of the %d members of its group", unreachable, members)
	case queued > 0:
		s.why = "has not applied yet what the primary before it has committed"
	default:
		s.writes = true
	}
	return s, nil
}

// pairs reads rows of a name and a value.
func pairs(ctx context.Context, conn *sql.Conn, query string) (map[string]string, error) {
	rows, err := conn.QueryContext(ctx, query)
	if err != nil {
		return nil, fmt.Errorf("ask the server for its settings: %w", err)
	}
	defer func() { _ = rows.Close() }()
	out := map[string]string{}
	for rows.Next() {
		var name, value string
		if err := rows.Scan(&name, &value); err != nil {
			return nil, err
		}
		out[strings.ToLower(name)] = value
	}
	return out, rows.Err()
}

// demoted says that a statement was refused because its server does not take
// writes any more, where another one of the endpoint may: it is looked for.
func (s *Server) demoted(err error) bool {
	if s.host != nil {
		s = s.host
	}
	if !s.connector.several() {
		return false
	}
	class, _ := ClassOf(err)
	if class != ClassReadOnly && !is(err, errUnknownCommand) {
		return false
	}
	s.connector.leave()
	s.moved()
	return true
}

// moved notes that another server may answer from now on.
func (s *Server) moved() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stale = true
}

// readOnly turns the answer that a server is read-only into a lost connection
// where another one of the endpoint may take writes.
func (x *Session) readOnly(on bool) (bool, error) {
	s := x.server
	if !on || !s.connector.several() {
		return on, nil
	}
	s.connector.leave()
	s.moved()
	x.lost()
	return true, &LostError{Endpoint: s.cfg.Endpoint, Err: fmt.Errorf("`%s` is read-only now", s.Here().Endpoint), Refused: true}
}

// driverConn is what a connection of the driver can do.
type driverConn interface {
	driver.Conn
	driver.Pinger
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.QueryerContext
	driver.ExecerContext
	driver.NamedValueChecker
	driver.SessionResetter
	driver.Validator
}

// memberConn is a connection to one of several hosts. It goes back to no pool when
// another one is in use.
type memberConn struct {
	driverConn

	c     *connector
	round int
}

// belonging returns a connection that knows its round, where there are several
// hosts.
func (c *connector) belonging(conn driver.Conn, round int) driver.Conn {
	whole, ok := conn.(driverConn)
	if !ok || !c.several() {
		return conn
	}
	return &memberConn{driverConn: whole, c: c, round: round}
}

func (m *memberConn) stays() bool {
	m.c.mu.Lock()
	defer m.c.mu.Unlock()
	return m.round == m.c.round
}

// IsValid is asked when the connection is given back.
func (m *memberConn) IsValid() bool { return m.stays() && m.driverConn.IsValid() }

// ResetSession is called before the connection is used again.
func (m *memberConn) ResetSession(ctx context.Context) error {
	if !m.stays() {
		return driver.ErrBadConn
	}
	return m.driverConn.ResetSession(ctx) //nolint:wrapcheck // for database/sql
}
