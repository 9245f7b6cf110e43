package storage

import (
	"context"
	"errors"
	"flag"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/container-storage-interface/spec/lib/go/csi"
	snapshots "github.com/kubernetes-csi/external-snapshotter/client/v8/clientset/versioned"
	snapshotscheme "github.com/kubernetes-csi/external-snapshotter/client/v8/clientset/versioned/scheme"
	snapshotinformers "github.com/kubernetes-csi/external-snapshotter/client/v8/informers/externalversions"
	common "github.com/kubernetes-csi/external-snapshotter/v8/pkg/common-controller"
	"github.com/kubernetes-csi/external-snapshotter/v8/pkg/metrics"
	sidecar "github.com/kubernetes-csi/external-snapshotter/v8/pkg/sidecar-controller"
	"github.com/kubernetes-csi/external-snapshotter/v8/pkg/snapshotter"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/util/workqueue"
	registration "k8s.io/kubelet/pkg/apis/pluginregistration/v1"
	provision "sigs.k8s.io/sig-storage-lib-external-provisioner/v13/controller"
)

const (
	// callPatience is how long a call to the driver may take.
	callPatience = time.Minute
	workers      = 4
	resync       = 15 * time.Minute
)

// Run runs the node's storage: the driver, its registration with the kubelet, its class, and the controllers that read the
// API. It answers at the health address once the class exists, and returns when a server ends.
func Run(args []string) error {
	flags := flag.NewFlagSet("storage", flag.ExitOnError)
	kubeconfig := flags.String("kubeconfig", "", "")
	node := flags.String("node", "", "the node's name")
	folder := flags.String("folder", "", "where volumes and snapshots are")
	kubelet := flags.String("kubelet", "", "the kubelet's root directory")
	health := flags.String("health-address", "", "host and port")
	_ = flags.Parse(args)

	for _, kind := range []string{"volumes", "snapshots"} {
		if err := os.MkdirAll(filepath.Join(*folder, kind), 0o700); err != nil {
			return err
		}
	}
	d := &driver{folder: *folder, node: *node}
	failed := make(chan error, 3)
	socket := filepath.Join(*kubelet, "plugins", DriverName, "csi.sock")
	server := grpc.NewServer()
	csi.RegisterIdentityServer(server, d)
	csi.RegisterControllerServer(server, d)
	csi.RegisterNodeServer(server, d)
	if err := serve(server, socket, failed); err != nil {
		return err
	}
	config, err := clientcmd.BuildConfigFromFlags("", *kubeconfig)
	if err != nil {
		return err
	}
	config.QPS = -1
	ctx := context.Background()
	if err := control(ctx, config, d, socket); err != nil {
		return err
	}
	kubelets := grpc.NewServer()
	registration.RegisterRegistrationServer(kubelets, registrar{socket: socket})
	if err := serve(kubelets, filepath.Join(*kubelet, "plugins_registry", DriverName+"-reg.sock"), failed); err != nil {
		return err
	}
	go func() {
		answer := &http.Server{Addr: *health, ReadHeaderTimeout: 10 * time.Second}
		answer.Handler = http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
		failed <- answer.ListenAndServe()
	}()
	return <-failed
}

func serve(server *grpc.Server, socket string, failed chan<- error) error {
	if err := os.MkdirAll(filepath.Dir(socket), 0o750); err != nil {
		return err
	}
	if err := os.Remove(socket); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	listener, err := net.Listen("unix", socket)
	if err != nil {
		return err
	}
	go func() { failed <- server.Serve(listener) }()
	return nil
}

// control starts the provisioner, and the upstream snapshot controllers: the cluster's and the driver's.
func control(ctx context.Context, config *rest.Config, d *driver, socket string) error {
	objects, err := dynamic.NewForConfig(config)
	if err != nil {
		return err
	}
	if err := createObjects(ctx, objects); err != nil {
		return err
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	snapshotClient, err := snapshots.NewForConfig(config)
	if err != nil {
		return err
	}
	connection, err := grpc.NewClient("unix://"+socket, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return err
	}
	// For references to snapshots in events of the upstream controllers.
	if err := snapshotscheme.AddToScheme(scheme.Scheme); err != nil {
		return err
	}
	backoff := func() workqueue.TypedRateLimiter[string] {
		return workqueue.NewTypedItemExponentialFailureRateLimiter[string](100*time.Millisecond, 10*time.Second)
	}
	core := informers.NewSharedInformerFactory(client, resync)
	all := snapshotinformers.NewSharedInformerFactory(snapshotClient, resync)
	of := all.Snapshot().V1()
	cluster := common.NewCSISnapshotCommonController(snapshotClient, client,
		of.VolumeSnapshots(), of.VolumeSnapshotContents(), of.VolumeSnapshotClasses(), nil, nil, nil,
		core.Core().V1().PersistentVolumeClaims(), core.Core().V1().PersistentVolumes(), nil,
		metrics.NewMetricsManager(), resync, backoff(), backoff(), backoff(), backoff(), false, false, false)
	driver := sidecar.NewCSISnapshotSideCarController(snapshotClient, client, DriverName,
		of.VolumeSnapshotContents(), of.VolumeSnapshotClasses(), snapshotter.NewSnapshotter(connection), nil,
		callPatience, resync, "snapshot", -1, "groupsnapshot", -1, false, backoff(), false, nil, nil, backoff())
	core.Start(ctx.Done())
	all.Start(ctx.Done())
	go cluster.Run(workers, ctx.Done(), nil)
	go driver.Run(workers, ctx.Done(), nil)
	go provision.NewProvisionController(ctx, client, DriverName, provisioner{d, snapshotClient}, provision.LeaderElection(false)).Run(ctx)
	return nil
}

// registrar registers the driver with the kubelet, which watches the folder of the registrar's socket.
type registrar struct {
	registration.UnimplementedRegistrationServer
	socket string
}

func (r registrar) GetInfo(context.Context, *registration.InfoRequest) (*registration.PluginInfo, error) {
	return &registration.PluginInfo{
		Type: registration.CSIPlugin, Name: DriverName, Endpoint: r.socket, SupportedVersions: []string{"1.0.0"},
	}, nil
}

func (r registrar) NotifyRegistrationStatus(_ context.Context, status *registration.RegistrationStatus) (*registration.RegistrationStatusResponse, error) {
	if !status.PluginRegistered {
		return nil, errors.New(status.Error)
	}
	return &registration.RegistrationStatusResponse{}, nil
}
