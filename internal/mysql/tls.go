package mysql

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"slices"
)

// A TLSMode says how much a connection insists on encryption. The names are
// those of the servers' own clients.
type TLSMode string

// The TLS modes, from the least to the most demanding.
const (
	// TLSDisabled never encrypts.
	TLSDisabled TLSMode = "disabled"
	// TLSPreferred encrypts when the server can, and verifies nothing. It is
	// what the empty mode means. On a socket it does not encrypt.
	TLSPreferred TLSMode = "preferred"
	// TLSRequired insists on encryption, and verifies nothing.
	TLSRequired TLSMode = "required"
	// TLSVerifyCA verifies that the certificate comes from the authority in
	// CAFile (or one of the system's), whatever host it names.
	TLSVerifyCA TLSMode = "verify_ca"
	// TLSVerifyIdentity verifies also that it names the host of the endpoint,
	// or ServerName.
	TLSVerifyIdentity TLSMode = "verify_identity"
)

// TLSModes returns all modes, for messages and validators.
func TLSModes() []TLSMode {
	return []TLSMode{TLSDisabled, TLSPreferred, TLSRequired, TLSVerifyCA, TLSVerifyIdentity}
}

// TLS is how the connection is encrypted. The zero value is TLSPreferred.
type TLS struct {
	Mode TLSMode
	// CAFile is a PEM file with the authorities to trust; empty means the
	// system's.
	CAFile string
	// CertFile and KeyFile are the client's certificate, both or none.
	CertFile string
	KeyFile  string
	// ServerName is the name that the server's certificate must carry, when it
	// is not the host of the endpoint.
	ServerName string
}

// setup is what the driver needs: no configuration at all means no encryption.
type tlsSetup struct {
	config   *tls.Config
	fallback bool // go on unencrypted when the server cannot
}

func (t TLS) setup(addr address) (tlsSetup, error) {
	mode := t.Mode
	if mode == "" {
		mode = TLSPreferred
	}
	if err := t.check(mode); err != nil {
		return tlsSetup{}, err
	}
	if mode == TLSDisabled || mode == TLSPreferred && addr.network == "unix" {
		return tlsSetup{}, nil
	}
	cfg := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: t.ServerName}
	if cfg.ServerName == "" {
		cfg.ServerName = addr.host
	}
	if err := t.loadCertificate(cfg); err != nil {
		return tlsSetup{}, err
	}
	if err := t.loadAuthorities(cfg); err != nil {
		return tlsSetup{}, err
	}
	switch mode {
	case TLSPreferred, TLSRequired:
		cfg.InsecureSkipVerify = true // #nosec G402 -- these two modes promise encryption, not identity
	case TLSVerifyCA:
		// The standard verification always includes the name, so it is
		// replaced, not removed.
		cfg.InsecureSkipVerify = true // #nosec G402 -- VerifyConnection below verifies the chain
		cfg.VerifyConnection = verifyChain(cfg.RootCAs)
	case TLSVerifyIdentity:
		if cfg.ServerName == "" {
			return tlsSetup{}, &ConfigError{Field: "tls.server_name", Reason: "is needed for `verify_identity` on a socket"}
		}
	}
	return tlsSetup{config: cfg, fallback: mode == TLSPreferred}, nil
}

func (t TLS) check(mode TLSMode) error {
	switch {
	case !slices.Contains(TLSModes(), mode):
		return &ConfigError{Field: "tls.mode", Reason: fmt.Sprintf("is `%s`; choose one of %s", mode, joinModes())}
	case (t.CertFile == "") != (t.KeyFile == ""):
		missing := "tls.key_file"
		if t.CertFile == "" {
			missing = "tls.cert_file"
		}
		return &ConfigError{Field: missing, Reason: "is empty; a client certificate needs both `cert_file` and `key_file`"}
	case t.CAFile != "" && mode != TLSVerifyCA && mode != TLSVerifyIdentity:
		// The authority would be ignored, and a person who names one believes
		// that it is checked.
		return &ConfigError{Field: "tls.ca_file", Reason: fmt.Sprintf("is not used with the mode `%s`; choose `verify_ca` or `verify_identity`", mode)}
	case t.ServerName != "" && mode != TLSVerifyIdentity:
		return &ConfigError{Field: "tls.server_name", Reason: fmt.Sprintf("is not used with the mode `%s`; choose `verify_identity`", mode)}
	case mode == TLSDisabled && t.CertFile != "":
		return &ConfigError{Field: "tls.cert_file", Reason: "is not used with the mode `disabled`"}
	}
	return nil
}

func joinModes() string {
	text := ""
	for i, m := range TLSModes() {
		if i > 0 {
			text += ", "
		}
		text += "`" + string(m) + "`"
	}
	return text
}

func (t TLS) loadCertificate(cfg *tls.Config) error {
	if t.CertFile == "" {
		return nil
	}
	if err := readable("tls.cert_file", t.CertFile); err != nil {
		return err
	}
	if err := readable("tls.key_file", t.KeyFile); err != nil {
		return err
	}
	pair, err := tls.LoadX509KeyPair(t.CertFile, t.KeyFile)
	if err != nil {
		return &ConfigError{Field: "tls.cert_file", Reason: "is no certificate with the key in `key_file`", Err: err}
	}
	cfg.Certificates = []tls.Certificate{pair}
	return nil
}

func (t TLS) loadAuthorities(cfg *tls.Config) error {
	if t.CAFile == "" {
		return nil
	}
	pem, err := os.ReadFile(t.CAFile)
	if err != nil {
		return &ConfigError{Field: "tls.ca_file", Reason: "cannot be read", Err: err}
	}
	cfg.RootCAs = x509.NewCertPool()
	if !cfg.RootCAs.AppendCertsFromPEM(pem) {
		return &ConfigError{Field: "tls.ca_file", Reason: fmt.Sprintf("`%s` holds no certificate in PEM form", t.CAFile)}
	}
	return nil
}

func readable(field, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return &ConfigError{Field: field, Reason: "cannot be read", Err: err}
	}
	return f.Close()
}

// verifyChain is the standard verification without the host name. It is a
// VerifyConnection and not a VerifyPeerCertificate because only the former also
// runs when a session is resumed.
func verifyChain(roots *x509.CertPool) func(tls.ConnectionState) error {
	return func(state tls.ConnectionState) error {
		if len(state.PeerCertificates) == 0 {
			return errors.New("the server sent no certificate")
		}
		options := x509.VerifyOptions{Roots: roots, Intermediates: x509.NewCertPool()}
		for _, c := range state.PeerCertificates[1:] {
			options.Intermediates.AddCert(c)
		}
		_, err := state.PeerCertificates[0].Verify(options)
		return err
	}
}
