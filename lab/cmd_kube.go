package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	authentication "k8s.io/api/authentication/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/clientcmd"

	"cleanroom.dev/lab/internal/cluster"
	"cleanroom.dev/lab/internal/layout"
)

// cmdKubectl is upstream's kubectl with the lab's kubeconfig; --dir counts only before kubectl's own arguments.
func cmdKubectl(args []string) error {
	flag, rest := leadingDir(args)
	dir, err := layout.Resolve(flag)
	if err != nil {
		return err
	}
	if _, err := runningLab(dir); err != nil {
		return err
	}
	if err := os.Setenv("KUBECONFIG", dir.Kubeconfig()); err != nil {
		return err
	}
	runKubectl(rest)
	return nil
}

const tokenSeconds = 24 * 60 * 60

func cmdKubeconfig(args []string) error {
	flags := newFlags("kubeconfig")
	resolve := dirFlag(flags)
	account := flags.String("serviceaccount", "", "NAMESPACE/NAME")
	boundPod := flags.String("bound-pod", "", "the pod to which the token is bound")
	out := flags.String("out", "", "the file to write (default: a file in the lab's directory)")
	parse(flags, args)
	dir, err := resolve()
	if err != nil {
		return err
	}
	if _, err := runningLab(dir); err != nil {
		return err
	}
	namespace, name, ok := strings.Cut(*account, "/")
	if !ok || namespace == "" || name == "" {
		return errors.New("--serviceaccount NAMESPACE/NAME is required")
	}
	client, err := newClient(dir)
	if err != nil {
		return err
	}
	ctx := context.Background()
	seconds := int64(tokenSeconds)
	spec := authentication.TokenRequestSpec{ExpirationSeconds: &seconds}
	if *boundPod != "" {
		if spec.BoundObjectRef, err = gatedPod(ctx, client, namespace, name, *boundPod); err != nil {
			return fmt.Errorf("cannot create the pod to which the token is bound: %w", err)
		}
	}
	request, err := client.CoreV1().ServiceAccounts(namespace).CreateToken(ctx, name,
		&authentication.TokenRequest{Spec: spec}, metav1.CreateOptions{})
	if err != nil {
		return fmt.Errorf("cannot create a token for %s: %w", *account, err)
	}
	config, err := clientcmd.BuildConfigFromFlags("", dir.Kubeconfig())
	if err != nil {
		return err
	}
	data, err := cluster.TokenKubeconfig(dir, config.Host, request.Status.Token)
	if err != nil {
		return err
	}
	path := *out
	if path == "" {
		path = filepath.Join(dir.Kubeconfigs(), namespace+"."+name)
		if err := os.MkdirAll(dir.Kubeconfigs(), 0o700); err != nil {
			return err
		}
	}
	if path, err = filepath.Abs(path); err != nil {
		return err
	}
	if err := writePrivate(path, data); err != nil {
		return err
	}
	fmt.Println(path)
	return nil
}

// writePrivate replaces the file, so that its mode is 0600 even if an older file had another one.
func writePrivate(path string, data []byte) error {
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return err
	}
	_, err = file.Write(data)
	err = errors.Join(err, file.Close())
	if err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		_ = os.Remove(file.Name())
	}
	return err
}
