package mysql

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"
	"time"

	driversql "github.com/go-sql-driver/mysql"
)

// A ConnectError says that no connection could be opened: one sentence with the
// endpoint and the cause. It is the same value for every caller that asks
// within a few seconds.
type ConnectError struct {
	Endpoint string
	Cause    string // in words, without secrets
	Err      error
}

func (e *ConnectError) Error() string {
	return fmt.Sprintf("connect to `%s`: %s", e.Endpoint, e.Cause)
}

func (e *ConnectError) Unwrap() error { return e.Err }

// explain turns what the driver, the network or the certificate check said into
// words that name the cause.
func (c *connector) explain(err error, dialed bool) *ConnectError {
	e := &ConnectError{Endpoint: c.endpoint, Cause: c.cause(err, dialed), Err: err}
	if errors.Is(err, driver.ErrBadConn) {
		e.Err = nil // database/sql would take it for an order to try again
	}
	return e
}

func (c *connector) cause(err error, dialed bool) string {
	if text := c.networkCause(err, dialed); text != "" {
		return text
	}
	if text := c.tlsCause(err); text != "" {
		return text
	}
	if e, ok := asServerError(err); ok {
		return serverCause(e)
	}
	switch {
	case errors.Is(err, driversql.ErrUnknownPlugin):
		return "the account uses an authentication plugin that is not supported"
	case errors.Is(err, driversql.ErrOldPassword), errors.Is(err, driversql.ErrOldProtocol):
		return "the server wants an authentication method that is too old to be safe"
	case errors.Is(err, driversql.ErrCleartextPassword):
		return "the account wants the password in clear text, which is not sent"
	case c.certificate:
		// TLS 1.3 refuses a client's certificate only after the handshake, and
		// the driver swallows the alert.
		return "the server closed the connection during the handshake; does it trust the certificate in `tls.cert_file`?"
	case errors.Is(err, driversql.ErrInvalidConn), errors.Is(err, driversql.ErrMalformPkt), errors.Is(err, driversql.ErrPktSync),
		errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET):
		return "what answers there closed the connection during the handshake; is it a MySQL or MariaDB server?"
	}
	return "the handshake failed: " + err.Error()
}

func (c *connector) networkCause(err error, dialed bool) string {
	var dns *net.DNSError
	switch {
	case errors.As(err, &dns) && dns.IsNotFound:
		return fmt.Sprintf("the host name `%s` is not known", dns.Name)
	case errors.As(err, &dns):
		return fmt.Sprintf("the host name `%s` could not be looked up", dns.Name)
	case errors.Is(err, syscall.ECONNREFUSED):
		return "connection refused; is a server listening there?"
	case errors.Is(err, os.ErrNotExist):
		return "there is no such socket"
	case errors.Is(err, os.ErrPermission):
		return "the socket may not be used by this user"
	case isTimeout(err) && dialed:
		return fmt.Sprintf("the connection was accepted, but no server answered within %s", seconds(c.timeout))
	case isTimeout(err):
		return fmt.Sprintf("no answer within %s", seconds(c.timeout))
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return "no route to the host"
	}
	return ""
}

func isTimeout(err error) bool {
	var timeout net.Error
	return errors.Is(err, context.DeadlineExceeded) || errors.As(err, &timeout) && timeout.Timeout()
}

func seconds(d time.Duration) string {
	if d == time.Second {
		return "1 second"
	}
	return fmt.Sprintf("%g seconds", d.Seconds())
}

func (c *connector) tlsCause(err error) string {
	var (
		authority x509.UnknownAuthorityError
		name      x509.HostnameError
		invalid   x509.CertificateInvalidError
		alert     tls.AlertError
		header    tls.RecordHeaderError
	)
	switch {
	case errors.Is(err, driversql.ErrNoTLS):
		return "TLS is required, but the server does not offer it"
	case errors.As(err, &authority):
		return "the certificate of the server comes from an authority that is not trusted; check `tls.ca_file`"
	case errors.As(err, &name):
		return fmt.Sprintf("the certificate of the server does not name `%s`; check `tls.server_name`", name.Host)
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "the certificate of the server has expired or is not valid yet"
	case errors.As(err, &invalid):
		return "the certificate of the server is not valid: " + invalid.Error()
	case errors.As(err, &alert):
		return "the server refused the TLS handshake: " + alert.Error()
	case errors.As(err, &header):
		return "what answers there does not speak TLS"
	}
	return ""
}
