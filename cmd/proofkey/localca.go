package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"slices"
	"time"
)

const (
	caLifetime   = 10 * 365 * 24 * time.Hour
	leafLifetime = 397 * 24 * time.Hour // browsers refuse more than 398 days
	leafRenewal  = 30 * 24 * time.Hour
)

// localCA is the certificate authority of `proofkey dev`. It is made once in a folder of the user and can sign for
// loopback and *.test only (RFC 5280 section 4.2.1.10), so that trusting it gives nobody a way into other sites.
//
// Files: ca.key (certificate and key, the source of truth), ca.pem (the certificate, for clients) and leaf.pem
// (certificate and key). All are private to the user and placed atomically; processes that start at once agree on the CA,
// because only one of them can create ca.key.
type localCA struct {
	cert *x509.Certificate
	key  crypto.Signer
	dir  string
}

// localTLS returns the server's side of TLS for loopback and for names (of *.test), and the path of the CA's certificate.
// An empty dir means the user's configuration folder.
func localTLS(dir string, names []string, now time.Time) (conf *tls.Config, caFile string, err error) {
	if dir == "" {
		base, err := os.UserConfigDir()
		if err != nil {
			return nil, "", fmt.Errorf("local CA: %w", err)
		}
		dir = filepath.Join(base, "proofkey")
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, "", fmt.Errorf("local CA: %w", err)
	}
	ca, err := openCA(dir, now)
	if err != nil {
		return nil, "", fmt.Errorf("local CA: %w", err)
	}
	all := []string{"localhost", "127.0.0.1", "::1"}
	for _, name := range names {
		if !slices.Contains(all, name) {
			all = append(all, name)
		}
	}
	leaf, err := ca.leaf(all, now)
	if err != nil {
		return nil, "", fmt.Errorf("local CA: %w", err)
	}
	conf = &tls.Config{Certificates: []tls.Certificate{leaf}, MinVersion: tls.VersionTLS12}
	return conf, ca.file("ca.pem"), nil
}

func (ca *localCA) file(name string) string { return filepath.Join(ca.dir, name) }

func openCA(dir string, now time.Time) (*localCA, error) {
	ca := &localCA{dir: dir}
	pair, err := readPair(ca.file("ca.key"))
	if errors.Is(err, fs.ErrNotExist) || (err == nil && now.Add(leafLifetime).After(pair.Leaf.NotAfter)) {
		pair, err = ca.create(err == nil, now)
	}
	if err != nil {
		return nil, err
	}
	signer, ok := pair.PrivateKey.(crypto.Signer)
	if !ok || !pair.Leaf.IsCA {
		return nil, fmt.Errorf("%s is not a certificate authority; remove it to have a new one made", ca.file("ca.key"))
	}
	ca.cert, ca.key = pair.Leaf, signer
	return ca, ca.publish()
}

// create makes the CA, or reads the one that another process has just made.
func (ca *localCA) create(expired bool, now time.Time) (tls.Certificate, error) {
	data, err := newCA(now)
	if err != nil {
		return tls.Certificate{}, err
	}
	place := createFile
	if expired {
		place = replaceFile
	}
	if err := place(ca.file("ca.key"), data, 0o600); err != nil && !errors.Is(err, fs.ErrExist) {
		return tls.Certificate{}, err
	}
	return readPair(ca.file("ca.key"))
}

// publish writes ca.pem when it is not the certificate of ca.key.
func (ca *localCA) publish() error {
	data := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ca.cert.Raw})
	if have, err := os.ReadFile(ca.file("ca.pem")); err == nil && string(have) == string(data) {
		return nil
	}
	return replaceFile(ca.file("ca.pem"), data, 0o600)
}

// leaf returns the server certificate, a new one when the one on disk is old, of another CA or lacks a name.
func (ca *localCA) leaf(names []string, now time.Time) (tls.Certificate, error) {
	pair, err := readPair(ca.file("leaf.pem"))
	if err == nil && ca.covers(pair.Leaf, names, now) {
		return pair, nil
	}
	data, err := ca.sign(names, now)
	if err != nil {
		return tls.Certificate{}, err
	}
	if err := replaceFile(ca.file("leaf.pem"), data, 0o600); err != nil {
		return tls.Certificate{}, err
	}
	return parsePair(data)
}

func (ca *localCA) covers(leaf *x509.Certificate, names []string, now time.Time) bool {
	if leaf.CheckSignatureFrom(ca.cert) != nil || now.Before(leaf.NotBefore) || now.Add(leafRenewal).After(leaf.NotAfter) {
		return false
	}
	return !slices.ContainsFunc(names, func(name string) bool { return leaf.VerifyHostname(name) != nil })
}

func newCA(now time.Time) ([]byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	host, err := os.Hostname()
	if err != nil {
		host = "this machine"
	}
	template := &x509.Certificate{
		SerialNumber:                serial(),
		Subject:                     pkix.Name{Organization: []string{"Proofkey development CA"}, CommonName: "Proofkey development CA of " + host},
		NotBefore:                   now.Add(-time.Hour),
		NotAfter:                    now.Add(caLifetime),
		KeyUsage:                    x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		ExtKeyUsage:                 []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid:       true,
		IsCA:                        true,
		MaxPathLenZero:              true,
		PermittedDNSDomainsCritical: true,
		PermittedDNSDomains:         []string{"localhost", "test"},
		PermittedIPRanges: []*net.IPNet{
			{IP: net.IPv4(127, 0, 0, 0).To4(), Mask: net.CIDRMask(8, 32)},
			{IP: net.IPv6loopback, Mask: net.CIDRMask(128, 128)},
		},
	}
	return pairPEM(template, template, key, key)
}

func (ca *localCA) sign(names []string, now time.Time) ([]byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: serial(),
		Subject:      pkix.Name{Organization: []string{"Proofkey development certificate"}},
		NotBefore:    now.Add(-time.Hour),
		NotAfter:     now.Add(leafLifetime),
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	for _, name := range names {
		if ip := net.ParseIP(name); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
			continue
		}
		template.DNSNames = append(template.DNSNames, name)
	}
	return pairPEM(template, ca.cert, key, ca.key)
}

func serial() *big.Int {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails: crypto/rand ends the process instead
	b[0] &= 0x7f
	return new(big.Int).SetBytes(b[:])
}

func pairPEM(template, parent *x509.Certificate, key *ecdsa.PrivateKey, signer crypto.Signer) ([]byte, error) {
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signer)
	if err != nil {
		return nil, err
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	data := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	return append(data, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER})...), nil
}

func readPair(path string) (tls.Certificate, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return tls.Certificate{}, err
	}
	pair, err := parsePair(data)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("%s: %w", path, err)
	}
	return pair, nil
}

func parsePair(data []byte) (tls.Certificate, error) {
	return tls.X509KeyPair(data, data)
}
