package builders

import (
	"encoding/base64"
	"encoding/json"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// endorsement adds a signed statement about an image to the registry.
type endorsement func(*publication, placed) error

func signature(p *publication, image placed) error {
	return p.attach(image, p.signer, signaturePredicate, `{}`)
}

// strangersSignature is valid, but by another key.
func strangersSignature(p *publication, image placed) error {
	stranger, err := newKey()
	if err != nil {
		return err
	}
	return p.attach(image, stranger, signaturePredicate, `{}`)
}

func provenance(p *publication, image placed) error {
	return p.attach(image, p.signer, provenancePredicate, `{
		"buildDefinition": {
			"buildType": "https://example.com/build/v1",
			"externalParameters": {},
			"resolvedDependencies": []
		},
		"runDetails": {"builder": {"id": "https://builder.example.com/trusted"}}
	}`)
}

func billOfMaterials(p *publication, image placed) error {
	return p.attach(image, p.signer, cycloneDXPredicate, `{
		"bomFormat": "CycloneDX",
		"specVersion": "1.6",
		"version": 1,
		"components": []
	}`)
}

const (
	legacyMediaType  = "application/vnd.dev.cosign.simplesigning.v1+json"
	legacyAnnotation = "dev.cosignproject.cosign/signature"
	legacyType       = "cosign container image signature"
)

// simpleSigning is the payload of the signatures that cosign made before bundles (sigstore/cosign, specs/SIGNATURE_SPEC.md).
type simpleSigning struct {
	Critical struct {
		Identity struct {
			DockerReference string `json:"docker-reference"`
		} `json:"identity"`
		Image struct {
			DockerManifestDigest string `json:"docker-manifest-digest"`
		} `json:"image"`
		Type string `json:"type"`
	} `json:"critical"`
	Optional map[string]string `json:"optional"`
}

// legacySignature is a signature as cosign 2 makes it, and cosign 3 with --new-bundle-format=false: an image whose layer is the payload,
// under a tag with the image's digest.
func legacySignature(p *publication, image placed) error {
	var says simpleSigning
	says.Critical.Identity.DockerReference = p.host + "/" + image.repository.RepositoryStr()
	says.Critical.Image.DockerManifestDigest = image.descriptor.Digest.String()
	says.Critical.Type = legacyType
	payload, err := json.Marshal(says)
	if err != nil {
		return err
	}
	signature, err := p.signer.sign(payload)
	if err != nil {
		return err
	}
	signatures, err := mutate.ConfigFile(emptyImage(), &v1.ConfigFile{RootFS: v1.RootFS{Type: "layers"}})
	if err != nil {
		return err
	}
	signatures, err = mutate.Append(signatures, mutate.Addendum{
		Layer:       static.NewLayer(payload, types.MediaType(legacyMediaType)),
		Annotations: map[string]string{legacyAnnotation: base64.StdEncoding.EncodeToString(signature)},
	})
	if err != nil {
		return err
	}
	tag := strings.Replace(image.descriptor.Digest.String(), ":", "-", 1) + ".sig"
	return p.pusher.Push(p.ctx, image.repository.Tag(tag), signatures)
}
