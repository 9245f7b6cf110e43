package main

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"

	"cleanroom.dev/lab/internal/builders"
	"cleanroom.dev/lab/internal/pki"
	"cleanroom.dev/lab/internal/registry"
)

// served is what a registry prints about itself, as its only line of output.
type served struct {
	Address     string            `json:"address"`
	Certificate string            `json:"certificate,omitempty"` // of the CA, PEM
	Account     *registry.Account `json:"account,omitempty"`
}

// cmdRegistry serves a registry in memory, empty or with signed images, until its standard input ends.
func cmdRegistry(args []string) error {
	flags := newFlags("registry")
	address := flags.String("addr", "127.0.0.1:0", "")
	referrers := flags.Bool("referrers", true, "")
	secure := flags.Bool("tls", false, "")
	basic := flags.Bool("basic-auth", false, "")
	token := flags.Bool("token-auth", false, "")
	signed := flags.String("builders", "", "")
	parse(flags, args)
	if *basic && *token {
		return errors.New("give --basic-auth or --token-auth, not both")
	}

	listener, err := net.Listen("tcp", *address)
	if err != nil {
		return err
	}
	about := served{Address: listener.Addr().String()}
	scheme := "http"
	server := &http.Server{}
	if *secure {
		scheme = "https"
		if about.Certificate, server.TLSConfig, err = certificate(); err != nil {
			return err
		}
	}
	server.Handler = registry.WithoutReferrers(context.Background())
	if *referrers {
		server.Handler = registry.WithReferrers()
	}
	if *signed != "" {
		if err := publishBuilders(server.Handler, about.Address, *signed); err != nil {
			return err
		}
	}
	if *basic || *token {
		account := registry.NewAccount()
		about.Account = &account
	}
	if *basic {
		server.Handler = registry.WithBasicAuth(server.Handler, *about.Account)
	}
	if *token {
		server.Handler = registry.WithTokenAuth(server.Handler, *about.Account, scheme+"://"+about.Address)
	}

	// The registry ends when the process that holds the other end of the pipe ends.
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	if err := json.NewEncoder(os.Stdout).Encode(about); err != nil {
		return err
	}
	if *secure {
		return server.ServeTLS(listener, "", "")
	}
	return server.Serve(listener)
}

// publishBuilders fills the registry, and writes the signers' public key to dir, under the name that cosign uses.
func publishBuilders(handler http.Handler, address, dir string) error {
	key, err := builders.Publish(context.Background(), handler, address)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "cosign.pub"), key, 0o644)
}

// certificate returns a certificate for this machine, from a CA whose key is deleted at once.
func certificate() (authority string, config *tls.Config, err error) {
	dir, err := os.MkdirTemp("", "cleanroom-lab-registry")
	if err != nil {
		return "", nil, err
	}
	defer os.RemoveAll(dir)
	ca, err := pki.NewCA(dir, "registry-ca")
	if err != nil {
		return "", nil, err
	}
	if err := ca.Issue("registry", pki.Leaf{User: "registry", Hosts: []string{"localhost", "127.0.0.1"}}); err != nil {
		return "", nil, err
	}
	pair, err := tls.LoadX509KeyPair(filepath.Join(dir, "registry.crt"), filepath.Join(dir, "registry.key"))
	if err != nil {
		return "", nil, err
	}
	pem, err := os.ReadFile(filepath.Join(dir, "registry-ca.crt"))
	return string(pem), &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}, err
}
