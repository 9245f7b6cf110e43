package sim

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"net/netip"
	"sync"
	"time"

	v1 "k8s.io/api/core/v1"
	apiequality "k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/strategicpatch"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/util/workqueue"
)

// kubelet writes the statuses of all pods on the simulated nodes.
type kubelet struct {
	client kubernetes.Interface
	pods   cache.SharedIndexInformer
	queue  workqueue.TypedRateLimitingInterface[string]
	nodes  map[string]Node

	mu    sync.Mutex
	lives map[types.UID]Life
	last  netip.Addr
}

const kubeletWorkers = 16

func newKubelet(client kubernetes.Interface, nodes []Node) (*kubelet, error) {
	k := &kubelet{
		client: client,
		queue:  workqueue.NewTypedRateLimitingQueue(workqueue.DefaultTypedControllerRateLimiter[string]()),
		nodes:  map[string]Node{},
		lives:  map[types.UID]Life{},
		last:   netip.MustParseAddr("10.128.0.0"),
	}
	for _, node := range nodes {
		k.nodes[node.Name] = node
	}
	scheduled := func(options *metav1.ListOptions) {
		options.FieldSelector = fields.OneTermNotEqualSelector("spec.nodeName", "").String()
	}
	watch := cache.NewFilteredListWatchFromClient(client.CoreV1().RESTClient(), "pods", metav1.NamespaceAll, scheduled)
	k.pods = cache.NewSharedIndexInformer(watch, &v1.Pod{}, 0, cache.Indexers{})
	if err := k.pods.SetTransform(withoutManagedFields); err != nil {
		return nil, err
	}
	_, err := k.pods.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    func(obj any) { k.enqueue(obj) },
		UpdateFunc: func(_, obj any) { k.enqueue(obj) },
		DeleteFunc: k.forget,
	})
	return k, err
}

func withoutManagedFields(obj any) (any, error) {
	if object, ok := obj.(metav1.Object); ok {
		object.SetManagedFields(nil)
	}
	return obj, nil
}

func (k *kubelet) enqueue(obj any) {
	if key, err := cache.MetaNamespaceKeyFunc(obj); err == nil {
		k.queue.Add(key)
	}
}

func (k *kubelet) forget(obj any) {
	if gone, ok := obj.(cache.DeletedFinalStateUnknown); ok {
		obj = gone.Obj
	}
	if pod, ok := obj.(*v1.Pod); ok {
		k.mu.Lock()
		delete(k.lives, pod.UID)
		k.mu.Unlock()
	}
}

// run returns when the context ends.
func (k *kubelet) run(ctx context.Context) {
	go k.pods.RunWithContext(ctx)
	if !cache.WaitForCacheSync(ctx.Done(), k.pods.HasSynced) {
		return
	}
	for range kubeletWorkers {
		go func() {
			for k.work(ctx) {
			}
		}()
	}
	<-ctx.Done()
	k.queue.ShutDown()
}

func (k *kubelet) work(ctx context.Context) bool {
	key, quit := k.queue.Get()
	if quit {
		return false
	}
	defer k.queue.Done(key)
	if err := k.sync(ctx, key); err != nil {
		log.Printf("pod %s: %v; trying again", key, err)
		k.queue.AddRateLimited(key)
		return true
	}
	k.queue.Forget(key)
	return true
}

func (k *kubelet) sync(ctx context.Context, key string) error {
	obj, exists, err := k.pods.GetIndexer().GetByKey(key)
	if err != nil || !exists {
		return err
	}
	pod := obj.(*v1.Pod)
	node, ours := k.nodes[pod.Spec.NodeName]
	if !ours {
		return nil
	}
	if pod.DeletionTimestamp != nil {
		return k.remove(ctx, pod)
	}
	life := k.life(pod)
	now := time.Now()
	next := Decide(pod, &life, node, now)
	// Before the status says that a container has ended, its log is complete.
	k.remember(pod, life)
	for _, problem := range next.Problems {
		log.Printf("pod %s: ignoring %s", key, problem)
	}
	if !next.Again.IsZero() {
		k.queue.AddAfter(key, next.Again.Sub(now))
	}
	return k.patch(ctx, pod, next.Status)
}

// life returns what is remembered of a pod. The workqueue never returns a key to two workers at the same time, so the worker may
// change its copy and then let it be remembered.
func (k *kubelet) life(pod *v1.Pod) Life {
	k.mu.Lock()
	defer k.mu.Unlock()
	life, known := k.lives[pod.UID]
	if !known {
		k.last = k.last.Next()
		life = Life{IP: k.last.String(), Seen: time.Now()}
		k.lives[pod.UID] = life
	}
	return life
}

// remember keeps nothing of a pod that is gone meanwhile.
func (k *kubelet) remember(pod *v1.Pod, life Life) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if _, known := k.lives[pod.UID]; known {
		k.lives[pod.UID] = life
	}
}

func (k *kubelet) recall(pod *v1.Pod) (Life, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	life, known := k.lives[pod.UID]
	return life, known
}

// patch sends the difference, as a kubelet does, because others own conditions in the same list. With the UID, it never changes
// a later pod of the same name.
func (k *kubelet) patch(ctx context.Context, pod *v1.Pod, status v1.PodStatus) error {
	if apiequality.Semantic.DeepEqual(pod.Status, status) {
		return nil
	}
	before, err := json.Marshal(v1.Pod{Status: pod.Status})
	if err != nil {
		return err
	}
	after, err := json.Marshal(v1.Pod{ObjectMeta: metav1.ObjectMeta{UID: pod.UID}, Status: status})
	if err != nil {
		return err
	}
	patch, err := strategicpatch.CreateTwoWayMergePatch(before, after, v1.Pod{})
	if err != nil {
		return fmt.Errorf("cannot compute the difference of statuses: %w", err)
	}
	_, err = k.client.CoreV1().Pods(pod.Namespace).Patch(ctx, pod.Name, types.StrategicMergePatchType, patch, metav1.PatchOptions{}, "status")
	if apierrors.IsNotFound(err) || apierrors.IsConflict(err) {
		// The pod is deleted or replaced, and the watch will report it.
		return nil
	}
	return err
}

// remove ends a pod that is being deleted. If it has finalizers, their owners see its final status.
func (k *kubelet) remove(ctx context.Context, pod *v1.Pod) error {
	if pod.DeletionGracePeriodSeconds != nil && *pod.DeletionGracePeriodSeconds == 0 {
		return nil
	}
	if len(pod.Finalizers) > 0 {
		life := k.life(pod)
		last := Terminate(pod, &life, k.nodes[pod.Spec.NodeName], time.Now())
		k.remember(pod, life)
		if err := k.patch(ctx, pod, last); err != nil {
			return err
		}
	}
	now := int64(0)
	err := k.client.CoreV1().Pods(pod.Namespace).Delete(ctx, pod.Name, metav1.DeleteOptions{
		GracePeriodSeconds: &now, Preconditions: &metav1.Preconditions{UID: &pod.UID},
	})
	if apierrors.IsNotFound(err) || apierrors.IsConflict(err) {
		return nil
	}
	return err
}
