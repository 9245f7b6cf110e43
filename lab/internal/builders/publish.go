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

// publication fills one registry.
type publication struct {
	ctx      context.Context
	pusher   *remote.Pusher
	registry name.Registry
	host     string // of the registry, as its users name it
	signer   *key
}

// placed is an image that is in the registry.
type placed struct {
	repository name.Repository
	descriptor v1.Descriptor // media type, size and digest
}

// Publish fills the registry behind handler and returns the public key of the signatures, in PEM. The images are pushed through
// a separate address, which is closed at the end of this call, because the registry's certificate and account are for its users. Host is
// the name that those use.
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
	// Within one process there is no transient failure, so there is no retry.
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

// describe leaves out the artifact type that partial.Descriptor adds: the media type of an image's configuration.
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
