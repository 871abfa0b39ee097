package mysql_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

func TestOpen_configuration(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	noPEM := filepath.Join(dir, "no.pem")
	if err := os.WriteFile(noPEM, []byte("hello"), 0o600); err != nil {
		t.Fatal(err)
	}
	authority := mysqltest.NewAuthority(t)
	cert, key := authority.Client(t)
	gone := filepath.Join(dir, "gone.pem")

	endpoint := func(e string) mysql.Config { return mysql.Config{Endpoint: e, Username: "u"} }
	withTLS := func(c mysql.TLS) mysql.Config { return mysql.Config{Endpoint: "h", Username: "u", TLS: c} }
	tests := map[string]struct {
		config mysql.Config
		want   string // empty: accepted
	}{
		"host":              {endpoint("db.example.org"), ""},
		"host and port":     {endpoint("db.example.org:3307"), ""},
		"IPv4":              {endpoint("10.0.0.1:3306"), ""},
		"IPv6":              {endpoint("[fe80::1]:3306"), ""},
		"IPv6 without port": {endpoint("::1"), ""},
		"socket":            {endpoint("/var/run/mysqld.sock"), ""},
		"several hosts":     {endpoint("db1:3306,db2, [fe80::1]:3307"), ""},
		"the same host twice": {
			endpoint("db1, db2,db1:3306"),
			"`endpoint`: names `db1:3306` twice",
		},
		"a socket among hosts": {
			endpoint("db1,/var/run/mysqld.sock"),
			"`endpoint`: names a socket among several hosts; write `host:port,host:port`",
		},
		"nothing after a comma": {
			endpoint("db1,"),
			"`endpoint`: is empty; write `host:port` or the absolute path of a socket",
		},
		"empty": {
			endpoint(""),
			"`endpoint`: is empty; write `host:port` or the absolute path of a socket",
		},
		"URL": {
			endpoint("mysql://root:secret@h:3306/"),
			"`endpoint`: must be `host:port` or the absolute path of a socket, without a scheme, user or path",
		},
		"no host": {
			endpoint(":3306"),
			"`endpoint`: names no host; write `host:port`, and an IPv6 address in brackets: `[::1]:3306`",
		},
		"IPv6 without brackets": {
			endpoint("fe80::1:2:3306:x"),
			"`endpoint`: names no host; write `host:port`, and an IPv6 address in brackets: `[::1]:3306`",
		},
		"port in words": {
			endpoint("h:mysql"),
			"`endpoint`: has the port `mysql`; a port is a number from 1 to 65535",
		},
		"port too high": {
			endpoint("h:65536"),
			"`endpoint`: has the port `65536`; a port is a number from 1 to 65535",
		},
		"no user": {
			mysql.Config{Endpoint: "h"},
			"`username`: is empty",
		},
		"negative connections": {
			mysql.Config{Endpoint: "h", Username: "u", MaxConnections: -1},
			"`max_connections`: must not be negative",
		},
		"negative timeout": {
			mysql.Config{Endpoint: "h", Username: "u", LockTimeout: -1},
			"`lock_timeout`: must not be negative",
		},
		"unknown mode": {
			withTLS(mysql.TLS{Mode: "verify-full"}),
			"`tls.mode`: is `verify-full`; choose one of `disabled`, `preferred`, `required`, `verify_ca`, `verify_identity`",
		},
		"authority that is not used": {
			withTLS(mysql.TLS{Mode: mysql.TLSRequired, CAFile: authority.CAFile}),
			"`tls.ca_file`: is not used with the mode `required`; choose `verify_ca` or `verify_identity`",
		},
		"name that is not used": {
			withTLS(mysql.TLS{ServerName: "db"}),
			"`tls.server_name`: is not used with the mode `preferred`; choose `verify_identity`",
		},
		"name that verify_ca does not use": {
			withTLS(mysql.TLS{Mode: mysql.TLSVerifyCA, CAFile: authority.CAFile, ServerName: "db"}),
			"`tls.server_name`: is not used with the mode `verify_ca`; choose `verify_identity`",
		},
		"authority missing": {
			withTLS(mysql.TLS{Mode: mysql.TLSVerifyCA, CAFile: gone}),
			"`tls.ca_file`: cannot be read: open " + gone + ": no such file or directory",
		},
		"authority without certificate": {
			withTLS(mysql.TLS{Mode: mysql.TLSVerifyCA, CAFile: noPEM}),
			"`tls.ca_file`: `" + noPEM + "` holds no certificate in PEM form",
		},
		"certificate without key": {
			withTLS(mysql.TLS{Mode: mysql.TLSRequired, CertFile: cert}),
			"`tls.key_file`: is empty; a client certificate needs both `cert_file` and `key_file`",
		},
		"key without certificate": {
			withTLS(mysql.TLS{Mode: mysql.TLSRequired, KeyFile: key}),
			"`tls.cert_file`: is empty; a client certificate needs both `cert_file` and `key_file`",
		},
		"certificate missing": {
			withTLS(mysql.TLS{Mode: mysql.TLSRequired, CertFile: gone, KeyFile: key}),
			"`tls.cert_file`: cannot be read: open " + gone + ": no such file or directory",
		},
		"certificate that is none": {
			withTLS(mysql.TLS{Mode: mysql.TLSRequired, CertFile: noPEM, KeyFile: key}),
			"`tls.cert_file`: is no certificate with the key in `key_file`: tls: failed to find any PEM data in certificate input",
		},
		"certificate with disabled": {
			withTLS(mysql.TLS{Mode: mysql.TLSDisabled, CertFile: cert, KeyFile: key}),
			"`tls.cert_file`: is not used with the mode `disabled`",
		},
		"identity of a socket": {
			mysql.Config{Endpoint: "/s", Username: "u", TLS: mysql.TLS{Mode: mysql.TLSVerifyIdentity}},
			"`tls.server_name`: is needed for `verify_identity` on a socket",
		},
		"identity of a socket with a name": {
			mysql.Config{Endpoint: "/s", Username: "u", TLS: mysql.TLS{Mode: mysql.TLSVerifyIdentity, ServerName: "db"}},
			"",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server, err := mysql.Open(test.config)
			if err == nil {
				_ = server.Close()
			}
			if got := textOf(err); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

func textOf(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// Nothing that is printed by mistake shows the password.
func TestConfig_printed(t *testing.T) {
	t.Parallel()
	cfg := mysql.Config{Endpoint: "h:1", Username: "u", Password: "Secret_pw1"}
	server, err := mysql.Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = server.Close() }()
	for _, format := range []string{"%v", "%+v", "%#v", "%s"} {
		for _, value := range []any{cfg, &cfg, server, struct{ C mysql.Config }{cfg}, struct{ S *mysql.Server }{server}} {
			if text := fmt.Sprintf(format, value); strings.Contains(text, "Secret_pw1") {
				t.Errorf("%s of %T shows the password: %s", format, value, text)
			}
		}
	}
}
