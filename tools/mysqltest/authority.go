package mysqltest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// Authority is a certificate authority made for one test.
type Authority struct {
	CAFile string // its certificate, PEM

	dir         string
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	serial      int64
}

// NewAuthority makes a certificate authority. Two of them do not trust each
// other.
func NewAuthority(t testing.TB) *Authority {
	t.Helper()
	a := &Authority{dir: t.TempDir(), key: newKey(t), serial: 1}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(a.serial), Subject: pkix.Name{CommonName: "landlord test authority"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, a.key.Public(), a.key)
	if err != nil {
		t.Fatalf("making a certificate authority: %v", err)
	}
	if a.certificate, err = x509.ParseCertificate(der); err != nil {
		t.Fatalf("reading back the certificate: %v", err)
	}
	a.CAFile = a.write(t, "ca.pem", "CERTIFICATE", der)
	return a
}

// Server returns the flags for a server whose certificate is valid for
// 127.0.0.1 and localhost and which trusts clients of this authority.
func (a *Authority) Server(t testing.TB) Option {
	t.Helper()
	certFile, keyFile := a.issue(t, "server", []string{"localhost"}, []net.IP{net.IPv4(127, 0, 0, 1)})
	return Args("--ssl-ca="+a.CAFile, "--ssl-cert="+certFile, "--ssl-key="+keyFile)
}

// Client returns the files of a certificate for a client.
func (a *Authority) Client(t testing.TB) (certFile, keyFile string) {
	t.Helper()
	return a.issue(t, "client", nil, nil)
}

func (a *Authority) issue(t testing.TB, name string, hosts []string, addresses []net.IP) (certFile, keyFile string) {
	t.Helper()
	a.serial++
	key := newKey(t)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(a.serial), Subject: pkix.Name{CommonName: "landlord test " + name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		DNSNames: hosts, IPAddresses: addresses, KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.certificate, key.Public(), a.key)
	if err != nil {
		t.Fatalf("issuing a certificate: %v", err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatalf("writing a key: %v", err)
	}
	return a.write(t, name+"-cert.pem", "CERTIFICATE", der), a.write(t, name+"-key.pem", "PRIVATE KEY", keyDER)
}

func (a *Authority) write(t testing.TB, name, kind string, der []byte) string {
	t.Helper()
	path := filepath.Join(a.dir, name)
	text := pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatalf("writing a certificate: %v", err)
	}
	return path
}

func newKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatalf("making a key: %v", err)
	}
	return key
}
