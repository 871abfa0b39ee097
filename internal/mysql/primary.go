package mysql

import (
	"context"
	"database/sql"
	"net"
	"strings"
)

// Primary asks a server that takes no writes whose changes it has: those of the
// primary of its group, or of the server that it is a replica of, as that server is
// named there. It is empty when there is none, or the account may not know.
func (x *Session) Primary(ctx context.Context) string {
	ctx = Impatient(ctx)
	info, err := x.Info(ctx)
	if err != nil {
		return ""
	}
	query := "SHOW REPLICA STATUS"
	switch {
	case info.Product == MariaDB:
		query = "SHOW ALL SLAVES STATUS"
	case info.Group != "":
		query = "SELECT MEMBER_HOST AS Source_Host, MEMBER_PORT AS Source_Port FROM performance_schema.replication_group_members WHERE MEMBER_ROLE = 'PRIMARY'"
	}
	rows, err := x.Query(ctx, query)
	if err != nil {
		return ""
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	if err != nil {
		return ""
	}
	found := ""
	for rows.Next() {
		var host, port sql.NullString
		dest := make([]any, len(columns))
		for i, c := range columns {
			switch strings.ToLower(c) {
			case "source_host", "master_host":
				dest[i] = &host
			case "source_port", "master_port":
				dest[i] = &port
			default:
				dest[i] = new(sql.RawBytes)
			}
		}
		if rows.Scan(dest...) != nil || host.String == "" {
			continue
		}
		one := net.JoinHostPort(host.String, port.String)
		if found != "" && found != one {
			return "" // of several nobody knows which is meant
		}
		found = one
	}
	if rows.End() != nil {
		return ""
	}
	return found
}
