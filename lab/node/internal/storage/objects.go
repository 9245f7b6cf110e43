package storage

import (
	"bytes"
	"context"
	_ "embed"
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/dynamic"
	"sigs.k8s.io/yaml"
)

//go:embed objects.yaml
var objects []byte

// servedPatience is how long the API server may take to serve a new kind.
const servedPatience = time.Minute

func createObjects(ctx context.Context, client dynamic.Interface) error {
	ctx, cancel := context.WithTimeout(ctx, servedPatience)
	defer cancel()
	for _, document := range bytes.Split(objects, []byte("\n---\n")) {
		var object unstructured.Unstructured
		if err := yaml.Unmarshal(document, &object.Object); err != nil {
			return err
		}
		kind, _ := meta.UnsafeGuessKindToResource(object.GroupVersionKind())
		for {
			_, err := client.Resource(kind).Create(ctx, &object, metav1.CreateOptions{})
			if err == nil || apierrors.IsAlreadyExists(err) {
				break
			}
			if !apierrors.IsNotFound(err) {
				return fmt.Errorf("%s %s: %w", object.GetKind(), object.GetName(), err)
			}
			select {
			case <-ctx.Done():
				return fmt.Errorf("%s is not served: %w", kind, err)
			case <-time.After(50 * time.Millisecond):
			}
		}
	}
	return nil
}
