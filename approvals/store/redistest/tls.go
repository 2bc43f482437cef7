package redistest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// CA signs the certificates of a test's servers.
type CA struct {
	Roots *x509.CertPool // what a client has to trust

	t    testing.TB
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	file string
}

// NewCA makes a certificate authority for one test.
func NewCA(t testing.TB) *CA {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "redistest"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour), KeyUsage: x509.KeyUsageCertSign,
	}
	c := &CA{t: t, Roots: x509.NewCertPool(), cert: template}
	c.file, _, c.key = c.issue(template, nil)
	text, err := os.ReadFile(c.file)
	if err != nil || !c.Roots.AppendCertsFromPEM(text) {
		t.Fatalf("reading the CA's certificate: %v", err)
	}
	return c
}

// File is the CA's certificate, for SSL_CERT_FILE.
func (c *CA) File() string { return c.file }

// TLS are the arguments with which a redis-server (or Sentinel) speaks TLS on a
// port, besides its plain one, with a certificate for these names and addresses.
func (c *CA) TLS(port int, names ...string) []string {
	c.t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), NotBefore: c.cert.NotBefore, NotAfter: c.cert.NotAfter,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	for _, name := range names {
		if ip := net.ParseIP(name); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, name)
		}
	}
	cert, key, _ := c.issue(template, c.key)
	return []string{
		"--tls-port", fmt.Sprint(port), "--tls-cert-file", cert, "--tls-key-file", key,
		"--tls-ca-cert-file", c.file, "--tls-auth-clients", "no",
	}
}

// issue writes a certificate and its key into files; one that nobody signs is
// signed with its own key.
func (c *CA) issue(template *x509.Certificate, signer *ecdsa.PrivateKey) (certFile, keyFile string, key *ecdsa.PrivateKey) {
	c.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	c.must(err)
	if signer == nil {
		signer = key
	}
	cert, err := x509.CreateCertificate(rand.Reader, template, c.cert, &key.PublicKey, signer)
	c.must(err)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	c.must(err)
	dir := c.t.TempDir()
	return c.write(dir, "CERTIFICATE", cert), c.write(dir, "PRIVATE KEY", private), key
}

func (c *CA) write(dir, kind string, der []byte) string {
	c.t.Helper()
	path := filepath.Join(dir, kind+".pem")
	c.must(os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600))
	return path
}

func (c *CA) must(err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
}
