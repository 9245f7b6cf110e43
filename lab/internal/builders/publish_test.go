package builders

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"cleanroom.dev/lab/internal/registry"
)

const host = "registry.example.com"

// filled is a registry after Publish, and the key that came with it.
type filled struct {
	registry name.Registry
	key      *ecdsa.PublicKey
}

// eachRegistry runs the test against both of package registry.
func eachRegistry(t *testing.T, test func(*testing.T, filled)) {
	for kind, handler := range map[string]http.Handler{
		"with referrers":    registry.WithReferrers(),
		"without referrers": registry.WithoutReferrers(t.Context()),
	} {
		t.Run(kind, func(t *testing.T) {
			encoded, err := Publish(t.Context(), handler, host)
			if err != nil {
				t.Fatal(err)
			}
			server := httptest.NewServer(handler)
			t.Cleanup(server.Close)
			address, err := name.NewRegistry(server.Listener.Addr().String(), name.Insecure)
			if err != nil {
				t.Fatal(err)
			}
			test(t, filled{address, parse(t, encoded)})
		})
	}
}

func parse(t *testing.T, encoded []byte) *ecdsa.PublicKey {
	block, rest := pem.Decode(encoded)
	if block == nil || block.Type != "PUBLIC KEY" || len(rest) > 0 {
		t.Fatalf("no public key: %s", encoded)
	}
	parsed, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	key, ok := parsed.(*ecdsa.PublicKey)
	if !ok || key.Params().Name != "P-256" {
		t.Fatalf("not a key of P-256: %T", parsed)
	}
	return key
}

func (f filled) digest(reference string) name.Digest {
	repository, _, _ := strings.Cut(reference, ":")
	return f.registry.Repo(repository).Digest(digests[reference])
}

// bundlesOf checks how each bundle is stored, and returns them by predicate type.
func (f filled) bundlesOf(t *testing.T, reference string) map[string]bundle {
	t.Helper()
	image := f.digest(reference)
	index, err := remote.Referrers(image)
	if err != nil {
		t.Fatal(err)
	}
	listed, err := index.IndexManifest()
	if err != nil {
		t.Fatal(err)
	}
	bundles := map[string]bundle{}
	for _, entry := range listed.Manifests {
		stored, err := remote.Image(image.Context().Digest(entry.Digest.String()))
		if err != nil {
			t.Fatal(err)
		}
		manifest, err := stored.Manifest()
		if err != nil {
			t.Fatal(err)
		}
		subject, err := remote.Head(image)
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case manifest.ArtifactType != bundleMediaType,
			manifest.Config.MediaType != "application/vnd.oci.empty.v1+json",
			len(manifest.Layers) != 1 || manifest.Layers[0].MediaType != bundleMediaType,
			manifest.Subject == nil,
			manifest.Subject.Digest != subject.Digest || manifest.Subject.Size != subject.Size || manifest.Subject.MediaType != subject.MediaType,
			manifest.Annotations["dev.sigstore.bundle.content"] != "dsse-envelope",
			manifest.Annotations["org.opencontainers.image.created"] != created:
			t.Errorf("%s: a referrer is not as cosign's: %+v", reference, manifest)
			continue
		}
		layer, err := remote.Layer(image.Context().Digest(manifest.Layers[0].Digest.String()))
		if err != nil {
			t.Fatal(err)
		}
		var it bundle
		if err := json.Unmarshal(content(t, layer), &it); err != nil {
			t.Fatal(err)
		}
		bundles[manifest.Annotations["dev.sigstore.bundle.predicateType"]] = it
	}
	return bundles
}

func content(t *testing.T, layer v1.Layer) []byte {
	t.Helper()
	reader, err := layer.Compressed()
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	bytes, err := io.ReadAll(reader)
	if err != nil {
		t.Fatal(err)
	}
	return bytes
}

func signs(key *ecdsa.PublicKey, message, signature []byte) bool {
	digest := sha256.Sum256(message)
	return ecdsa.VerifyASN1(key, digest[:], signature)
}

// signedBy is whether the one signature of the envelope is by the key, over DSSE's encoding of it.
func signedBy(key *ecdsa.PublicKey, it bundle) bool {
	e := it.DSSEEnvelope
	encoded := append(fmt.Appendf(nil, "DSSEv1 28 application/vnd.in-toto+json %d ", len(e.Payload)), e.Payload...)
	return e.PayloadType == "application/vnd.in-toto+json" && len(e.Signatures) == 1 && signs(key, encoded, e.Signatures[0].Sig)
}

func TestRegistryServesTheImages(t *testing.T) {
	eachRegistry(t, func(t *testing.T, f filled) {
		for reference, want := range digests {
			repository, tag, _ := strings.Cut(reference, ":")
			got, err := remote.Get(f.registry.Repo(repository).Tag(tag))
			if err != nil {
				t.Fatal(err)
			}
			if got.Digest.String() != want {
				t.Errorf("%s is %s, want %s", reference, got.Digest, want)
			}
			image, err := got.Image() // of an index: that for linux/amd64
			if err != nil {
				t.Fatal(err)
			}
			if config, err := image.ConfigFile(); err != nil || config.OS+"/"+config.Architecture != "linux/amd64" {
				t.Errorf("%s: %+v, %v", reference, config, err)
			}
			layers, err := image.Layers()
			if err != nil || len(layers) != 1 || len(content(t, layers[0])) == 0 {
				t.Errorf("%s: %d layers, %v", reference, len(layers), err)
			}
		}
	})
}

func TestPythonIsAnIndex(t *testing.T) {
	eachRegistry(t, func(t *testing.T, f filled) {
		index, err := remote.Index(f.digest("builders/python:3.14"))
		if err != nil {
			t.Fatal(err)
		}
		manifest, err := index.IndexManifest()
		if err != nil {
			t.Fatal(err)
		}
		var platforms []string
		for _, image := range manifest.Manifests {
			platforms = append(platforms, image.Platform.String())
		}
		if !slices.Equal(platforms, []string{"linux/amd64", "linux/arm64"}) || manifest.MediaType != types.OCIImageIndex {
			t.Errorf("%v of %s", platforms, manifest.MediaType)
		}
	})
}

func TestBundlesAreByTheKeyAndAboutTheImage(t *testing.T) {
	const sign, slsa, cyclonedx = "https://sigstore.dev/cosign/sign/v1", "https://slsa.dev/provenance/v1", "https://cyclonedx.org/bom"
	others := map[string][]string{
		"builders/unsigned:1": nil,
		"builders/legacy:1":   nil,
		"builders/attested:1": {cyclonedx, sign, slsa},
	}
	eachRegistry(t, func(t *testing.T, f filled) {
		for reference, digest := range digests {
			want, known := others[reference]
			if !known {
				want = []string{sign}
			}
			var got []string
			for predicateType, it := range f.bundlesOf(t, reference) {
				got = append(got, predicateType)
				if signedBy(f.key, it) != (reference != "builders/stranger:1") {
					t.Errorf("%s: %s is signed by the wrong key", reference, predicateType)
				}
				var says statement
				if err := json.Unmarshal(it.DSSEEnvelope.Payload, &says); err != nil {
					t.Fatal(err)
				}
				if says.Type != statementType || says.PredicateType != predicateType || len(says.Subject) != 1 || "sha256:"+says.Subject[0].Digest["sha256"] != digest {
					t.Errorf("%s: %s", reference, it.DSSEEnvelope.Payload)
				}
				if predicateType == sign && string(says.Predicate) != "{}" {
					t.Errorf("%s: predicate %s", reference, says.Predicate)
				}
			}
			slices.Sort(got)
			if !slices.Equal(got, want) {
				t.Errorf("%s has bundles for %v, want %v", reference, got, want)
			}
		}
	})
}

func TestAttestationsSayWhoBuilt(t *testing.T) {
	eachRegistry(t, func(t *testing.T, f filled) {
		bundles := f.bundlesOf(t, "builders/attested:1")
		for predicateType, want := range map[string]string{
			provenancePredicate: `{"buildDefinition":{"buildType":"https://example.com/build/v1","externalParameters":{},"resolvedDependencies":[]},"runDetails":{"builder":{"id":"https://builder.example.com/trusted"}}}`,
			cycloneDXPredicate:  `{"bomFormat":"CycloneDX","specVersion":"1.6","version":1,"components":[]}`,
		} {
			if !bytes.Contains(bundles[predicateType].DSSEEnvelope.Payload, []byte(`"predicate":`+want+`}`)) {
				t.Errorf("%s: %s", predicateType, bundles[predicateType].DSSEEnvelope.Payload)
			}
		}
	})
}

func TestLegacySignature(t *testing.T) {
	const reference = "builders/legacy:1"
	eachRegistry(t, func(t *testing.T, f filled) {
		tag := strings.Replace(digests[reference], ":", "-", 1) + ".sig"
		signatures, err := remote.Image(f.digest(reference).Context().Tag(tag))
		if err != nil {
			t.Fatal(err)
		}
		manifest, err := signatures.Manifest()
		if err != nil {
			t.Fatal(err)
		}
		if len(manifest.Layers) != 1 || manifest.Layers[0].MediaType != "application/vnd.dev.cosign.simplesigning.v1+json" {
			t.Fatalf("%+v", manifest.Layers)
		}
		signature, err := base64.StdEncoding.DecodeString(manifest.Layers[0].Annotations["dev.cosignproject.cosign/signature"])
		if err != nil {
			t.Fatal(err)
		}
		layers, err := signatures.Layers()
		if err != nil {
			t.Fatal(err)
		}
		payload := content(t, layers[0])
		if !signs(f.key, payload, signature) {
			t.Error("not by the key")
		}
		want := fmt.Sprintf(`{"critical":{"identity":{"docker-reference":"%s/builders/legacy"},"image":{"docker-manifest-digest":"%s"},"type":"cosign container image signature"},"optional":null}`, host, digests[reference])
		if string(payload) != want {
			t.Errorf("payload %s, want %s", payload, want)
		}
	})
}

func TestEachRegistryHasAKeyOfItsOwn(t *testing.T) {
	var keys [][]byte
	for range 2 {
		key, err := Publish(context.Background(), registry.WithReferrers(), host)
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, key)
	}
	if bytes.Equal(keys[0], keys[1]) {
		t.Error("two registries, one key")
	}
}
