package builders

import (
	"encoding/json"
	"fmt"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

const (
	bundleMediaType = "application/vnd.dev.sigstore.bundle.v0.3+json"
	payloadType     = "application/vnd.in-toto+json"
	statementType   = "https://in-toto.io/Statement/v1"

	signaturePredicate  = "https://sigstore.dev/cosign/sign/v1"
	provenancePredicate = "https://slsa.dev/provenance/v1"
	cycloneDXPredicate  = "https://cyclonedx.org/bom"
)

// bundle is a Sigstore bundle by key (sigstore_bundle.proto), without the entry of a transparency log.
type bundle struct {
	MediaType            string   `json:"mediaType"`
	VerificationMaterial material `json:"verificationMaterial"`
	DSSEEnvelope         envelope `json:"dsseEnvelope"`
}

type material struct {
	PublicKey struct {
		Hint string `json:"hint"`
	} `json:"publicKey"`
}

// envelope is a DSSE envelope. In JSON, bytes are base64.
type envelope struct {
	Payload     []byte              `json:"payload"`
	PayloadType string              `json:"payloadType"`
	Signatures  []envelopeSignature `json:"signatures"`
}

type envelopeSignature struct {
	Sig []byte `json:"sig"`
}

// statement is an in-toto statement, version 1.
type statement struct {
	Type          string          `json:"_type"`
	Subject       []subject       `json:"subject"`
	PredicateType string          `json:"predicateType"`
	Predicate     json.RawMessage `json:"predicate"`
}

type subject struct {
	Digest map[string]string `json:"digest"`
}

// newBundle returns a signed statement about an image, with the predicate.
func newBundle(signer *key, image v1.Hash, predicateType, predicate string) ([]byte, error) {
	payload, err := json.Marshal(statement{
		Type:          statementType,
		Subject:       []subject{{Digest: map[string]string{image.Algorithm: image.Hex}}},
		PredicateType: predicateType,
		Predicate:     json.RawMessage(predicate),
	})
	if err != nil {
		return nil, err
	}
	signature, err := signer.sign(preAuthenticationEncoding(payload))
	if err != nil {
		return nil, err
	}
	made := bundle{
		MediaType:    bundleMediaType,
		DSSEEnvelope: envelope{Payload: payload, PayloadType: payloadType, Signatures: []envelopeSignature{{Sig: signature}}},
	}
	made.VerificationMaterial.PublicKey.Hint = signer.hint()
	return json.Marshal(made)
}

// preAuthenticationEncoding is what DSSE signs instead of the payload ("PAE").
func preAuthenticationEncoding(payload []byte) []byte {
	return fmt.Appendf(nil, "DSSEv1 %d %s %d %s", len(payloadType), payloadType, len(payload), payload)
}
