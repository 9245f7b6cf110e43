package builders

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
)

// key signs. It exists only in this process.
type key struct {
	private *ecdsa.PrivateKey
	public  []byte // PKIX
}

func newKey() (*key, error) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	public, err := x509.MarshalPKIXPublicKey(private.Public())
	return &key{private, public}, err
}

func (k *key) sign(message []byte) ([]byte, error) {
	digest := sha256.Sum256(message)
	return ecdsa.SignASN1(rand.Reader, k.private, digest[:])
}

// hint is what cosign writes into a bundle instead of the key.
func (k *key) hint() string {
	digest := sha256.Sum256(k.public)
	return base64.StdEncoding.EncodeToString(digest[:])
}

// pem returns the public key as `cosign generate-key-pair` writes it to cosign.pub.
func (k *key) pem() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: k.public})
}
