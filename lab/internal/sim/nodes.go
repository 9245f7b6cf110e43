package sim

import (
	"context"
	"fmt"
	"log"
	"sync/atomic"
	"time"

	coordination "k8s.io/api/coordination/v1"
	v1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
)

// Node is a simulated node. LogPort is that of its kubelet, for logs; zero for none.
type Node struct {
	Name    string
	IP      string
	LogPort int
}

const (
	heartbeat    = 10 * time.Second
	leaseSeconds = 40
	kubeVersion  = "v1.37.2"
)

// NewNodes returns n nodes with their names, and the port of the one server of their logs.
func NewNodes(n, logPort int) []Node {
	nodes := make([]Node, n)
	for i := range nodes {
		nodes[i] = Node{Name: fmt.Sprintf("lab-node-%d", i+1), IP: fmt.Sprintf("10.127.%d.%d", (i+1)/256, (i+1)%256), LogPort: logPort}
	}
	return nodes
}

func (n Node) object(now time.Time) *v1.Node {
	// More than any test requests: a simulated pod costs the node nothing.
	capacity := v1.ResourceList{
		v1.ResourceCPU:              resource.MustParse("100000"),
		v1.ResourceMemory:           resource.MustParse("400Ti"),
		v1.ResourceEphemeralStorage: resource.MustParse("1000Ti"),
		v1.ResourcePods:             resource.MustParse("20000"),
	}
	condition := func(kind v1.NodeConditionType, status v1.ConditionStatus, reason, message string) v1.NodeCondition {
		at := metav1.NewTime(now)
		return v1.NodeCondition{Type: kind, Status: status, Reason: reason, Message: message, LastHeartbeatTime: at, LastTransitionTime: at}
	}
	return &v1.Node{
		ObjectMeta: metav1.ObjectMeta{Name: n.Name, Labels: map[string]string{
			"kubernetes.io/hostname": n.Name, "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64",
			"lab.cleanroom.dev/simulated": "true",
		}},
		Status: v1.NodeStatus{
			Capacity: capacity, Allocatable: capacity,
			Addresses: []v1.NodeAddress{{Type: v1.NodeInternalIP, Address: n.IP}, {Type: v1.NodeExternalIP, Address: logAddress},
				{Type: v1.NodeHostName, Address: n.Name}},
			DaemonEndpoints: v1.NodeDaemonEndpoints{KubeletEndpoint: v1.DaemonEndpoint{Port: int32(n.LogPort)}},
			NodeInfo: v1.NodeSystemInfo{
				KubeletVersion: kubeVersion, OperatingSystem: "linux", Architecture: "amd64",
				ContainerRuntimeVersion: "lab://simulated", OSImage: "simulated", KernelVersion: "simulated",
			},
			Conditions: []v1.NodeCondition{
				condition(v1.NodeReady, v1.ConditionTrue, "KubeletReady", "the simulated kubelet is posting ready status"),
				condition(v1.NodeMemoryPressure, v1.ConditionFalse, "KubeletHasSufficientMemory", ""),
				condition(v1.NodeDiskPressure, v1.ConditionFalse, "KubeletHasNoDiskPressure", ""),
				condition(v1.NodePIDPressure, v1.ConditionFalse, "KubeletHasSufficientPID", ""),
			},
		},
	}
}

// register creates the node with its status. For nodes, a create request keeps the status.
func (n Node) register(ctx context.Context, client kubernetes.Interface) error {
	_, err := client.CoreV1().Nodes().Create(ctx, n.object(time.Now()), metav1.CreateOptions{})
	if apierrors.IsAlreadyExists(err) {
		return nil
	}
	return err
}

// keepAlive renews the node's lease until the context ends, and calls beats after each success.
func (n Node) keepAlive(ctx context.Context, client kubernetes.Interface, beats *atomic.Int64) {
	leases := client.CoordinationV1().Leases(v1.NamespaceNodeLease)
	var lease *coordination.Lease
	seconds := int32(leaseSeconds)
	for {
		var err error
		now := metav1.NowMicro()
		spec := coordination.LeaseSpec{HolderIdentity: &n.Name, LeaseDurationSeconds: &seconds, RenewTime: &now}
		if lease == nil {
			lease, err = leases.Create(ctx, &coordination.Lease{ObjectMeta: metav1.ObjectMeta{Name: n.Name}, Spec: spec}, metav1.CreateOptions{})
			if apierrors.IsAlreadyExists(err) {
				lease, err = leases.Get(ctx, n.Name, metav1.GetOptions{})
			}
		} else {
			lease.Spec = spec
			lease, err = leases.Update(ctx, lease, metav1.UpdateOptions{})
		}
		pause := heartbeat
		if err != nil {
			log.Printf("cannot renew the lease of %s: %v; trying again", n.Name, err)
			lease, pause = nil, time.Second
		} else {
			beats.Store(time.Now().UnixNano())
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
	}
}
