// Command kubelet is the real node of a lab: the kubelet and the other programs of a node, each in a separate process.
// `lab up --node real` starts it; see ../README.md.
package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"k8s.io/component-base/cli"
	kubeproxy "k8s.io/kubernetes/cmd/kube-proxy/app"
	kubelet "k8s.io/kubernetes/cmd/kubelet/app"

	"cleanroom.dev/lab/node/internal/dns"
	"cleanroom.dev/lab/node/internal/images"
	"cleanroom.dev/lab/node/internal/machine"
	"cleanroom.dev/lab/node/internal/policy"
	"cleanroom.dev/lab/node/internal/storage"

	// Registrations at load time, as in the upstream main packages.
	_ "k8s.io/component-base/logs/json/register"
	_ "k8s.io/component-base/metrics/prometheus/clientgo"
	_ "k8s.io/component-base/metrics/prometheus/version"
)

// processes maps a process name to its main function. Each runs in a separate process, because their global variables would clash.
var processes = map[string]func(){
	machine.Node:      func() { exit(machine.Run(os.Args[1:])) },
	machine.Registry:  func() { exit(images.Run(os.Args[1:])) },
	machine.Policies:  func() { exit(policy.Run(os.Args[1:])) },
	machine.DNS:       dns.Run,
	machine.Storage:   func() { exit(storage.Run(os.Args[1:])) },
	machine.Kubelet:   func() { os.Exit(cli.Run(kubelet.NewKubeletCommand(context.Background()))) },
	machine.KubeProxy: func() { os.Exit(cli.Run(kubeproxy.NewProxyCommand())) },
}

func main() {
	run, ok := processes[filepath.Base(os.Args[0])]
	if !ok {
		fmt.Fprintln(os.Stderr, "this is the lab's real node: start it with `lab up --node real`")
		os.Exit(2)
	}
	run()
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
