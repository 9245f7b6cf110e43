package cluster

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"cleanroom.dev/lab/internal/layout"
)

// prober asks components for their health.
type prober struct{ etcd, others *http.Client }

func newProber(dir layout.Dir) (*prober, error) {
	roots := x509.NewCertPool()
	for _, ca := range []string{"ca.crt", "etcd-ca.crt"} {
		pem, err := os.ReadFile(dir.PKIFile(ca))
		if err != nil {
			return nil, err
		}
		roots.AppendCertsFromPEM(pem)
	}
	// etcd requires a certificate of its own authority. The others answer health checks without a certificate, and refuse that one.
	cert, err := tls.LoadX509KeyPair(dir.PKIFile("etcd.crt"), dir.PKIFile("etcd.key"))
	if err != nil {
		return nil, err
	}
	client := func(certificates ...tls.Certificate) *http.Client {
		config := &tls.Config{RootCAs: roots, Certificates: certificates}
		return &http.Client{Transport: &http.Transport{TLSClientConfig: config}, Timeout: 10 * time.Second}
	}
	return &prober{etcd: client(cert), others: client()}, nil
}

func (p *prober) check(ctx context.Context, name, url string) error {
	client := p.others
	if name == Etcd {
		client = p.etcd
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	body, _ := io.ReadAll(io.LimitReader(response.Body, 4096))
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s: %s", url, response.Status, strings.TrimSpace(string(body)))
	}
	return nil
}

// Health asks every component of a state once. Its result is nil for a healthy one.
func Health(ctx context.Context, dir layout.Dir, state *State) (map[string]error, error) {
	probe, err := newProber(dir)
	if err != nil {
		return nil, err
	}
	health := make(map[string]error, len(state.Components))
	for _, component := range state.Components {
		if !component.Alive() {
			health[component.Name] = fmt.Errorf("the process does not exist")
			continue
		}
		health[component.Name] = probe.check(ctx, component.Name, component.Health)
	}
	return health, nil
}
