// Package sim simulates the nodes of a lab: their heartbeats, the statuses of their pods, and the volumes of claims.
// It writes a pod's status once for each change, and not in between.
package sim

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// Run simulates n nodes until the context ends.
func Run(ctx context.Context, kubeconfig string, n, healthPort int, logs LogServer) error {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return err
	}
	// Each real kubelet has its own connection and limit. One client for all nodes must not be the bottleneck.
	config.QPS = -1
	config.ContentType = "application/vnd.kubernetes.protobuf"
	config.AcceptContentTypes = "application/vnd.kubernetes.protobuf,application/json"
	config.UserAgent = "lab-simulated-nodes"
	// Leases use a separate connection, so that they do not wait behind status writes.
	client, beat, err := clients(config)
	if err != nil {
		return err
	}
	nodes := NewNodes(n, logs.Port)
	if err := makeClass(ctx, client); err != nil {
		return fmt.Errorf("storage class: %w", err)
	}
	var last atomic.Int64
	for _, node := range nodes {
		if err := node.register(ctx, client); err != nil {
			return fmt.Errorf("node %s: %w", node.Name, err)
		}
		go node.keepAlive(ctx, beat, &last)
	}
	if n == 0 {
		last.Store(time.Now().Add(100 * 365 * 24 * time.Hour).UnixNano())
	}
	kubelet, err := newKubelet(client, nodes)
	if err != nil {
		return err
	}
	factory := informers.NewSharedInformerFactoryWithOptions(client, 0, informers.WithTransform(withoutManagedFields))
	volumes, err := newProvision(client, factory)
	if err != nil {
		return err
	}
	factory.Start(ctx.Done())
	go volumes.run(ctx)
	go kubelet.run(ctx)
	failed := make(chan error, 2)
	go func() { failed <- logs.serve(ctx, kubelet) }()
	go func() {
		failed <- serveHealth(ctx, healthPort, func() bool {
			fresh := time.Since(time.Unix(0, last.Load())) < leaseSeconds*time.Second
			return fresh && kubelet.pods.HasSynced() && volumes.claims.HasSynced()
		})
	}()
	return <-failed
}

func clients(config *rest.Config) (client, beat kubernetes.Interface, err error) {
	if client, err = kubernetes.NewForConfig(config); err != nil {
		return nil, nil, err
	}
	apart := rest.CopyConfig(config)
	// With a separate dialer, client-go does not share the cached connection.
	apart.Dial = (&net.Dialer{Timeout: 10 * time.Second}).DialContext
	beat, err = kubernetes.NewForConfig(apart)
	return client, beat, err
}

func serveHealth(ctx context.Context, port int, healthy func() bool) error {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		if !healthy() {
			http.Error(w, "no node's lease was renewed recently, or pods are not watched yet", http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "ok")
	})
	server := &http.Server{Addr: fmt.Sprintf("127.0.0.1:%d", port), Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	go func() {
		<-ctx.Done()
		_ = server.Close()
	}()
	return server.ListenAndServe()
}
