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

	// Load-time registrations that the upstream main packages do as well.
	_ "k8s.io/client-go/plugin/pkg/client/auth"
	_ "k8s.io/component-base/logs/json/register"
	_ "k8s.io/component-base/metrics/prometheus/clientgo"
	_ "k8s.io/component-base/metrics/prometheus/version"
)

// components maps a process name to what it runs. Each is a process of its own: their globals clash within one.
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
		// Pretty-printing and exit codes are kubectl's own.
		kubectlutil.CheckErr(err)
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}
