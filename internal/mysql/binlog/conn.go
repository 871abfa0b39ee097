package binlog

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"net"
	"strings"

	"github.com/go-mysql-org/go-mysql/client"
	protocol "github.com/go-mysql-org/go-mysql/mysql"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// nonBlock asks the server to end at the end of the log.
const nonBlock = 0x01

// writeTimeout is how long the server waits for a reader that is busy with what
// it has read: a change of structure may take hours.
const writeTimeout = 7 * 24 * 60 * 60

// A conn is a connection that the log comes from.
type conn struct {
	cfg  mysql.Config
	wire *client.Conn
	stop func() bool // ends the watch over the context
}

// isEncrypted asks whether the connection of the queryer is encrypted. Where the
// configuration leaves it to the server, another one is as this one.
func isEncrypted(ctx context.Context, q mysql.Queryer) (bool, error) {
	var name, cipher string
	if err := q.Row(ctx, "SHOW SESSION STATUS LIKE 'Ssl\\_cipher'").Scan(&name, &cipher); err != nil {
		return false, fmt.Errorf("ask whether the connection is encrypted: %w", err)
	}
	return cipher != "", nil
}

// dial opens a connection. It is closed when the context ends.
func dial(ctx context.Context, cfg mysql.Config, encrypted bool) (*conn, error) {
	route, err := cfg.Route()
	if err != nil {
		return nil, err
	}
	if route.Fallback && !encrypted {
		route.TLS = nil
	}
	c := &conn{cfg: cfg}
	if err := c.connect(ctx, route); err != nil {
		return nil, c.fail(ctx, fmt.Sprintf("connect to `%s` for its binary log", cfg.Endpoint), err)
	}
	c.stop = context.AfterFunc(ctx, func() { _ = c.wire.Close() })
	return c, nil
}

func (c *conn) connect(ctx context.Context, route mysql.Route) error {
	limited, cancel := context.WithTimeout(ctx, route.Timeout)
	defer cancel()
	watching := func() bool { return true }
	dialer := func(ctx context.Context, network, address string) (net.Conn, error) {
		raw, err := route.Dialer.DialContext(ctx, network, address)
		if err == nil { // the library does not end its handshake with the context
			watching = context.AfterFunc(limited, func() { _ = raw.Close() })
		}
		return raw, err
	}
	var err error
	c.wire, err = client.ConnectWithDialer(limited, route.Network, route.Address, c.cfg.Username, c.cfg.Password, "", dialer,
		func(w *client.Conn) error {
			w.SetTLSConfig(route.TLS)
			return nil
		})
	watching()
	return err
}

func (c *conn) close() {
	c.stop()
	_ = c.wire.Close()
}

// fail turns an error of the library into one of ours.
func (c *conn) fail(ctx context.Context, doing string, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		return fmt.Errorf("%s: %w", doing, cause)
	}
	var said *protocol.MyError
	if errors.As(err, &said) {
		err = &mysql.ServerError{Number: said.Code, State: said.State, Message: mysql.Redact(said.Message, c.cfg.Password)}
	}
	return fmt.Errorf("%s: %w", doing, err)
}

// prepare sets the session up. The server is told that checksums are
// understood, as they are written.
func (c *conn) prepare(ctx context.Context, product mysql.Product) error {
	statements := []string{
		fmt.Sprintf("SET SESSION net_write_timeout = %d", writeTimeout),
		"SET @master_binlog_checksum = @@global.binlog_checksum, @source_binlog_checksum = @@global.binlog_checksum",
	}
	if product == mysql.MariaDB {
		statements = append(statements, "SET @mariadb_slave_capability = 4") // it understands GTIDs
	}
	for _, s := range statements {
		if _, err := c.wire.Execute(s); err != nil {
			return c.fail(ctx, "prepare the connection for the binary log", err)
		}
	}
	return nil
}

// request asks for the log.
func (c *conn) request(ctx context.Context, product mysql.Product, at start) error {
	var err error
	switch {
	case !at.byGTID:
		err = c.requestFile(at.from.File, at.from.Offset)
	case product == mysql.MariaDB:
		// The list holds numbers, dashes and commas: see parseDomains.
		if _, err = c.wire.Execute("SET @slave_connect_state = '" + strings.ReplaceAll(at.from.GTID, "'", "") + "'"); err == nil {
			err = c.requestFile("", 4)
		}
	default:
		err = c.requestGTIDs(at.from.GTID)
	}
	if err != nil {
		return c.fail(ctx, "ask for the binary log", err)
	}
	return nil
}

// headRoom is where the library puts the head of a packet.
const headRoom = 4

// requestFile sends COM_BINLOG_DUMP.
func (c *conn) requestFile(name string, offset uint64) error {
	if offset > math.MaxUint32 {
		return fmt.Errorf("offset %d is beyond what the protocol can ask for", offset)
	}
	c.wire.ResetSequence()
	data := make([]byte, headRoom, headRoom+11+len(name))
	data = append(data, protocol.COM_BINLOG_DUMP)
	data = binary.LittleEndian.AppendUint32(data, uint32(offset))
	data = binary.LittleEndian.AppendUint16(data, nonBlock)
	data = binary.LittleEndian.AppendUint32(data, 0) // the server id of nobody
	return c.wire.WritePacket(append(data, name...))
}

// requestGTIDs sends COM_BINLOG_DUMP_GTID: the server finds the file.
func (c *conn) requestGTIDs(set string) error {
	encoded, err := encodeGTIDs(set)
	if err != nil {
		return err
	}
	c.wire.ResetSequence()
	data := make([]byte, headRoom, headRoom+27+len(encoded))
	data = append(data, protocol.COM_BINLOG_DUMP_GTID)
	data = binary.LittleEndian.AppendUint16(data, nonBlock)
	data = binary.LittleEndian.AppendUint32(data, 0) // the server id of nobody
	data = binary.LittleEndian.AppendUint32(data, 0) // no file
	data = binary.LittleEndian.AppendUint64(data, 4) // the start of a file
	data = binary.LittleEndian.AppendUint32(data, uint32(len(encoded)))
	return c.wire.WritePacket(append(data, encoded...))
}

// next returns the next event as it is on the wire, nil at the end of the log.
func (c *conn) next(ctx context.Context) ([]byte, error) {
	packet, err := c.wire.ReadPacket()
	switch {
	case err != nil:
		return nil, c.fail(ctx, "read the binary log", err)
	case len(packet) == 0:
		return nil, errors.New("read the binary log: the server sent an empty packet")
	}
	switch packet[0] {
	case protocol.OK_HEADER:
		return packet[1:], nil
	case protocol.EOF_HEADER:
		return nil, nil
	case protocol.ERR_HEADER:
		return nil, c.fail(ctx, "read the binary log", c.wire.HandleErrorPacket(packet))
	}
	return nil, fmt.Errorf("read the binary log: the server sent a packet of the unknown kind %d", packet[0])
}
