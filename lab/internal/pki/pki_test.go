package pki

import (
	"crypto/tls"
	"crypto/x509"
	"os"
	"path/filepath"
	"testing"
)

func TestLeavesVerifyAgainstTheirAuthorityOnly(t *testing.T) {
	dir := t.TempDir()
	ca, err := NewCA(dir, "ca")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := NewCA(dir, "other"); err != nil {
		t.Fatal(err)
	}
	leaf := Leaf{User: "someone", Groups: []string{"some"}, Hosts: []string{"127.0.0.1", "localhost"}}
	if err := ca.Issue("leaf", leaf); err != nil {
		t.Fatal(err)
	}
	pair, err := tls.LoadX509KeyPair(filepath.Join(dir, "leaf.crt"), filepath.Join(dir, "leaf.key"))
	if err != nil {
		t.Fatal(err)
	}
	cert := pair.Leaf
	if cert.Subject.CommonName != "someone" || len(cert.Subject.Organization) != 1 || cert.Subject.Organization[0] != "some" {
		t.Errorf("subject %v", cert.Subject)
	}
	for _, host := range leaf.Hosts {
		if _, err := cert.Verify(x509.VerifyOptions{Roots: pool(t, dir, "ca"), DNSName: host}); err != nil {
			t.Errorf("%s: %v", host, err)
		}
	}
	if _, err := cert.Verify(x509.VerifyOptions{Roots: pool(t, dir, "other")}); err == nil {
		t.Error("another authority vouches for the leaf")
	}
	if _, err := cert.Verify(x509.VerifyOptions{Roots: pool(t, dir, "ca"), DNSName: "example.com"}); err == nil {
		t.Error("the leaf is good for any host")
	}
}

func TestClientsCannotServe(t *testing.T) {
	dir := t.TempDir()
	ca, err := NewCA(dir, "ca")
	if err != nil {
		t.Fatal(err)
	}
	if err := ca.Issue("client", Leaf{User: "someone"}); err != nil {
		t.Fatal(err)
	}
	pair, err := tls.LoadX509KeyPair(filepath.Join(dir, "client.crt"), filepath.Join(dir, "client.key"))
	if err != nil {
		t.Fatal(err)
	}
	usages := []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	if _, err := pair.Leaf.Verify(x509.VerifyOptions{Roots: pool(t, dir, "ca"), KeyUsages: usages}); err == nil {
		t.Error("a client's certificate is good for a server")
	}
}

func TestKeysArePrivate(t *testing.T) {
	dir := t.TempDir()
	if _, err := NewCA(dir, "ca"); err != nil {
		t.Fatal(err)
	}
	if err := SigningKey(dir, "sa"); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"ca.key", "sa.key"} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v", name, info.Mode())
		}
	}
}

func pool(t *testing.T, dir, name string) *x509.CertPool {
	t.Helper()
	pem, err := os.ReadFile(filepath.Join(dir, name+".crt"))
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	return roots
}
