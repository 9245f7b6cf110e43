package builders

import (
	"context"
	"fmt"
	"net"
	"net/http"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// publication is one filling of a registry.
type publication struct {
	ctx      context.Context
	pusher   *remote.Pusher
	registry name.Registry
	host     string // of the registry, as its users name it
	signer   *key
}

// placed is an image that the registry has.
type placed struct {
	repository name.Repository
	descriptor v1.Descriptor // media type, size and digest
}

// Publish fills the registry behind handler and returns the key that signed, PEM. The images are pushed through an address
// of their own, which ends with this call: the registry's certificate and account are for its users. Host is how those
// name it.
func Publish(ctx context.Context, handler http.Handler, host string) (publicKey []byte, err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	server := &http.Server{Handler: handler}
	go func() { _ = server.Serve(listener) }()
	defer server.Close()

	registry, err := name.NewRegistry(listener.Addr().String(), name.Insecure)
	if err != nil {
		return nil, err
	}
	// In one process nothing passes by itself: the first failure counts.
	pusher, err := remote.NewPusher(remote.WithRetryBackoff(remote.Backoff{Steps: 1}))
	if err != nil {
		return nil, err
	}
	signer, err := newKey()
	if err != nil {
		return nil, err
	}
	p := &publication{ctx, pusher, registry, host, signer}
	for _, builder := range catalog() {
		if err := p.publish(builder); err != nil {
			return nil, fmt.Errorf("%s:%s: %w", builder.repository, builder.tag, err)
		}
	}
	return signer.pem(), nil
}

func (p *publication) publish(b builder) error {
	made, err := b.manifest()
	if err != nil {
		return err
	}
	image := placed{repository: p.registry.Repo(b.repository)}
	if image.descriptor, err = describe(made); err != nil {
		return err
	}
	if err := p.pusher.Push(p.ctx, image.repository.Tag(b.tag), made); err != nil {
		return err
	}
	for _, endorse := range b.endorse {
		if err := endorse(p, image); err != nil {
			return err
		}
	}
	return nil
}

// describe leaves out what partial.Descriptor adds: as artifact type the media type of an image's configuration.
func describe(made manifest) (d v1.Descriptor, err error) {
	if d.MediaType, err = made.MediaType(); err != nil {
		return d, err
	}
	if d.Size, err = made.Size(); err != nil {
		return d, err
	}
	d.Digest, err = made.Digest()
	return d, err
}
