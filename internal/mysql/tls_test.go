package mysql_test

import (
	"io"
	"net"
	"regexp"
	"testing"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/sessiontest"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest/instance"
)

func TestTLS(t *testing.T) {
	t.Parallel()
	for _, kind := range mysqltest.Kinds(t) {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			authority, stranger := mysqltest.NewAuthority(t), mysqltest.NewAuthority(t)
			s := mysqltest.Private(t, kind, authority.Server(t), mysqltest.Args("--require-secure-transport=ON"))
			cert, key := authority.Client(t)
			strangeCert, strangeKey := stranger.Client(t)
			s.Exec(t, "CREATE USER with_cert@'%' IDENTIFIED BY 'With_cert1' REQUIRE X509")

			alias := forward(t, "127.0.0.2:0", s.Endpoint())
			insecure := "the server takes encrypted connections only; check `tls.mode`"
			if kind == instance.MariaDB1011 {
				// This version says nothing of the reason.
				insecure = "the server refused user name and password (Access denied for user 'landlord_admin'@'client' (using password: YES))"
			}

			tests := map[string]struct {
				tls      mysql.TLS
				endpoint string // another name of the same server
				user     string
				want     string // empty: an encrypted connection
			}{
				"preferred": {tls: mysql.TLS{Mode: mysql.TLSPreferred}},
				"default":   {},
				"required":  {tls: mysql.TLS{Mode: mysql.TLSRequired}},
				"verify_ca": {tls: mysql.TLS{Mode: mysql.TLSVerifyCA, CAFile: authority.CAFile}},
				"verify_ca by another name": {
					tls: mysql.TLS{Mode: mysql.TLSVerifyCA, CAFile: authority.CAFile}, endpoint: alias,
				},
				"verify_identity": {tls: mysql.TLS{Mode: mysql.TLSVerifyIdentity, CAFile: authority.CAFile}},
				"verify_identity with a name": {
					tls:      mysql.TLS{Mode: mysql.TLSVerifyIdentity, CAFile: authority.CAFile, ServerName: "localhost"},
					endpoint: alias,
				},
				"disabled": {
					tls:  mysql.TLS{Mode: mysql.TLSDisabled},
					want: insecure,
				},
				"verify_ca by a stranger": {
					tls:  mysql.TLS{Mode: mysql.TLSVerifyCA, CAFile: stranger.CAFile},
					want: "the certificate of the server comes from an authority that is not trusted; check `tls.ca_file`",
				},
				"verify_identity by a stranger": {
					tls:  mysql.TLS{Mode: mysql.TLSVerifyIdentity, CAFile: stranger.CAFile},
					want: "the certificate of the server comes from an authority that is not trusted; check `tls.ca_file`",
				},
				"verify_ca by the system": {
					tls:  mysql.TLS{Mode: mysql.TLSVerifyCA},
					want: "the certificate of the server comes from an authority that is not trusted; check `tls.ca_file`",
				},
				"verify_identity by another name": {
					tls:      mysql.TLS{Mode: mysql.TLSVerifyIdentity, CAFile: authority.CAFile},
					endpoint: alias,
					want:     "the certificate of the server does not name `127.0.0.2`; check `tls.server_name`",
				},
				"wrong name": {
					tls:  mysql.TLS{Mode: mysql.TLSVerifyIdentity, CAFile: authority.CAFile, ServerName: "db.example.org"},
					want: "the certificate of the server does not name `db.example.org`; check `tls.server_name`",
				},
				"client certificate": {
					tls:  mysql.TLS{Mode: mysql.TLSVerifyCA, CAFile: authority.CAFile, CertFile: cert, KeyFile: key},
					user: "with_cert",
				},
				"client certificate missing": {
					tls:  mysql.TLS{Mode: mysql.TLSVerifyCA, CAFile: authority.CAFile},
					user: "with_cert",
					want: "the server refused user name and password (Access denied for user 'with_cert'@'client' (using password: YES))",
				},
				"client certificate of a stranger": {
					tls:  mysql.TLS{Mode: mysql.TLSVerifyCA, CAFile: authority.CAFile, CertFile: strangeCert, KeyFile: strangeKey},
					user: "with_cert",
					want: "the server closed the connection during the handshake; does it trust the certificate in `tls.cert_file`?",
				},
			}
			for name, test := range tests {
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					cfg := sessiontest.Config(s.Server)
					cfg.ConnectTimeout = 5 * time.Second
					cfg.TLS = test.tls
					if test.endpoint != "" {
						cfg.Endpoint = test.endpoint
					}
					if test.user != "" {
						cfg.Username, cfg.Password = test.user, "With_cert1"
					}
					checkTLS(t, cfg, test.want)
				})
			}
		})
	}
}

func checkTLS(t *testing.T, cfg mysql.Config, want string) {
	t.Helper()
	server := sessiontest.Open(t, cfg)
	var name, cipher string
	err := server.Row(t.Context(), "SHOW SESSION STATUS LIKE 'Ssl_cipher'").Scan(&name, &cipher)
	if want != "" {
		if want = "connect to `" + cfg.Endpoint + "`: " + want; anyClient(textOf(err)) != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	if cipher == "" {
		t.Error("the connection is not encrypted")
	}
}

// A server without TLS.
func TestTLS_absent(t *testing.T) {
	t.Parallel()
	kinds := mysqltest.Kinds(t)
	s := mysqltest.Private(t, kinds[len(kinds)-1], mysqltest.Args("--skip-ssl"))
	tests := map[mysql.TLSMode]string{
		mysql.TLSDisabled:  "",
		mysql.TLSPreferred: "",
		mysql.TLSRequired:  "connect to `" + s.Endpoint() + "`: TLS is required, but the server does not offer it",
		mysql.TLSVerifyCA:  "connect to `" + s.Endpoint() + "`: TLS is required, but the server does not offer it",
	}
	for mode, want := range tests {
		t.Run(string(mode), func(t *testing.T) {
			t.Parallel()
			cfg := sessiontest.Config(s.Server)
			cfg.TLS.Mode = mode
			_, err := sessiontest.Open(t, cfg).Info(t.Context())
			if got := textOf(err); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

// forward gives a server a second address.
func forward(t *testing.T, from, to string) string {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", from)
	if err != nil {
		t.Skipf("this machine has no second loopback address: %v", err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			out, err := new(net.Dialer).DialContext(t.Context(), "tcp", to)
			if err != nil {
				_ = in.Close()
				continue
			}
			go func() { _, _ = io.Copy(out, in); _ = out.Close() }()
			go func() { _, _ = io.Copy(in, out); _ = in.Close() }()
		}
	}()
	return l.Addr().String()
}

// anyClient replaces how the server calls this machine, which depends on how
// it resolves names.
func anyClient(text string) string {
	return regexp.MustCompile(`@'[^']*' \(using`).ReplaceAllString(text, "@'client' (using")
}
