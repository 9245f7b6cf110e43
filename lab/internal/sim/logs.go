package sim

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"slices"
	"strconv"
	"time"

	v1 "k8s.io/api/core/v1"
)

// LogServer is how the API server reads the logs of simulated pods: one server, as the kubelet of all simulated nodes.
type LogServer struct {
	Port     int
	Cert     string
	Key      string
	ClientCA string
}

// logAddress is where the API server finds it: the ExternalIP of every simulated node.
const logAddress = "127.0.0.1"

// serve returns when the context ends. Only clients with a certificate of the lab's authority are answered.
func (l LogServer) serve(ctx context.Context, k *kubelet) error {
	pem, err := os.ReadFile(l.ClientCA)
	if err != nil {
		return err
	}
	clients := x509.NewCertPool()
	if !clients.AppendCertsFromPEM(pem) {
		return fmt.Errorf("%s: no certificate", l.ClientCA)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /containerLogs/{namespace}/{pod}/{container}", k.serveLog)
	server := &http.Server{
		Addr: net.JoinHostPort(logAddress, strconv.Itoa(l.Port)), Handler: mux, ReadHeaderTimeout: 10 * time.Second,
		TLSConfig: &tls.Config{ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: clients, MinVersion: tls.VersionTLS12},
	}
	go func() {
		<-ctx.Done()
		_ = server.Close()
	}()
	if err := server.ListenAndServeTLS(l.Cert, l.Key); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// serveLog computes a container's log from the pod and what is remembered of it. The only parameter that counts is limitBytes.
func (k *kubelet) serveLog(w http.ResponseWriter, r *http.Request) {
	obj, exists, err := k.pods.GetIndexer().GetByKey(r.PathValue("namespace") + "/" + r.PathValue("pod"))
	if err != nil || !exists {
		http.Error(w, "the pod is not on a simulated node", http.StatusNotFound)
		return
	}
	pod := obj.(*v1.Pod)
	life, known := k.recall(pod)
	text, started := "", false
	if known {
		text, started = containerLog(pod, life, r.PathValue("container"))
	}
	if !started {
		http.Error(w, fmt.Sprintf("container %q in pod %q is waiting to start", r.PathValue("container"), pod.Name), http.StatusBadRequest)
		return
	}
	if limit, err := strconv.Atoi(r.URL.Query().Get("limitBytes")); err == nil && limit >= 0 && limit < len(text) {
		text = text[:limit]
	}
	w.Header().Set("Content-Type", "text/plain")
	if _, err := w.Write([]byte(text)); err != nil {
		log.Printf("log of pod %s/%s: %v", pod.Namespace, pod.Name, err)
	}
}

// containerLog returns false for a container that has not started.
func containerLog(pod *v1.Pod, life Life, container string) (string, bool) {
	if container == observer && steps(pod) != nil {
		s, _ := readScript(pod)
		return observerLog(&life, &s), life.Watched
	}
	statuses := slices.Concat(pod.Status.InitContainerStatuses, pod.Status.ContainerStatuses, pod.Status.EphemeralContainerStatuses)
	i := slices.IndexFunc(statuses, func(c v1.ContainerStatus) bool { return c.Name == container && c.State.Waiting == nil })
	return "simulated: " + container + "\n", i >= 0
}
