package sim

import (
	"context"
	"log"

	v1 "k8s.io/api/core/v1"
	storage "k8s.io/api/storage/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/util/workqueue"
)

const (
	provisioner  = "simulated.lab.cleanroom.dev"
	classKey     = "storageclass.kubernetes.io/is-default-class"
	selectedNode = "volume.kubernetes.io/selected-node"
)

// provision simulates the external provisioner of the class `standard`: it creates a volume for each claim to which the
// scheduler has assigned a node, and deletes volumes whose claim is deleted. The controller manager binds them.
type provision struct {
	client  kubernetes.Interface
	claims  cache.SharedIndexInformer
	volumes cache.SharedIndexInformer
	// queue contains "c/NAMESPACE/NAME" for claims and "v/NAME" for volumes.
	queue workqueue.TypedRateLimitingInterface[string]
}

// makeClass creates the default class and its driver, whose volumes need not be attached. The class waits for the first consumer, as
// the default classes of most clusters do.
func makeClass(ctx context.Context, client kubernetes.Interface) error {
	mode := storage.VolumeBindingWaitForFirstConsumer
	policy := v1.PersistentVolumeReclaimDelete
	attach := false
	_, err := client.StorageV1().CSIDrivers().Create(ctx, &storage.CSIDriver{
		ObjectMeta: metav1.ObjectMeta{Name: provisioner},
		Spec:       storage.CSIDriverSpec{AttachRequired: &attach},
	}, metav1.CreateOptions{})
	if err != nil && !apierrors.IsAlreadyExists(err) {
		return err
	}
	_, err = client.StorageV1().StorageClasses().Create(ctx, &storage.StorageClass{
		ObjectMeta:  metav1.ObjectMeta{Name: "standard", Annotations: map[string]string{classKey: "true"}},
		Provisioner: provisioner, VolumeBindingMode: &mode, ReclaimPolicy: &policy,
	}, metav1.CreateOptions{})
	if apierrors.IsAlreadyExists(err) {
		return nil
	}
	return err
}

func newProvision(client kubernetes.Interface, factory informers.SharedInformerFactory) (*provision, error) {
	p := &provision{
		client:  client,
		claims:  factory.Core().V1().PersistentVolumeClaims().Informer(),
		volumes: factory.Core().V1().PersistentVolumes().Informer(),
		queue:   workqueue.NewTypedRateLimitingQueue(workqueue.DefaultTypedControllerRateLimiter[string]()),
	}
	for prefix, informer := range map[string]cache.SharedIndexInformer{"c/": p.claims, "v/": p.volumes} {
		add := func(obj any) {
			if key, err := cache.MetaNamespaceKeyFunc(obj); err == nil {
				p.queue.Add(prefix + key)
			}
		}
		_, err := informer.AddEventHandler(cache.ResourceEventHandlerFuncs{AddFunc: add, UpdateFunc: func(_, obj any) { add(obj) }})
		if err != nil {
			return nil, err
		}
	}
	return p, nil
}

// run returns when the context ends. The factory of the informers starts them.
func (p *provision) run(ctx context.Context) {
	if !cache.WaitForCacheSync(ctx.Done(), p.claims.HasSynced, p.volumes.HasSynced) {
		return
	}
	for range 4 {
		go func() {
			for p.work(ctx) {
			}
		}()
	}
	<-ctx.Done()
	p.queue.ShutDown()
}

func (p *provision) work(ctx context.Context) bool {
	key, quit := p.queue.Get()
	if quit {
		return false
	}
	defer p.queue.Done(key)
	if err := p.sync(ctx, key); err != nil {
		log.Printf("volume or claim %s: %v; trying again", key, err)
		p.queue.AddRateLimited(key)
		return true
	}
	p.queue.Forget(key)
	return true
}

func (p *provision) sync(ctx context.Context, key string) error {
	informer := p.claims
	if key[0] == 'v' {
		informer = p.volumes
	}
	obj, exists, err := informer.GetIndexer().GetByKey(key[2:])
	if err != nil || !exists {
		return err
	}
	if claim, ok := obj.(*v1.PersistentVolumeClaim); ok {
		err = p.provision(ctx, claim)
	} else {
		err = p.reclaim(ctx, obj.(*v1.PersistentVolume))
	}
	if apierrors.IsAlreadyExists(err) || apierrors.IsNotFound(err) {
		return nil
	}
	return err
}

func (p *provision) provision(ctx context.Context, claim *v1.PersistentVolumeClaim) error {
	wanted := claim.Annotations["volume.kubernetes.io/storage-provisioner"] == provisioner && claim.Annotations[selectedNode] != ""
	if !wanted || claim.Spec.VolumeName != "" || claim.DeletionTimestamp != nil {
		return nil
	}
	_, err := p.client.CoreV1().PersistentVolumes().Create(ctx, &v1.PersistentVolume{
		ObjectMeta: metav1.ObjectMeta{
			Name:        "pvc-" + string(claim.UID),
			Annotations: map[string]string{"pv.kubernetes.io/provisioned-by": provisioner},
		},
		Spec: v1.PersistentVolumeSpec{
			Capacity:                      v1.ResourceList{v1.ResourceStorage: claim.Spec.Resources.Requests[v1.ResourceStorage]},
			AccessModes:                   claim.Spec.AccessModes,
			PersistentVolumeReclaimPolicy: v1.PersistentVolumeReclaimDelete,
			StorageClassName:              *claim.Spec.StorageClassName,
			VolumeMode:                    claim.Spec.VolumeMode,
			ClaimRef: &v1.ObjectReference{
				APIVersion: "v1", Kind: "PersistentVolumeClaim",
				Namespace: claim.Namespace, Name: claim.Name, UID: claim.UID, ResourceVersion: claim.ResourceVersion,
			},
			// Nothing mounts the volume. Its CSI driver must have a name, because snapshots are requested from a driver.
			PersistentVolumeSource: v1.PersistentVolumeSource{CSI: &v1.CSIPersistentVolumeSource{
				Driver: provisioner, VolumeHandle: string(claim.UID),
			}},
		},
	}, metav1.CreateOptions{})
	return err
}

func (p *provision) reclaim(ctx context.Context, volume *v1.PersistentVolume) error {
	released := volume.Status.Phase == v1.VolumeReleased && volume.Spec.PersistentVolumeReclaimPolicy == v1.PersistentVolumeReclaimDelete
	if !released || volume.Annotations["pv.kubernetes.io/provisioned-by"] != provisioner || volume.DeletionTimestamp != nil {
		return nil
	}
	return p.client.CoreV1().PersistentVolumes().Delete(ctx, volume.Name, metav1.DeleteOptions{
		Preconditions: &metav1.Preconditions{UID: &volume.UID},
	})
}
