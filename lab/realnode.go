package main

import (
	_ "embed"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"cleanroom.dev/lab/internal/cluster"
)

// nodePackages lists the programs of a real node that are not Go modules, each on a line with its Debian package. The node's packet
// filters use nft; the CNI plug-in ptp masquerades with iptables.
//
//go:embed node-packages
var nodePackages string

// nodeNeeds returns nil if this machine can have a real node, or an error that lists everything that is missing.
func nodeNeeds() error {
	if runtime.GOOS != "linux" || os.Geteuid() != 0 {
		return errors.New("a real node requires Linux and root")
	}
	var packages []string
	for line := range strings.Lines(nodePackages) {
		program, name, _ := strings.Cut(strings.TrimSpace(line), " ")
		if _, err := os.Stat(program); err != nil {
			packages = append(packages, name)
		}
	}
	if len(packages) > 0 {
		return fmt.Errorf("a real node requires Debian packages: apt-get install --no-install-recommends %s", strings.Join(packages, " "))
	}
	return nil
}

// policyFlags adds the flags of a real node's network policies. Its result is set once the flags are parsed.
func policyFlags(flags *flag.FlagSet) *cluster.Policies {
	var p cluster.Policies
	flags.StringVar(&p.Established, "established", "keep", "with --node real: keep or cut connections that a changed network policy no longer allows")
	flags.DurationVar(&p.Lag, "policy-lag", 0, "with --node real: how long a pod's traffic passes after its address is known, and its labels count after they have changed")
	flags.StringVar(&p.Enforce, "enforce", "on", "with --node real: on, or off for a cluster that ignores network policies")
	return &p
}

// realNode finds the node's binary and its tools image.
func realNode(policies *cluster.Policies) (*cluster.RealNode, error) {
	if !slices.Contains([]string{"keep", "cut"}, policies.Established) || !slices.Contains([]string{"on", "off"}, policies.Enforce) || policies.Lag < 0 {
		return nil, errors.New("--established must be keep or cut, --enforce on or off, and --policy-lag 0 or more")
	}
	if err := nodeNeeds(); err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	beside := filepath.Dir(self)
	node := &cluster.RealNode{Binary: os.Getenv("LAB_KUBELET"), Tools: filepath.Join(beside, "tools-image"), Policies: *policies}
	if node.Binary == "" {
		node.Binary = filepath.Join(beside, "kubelet")
	}
	_, noBinary := exec.LookPath(node.Binary)
	_, noTools := os.Stat(node.Tools)
	if err := errors.Join(noBinary, noTools); err != nil {
		return nil, fmt.Errorf("a real node requires its binary and the tools image; lab/build.sh kubelet makes them: %w", err)
	}
	return node, nil
}
