package mysql

import (
	"net"
	"strconv"

	driversql "github.com/go-sql-driver/mysql"
)

// Reach is how a client reaches a database of a server.
type Reach struct {
	Host   string // empty for a socket
	Port   int64
	Socket string // absolute path; empty for a host
}

// Reach returns how the server is reached from here; of several hosts, the one
// that is in use.
func (s *Server) Reach() Reach {
	addr, err := parseHost(s.Here().Endpoint)
	if err != nil { // Open has read it
		return Reach{}
	}
	if addr.network == "unix" {
		return Reach{Socket: addr.address}
	}
	host, port, _ := net.SplitHostPort(addr.address)
	number, _ := strconv.ParseInt(port, 10, 64)
	return Reach{Host: host, Port: number}
}

// DSN writes a connection as Go's MySQL driver reads one. Without a password it
// holds none.
func (r Reach) DSN(username, password, database string, tls bool) string {
	c := driversql.NewConfig()
	c.User, c.Passwd, c.DBName, c.Net, c.Addr = username, password, database, "unix", r.Socket
	if r.Socket == "" {
		c.Net, c.Addr = "tcp", net.JoinHostPort(r.Host, strconv.FormatInt(r.Port, 10))
	}
	if tls {
		c.TLSConfig = "true"
	}
	return c.FormatDSN()
}
