package main

import (
	"fmt"
	"os"

	"go.etcd.io/etcd/server/v3/etcdmain"
	"k8s.io/component-base/cli"
	kubectl "k8s.io/kubectl/pkg/cmd"
	kubectlutil "k8s.io/kubectl/pkg/cmd/util"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllermanager "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"

	"cleanroom.dev/lab/internal/cluster"

	// Registrations at load time, as in the upstream main packages.
	_ "k8s.io/client-go/plugin/pkg/client/auth"
	_ "k8s.io/component-base/logs/json/register"
	_ "k8s.io/component-base/metrics/prometheus/clientgo"
	_ "k8s.io/component-base/metrics/prometheus/version"
)

// components maps a process name to its main function. Each runs in a separate process, because their global variables would clash.
var components = map[string]func(){
	cluster.Etcd:              func() { etcdmain.Main(os.Args) },
	cluster.APIServer:         func() { os.Exit(cli.Run(apiserver.NewAPIServerCommand())) },
	cluster.ControllerManager: func() { os.Exit(cli.Run(controllermanager.NewControllerManagerCommand())) },
	cluster.Scheduler:         func() { os.Exit(cli.Run(scheduler.NewSchedulerCommand())) },
	cluster.Nodes:             runNodes,
}

// runKubectl is upstream's kubectl; it ends the process.
func runKubectl(args []string) {
	os.Args = append([]string{"kubectl"}, args...)
	if err := cli.RunNoErrOutput(kubectl.NewDefaultKubectlCommand()); err != nil {
		// Error output and exit codes are kubectl's own.
		kubectlutil.CheckErr(err)
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}
