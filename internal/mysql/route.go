package mysql

import (
	"crypto/tls"
	"net"
	"time"
)

// A Route is the way to a server, for code that speaks the protocol of the
// server by itself.
type Route struct {
	Network string // tcp or unix
	Address string
	Dialer  *net.Dialer // finds out when the other side is gone
	Timeout time.Duration
	// TLS is nil when the connection is not encrypted.
	TLS *tls.Config
	// Fallback says that the connection goes on unencrypted when the server
	// cannot encrypt.
	Fallback bool
}

// Route returns the way to the server, of several hosts to the first one (see
// Server.Here). The error is a *ConfigError.
func (c Config) Route() (Route, error) {
	c = c.withDefaults()
	addresses, err := c.check()
	if err != nil {
		return Route{}, err
	}
	addr := addresses[0]
	setup, err := c.TLS.setup(addr)
	if err != nil {
		return Route{}, err
	}
	return Route{
		Network: addr.network, Address: addr.address, Dialer: newDialer(), Timeout: c.ConnectTimeout,
		TLS: setup.config, Fallback: setup.fallback,
	}, nil
}

// IsBinaryLogLost says that the server cannot send its binary log from the
// position that was asked for, or that the log is damaged.
func IsBinaryLogLost(err error) bool { return is(err, errReadingBinaryLog) }

// Numbers of errors that only this file meets.
const errReadingBinaryLog = 1236
