// Package kubelet_test holds what the operator assumes about kubelets to Kubernetes' own code.
package kubelet_test

import (
	"encoding/json"
	"os"
	"slices"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/kubernetes/pkg/credentialprovider"
	"k8s.io/kubernetes/pkg/credentialprovider/secrets"
	"k8s.io/kubernetes/pkg/util/parsers"
)

// The operator's PullSecretsAsKubeletTest reads the same file.
const cases = "../../../operator/src/test/resources/kubelet/pull-secrets.json"

// TestPullSecrets asks a kubelet's keyring which users it would try for an image, and in which order.
func TestPullSecrets(t *testing.T) {
	written, err := os.ReadFile(cases)
	if err != nil {
		t.Fatal(err)
	}
	var rows []struct {
		About, Image string
		Secrets      []struct{ Type, Value string }
		Kubelet      any
	}
	if err := json.Unmarshal(written, &rows); err != nil {
		t.Fatal(err)
	}
	if len(rows) < 50 {
		t.Fatalf("only %d cases", len(rows))
	}
	for _, row := range rows {
		t.Run(row.About, func(t *testing.T) {
			var given []corev1.Secret
			for _, secret := range row.Secrets {
				kind := corev1.SecretType(secret.Type)
				key := corev1.DockerConfigJsonKey
				if kind == corev1.SecretTypeDockercfg {
					key = corev1.DockerConfigKey
				}
				given = append(given, corev1.Secret{Type: kind, Data: map[string][]byte{key: []byte(secret.Value)}})
			}
			keyring, err := secrets.MakeDockerKeyring(given, &credentialprovider.BasicDockerKeyring{})
			if row.Kubelet == "refused" {
				if err == nil {
					t.Fatal("the kubelet reads the Secrets")
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			repository, _, _, err := parsers.ParseImageName(row.Image)
			if err != nil {
				t.Fatal(err)
			}
			tried := []any{}
			found, _ := keyring.Lookup(repository)
			for _, credential := range found {
				tried = append(tried, credential.Username)
			}
			if !slices.Equal(tried, row.Kubelet.([]any)) {
				t.Fatalf("the kubelet tries %v, not %v", tried, row.Kubelet)
			}
		})
	}
}
