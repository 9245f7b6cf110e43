package builders

import (
	"bytes"
	"encoding/json"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

const (
	emptyMediaType = "application/vnd.oci.empty.v1+json"
	// created is the same for every bundle. A signed time would come from a transparency log, and there is none.
	created = "2026-01-01T00:00:00Z"
)

// referrer is a manifest that refers to another one. Package mutate cannot make it, because it sets no artifact type.
type referrer struct{ manifest v1.Manifest }

func (r referrer) RawManifest() ([]byte, error) { return json.Marshal(r.manifest) }

func (r referrer) MediaType() (types.MediaType, error) { return r.manifest.MediaType, nil }

// attach adds a bundle to an image as cosign 3 does (sigstore/cosign, specs/BUNDLE_SPEC.md). If the registry has no referrers
// API, the push also adds the bundle to the index under the image's referrers tag.
func (p *publication) attach(image placed, signer *key, predicateType, predicate string) error {
	content, err := newBundle(signer, image.descriptor.Digest, predicateType, predicate)
	if err != nil {
		return err
	}
	about := referrer{v1.Manifest{
		SchemaVersion: 2,
		MediaType:     types.OCIManifestSchema1,
		ArtifactType:  bundleMediaType,
		Subject:       &image.descriptor,
		Annotations: map[string]string{
			"dev.sigstore.bundle.content":       "dsse-envelope",
			"dev.sigstore.bundle.predicateType": predicateType,
			"org.opencontainers.image.created":  created,
		},
	}}
	if about.manifest.Config, err = p.upload(image, []byte("{}"), emptyMediaType); err != nil {
		return err
	}
	layer, err := p.upload(image, content, bundleMediaType)
	if err != nil {
		return err
	}
	about.manifest.Layers = []v1.Descriptor{layer}
	raw, err := about.RawManifest()
	if err != nil {
		return err
	}
	digest, _, err := v1.SHA256(bytes.NewReader(raw))
	if err != nil {
		return err
	}
	return p.pusher.Push(p.ctx, image.repository.Digest(digest.String()), about)
}

func (p *publication) upload(image placed, content []byte, mediaType types.MediaType) (v1.Descriptor, error) {
	digest, size, err := v1.SHA256(bytes.NewReader(content))
	if err != nil {
		return v1.Descriptor{}, err
	}
	err = p.pusher.Upload(p.ctx, image.repository, static.NewLayer(content, mediaType))
	return v1.Descriptor{MediaType: mediaType, Size: size, Digest: digest}, err
}
