package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"

	"cleanroom.dev/lab/internal/cluster"
	"cleanroom.dev/lab/internal/layout"
)

// awaitUsable waits until a pod can be created and scheduled: the nodes are ready and have no taint, and the namespace
// `default` has its service account.
func awaitUsable(ctx context.Context, dir layout.Dir) error {
	say("waiting for nodes and the first service account")
	state, err := cluster.ReadState(dir)
	if err != nil {
		return err
	}
	client, err := newClient(dir)
	if err != nil {
		return err
	}
	deadline := time.Now().Add(2 * time.Minute)
	for {
		missing := whatIsMissing(ctx, client, state.Nodes)
		if missing == nil {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("the control plane runs, but no pod can be created yet: %w", missing)
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func whatIsMissing(ctx context.Context, client kubernetes.Interface, wanted int) error {
	if _, err := client.CoreV1().ServiceAccounts(metav1.NamespaceDefault).Get(ctx, "default", metav1.GetOptions{}); err != nil {
		return fmt.Errorf("the service account default/default does not exist yet: %w", err)
	}
	nodes, err := client.CoreV1().Nodes().List(ctx, metav1.ListOptions{})
	if err != nil {
		return err
	}
	ready := 0
	for _, node := range nodes.Items {
		for _, condition := range node.Status.Conditions {
			if condition.Type == v1.NodeReady && condition.Status == v1.ConditionTrue && len(node.Spec.Taints) == 0 {
				ready++
			}
		}
	}
	if ready < wanted {
		return errors.New("nodes are not ready yet")
	}
	return nil
}

func newClient(dir layout.Dir) (kubernetes.Interface, error) {
	config, err := clientcmd.BuildConfigFromFlags("", dir.Kubeconfig())
	if err != nil {
		return nil, err
	}
	config.UserAgent = "lab"
	config.QPS = -1
	return kubernetes.NewForConfig(config)
}
