// Command lab runs a real Kubernetes control plane with simulated nodes: see README.md.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"cleanroom.dev/lab/internal/cluster"
)

// A child that was started with Pdeathsig ends with the OS thread that started it, not with the process. So the main goroutine
// stays on the main thread, and only this goroutine starts children.
func init() { runtime.LockOSThread() }

const usage = `lab runs a real Kubernetes control plane with simulated nodes.

  lab up [--dir D] [--nodes N|--node real] [--audit] [--foreground]
                                                          start a lab; prints the path of its kubeconfig
  lab up --node real --check                              report whether this machine can have a real node
  lab down [--dir D]                                      end the lab and remove its files
  lab status [--dir D]                                    a line for each component; exit code 1 if one is not healthy
  lab kubectl [--dir D] ARGS...                           kubectl against the lab
  lab helm [--dir D] ARGS...                              helm against the lab; template and lint need no lab
  lab kubeconfig [--dir D] --serviceaccount NS/NAME [--bound-pod POD] [--out FILE]
                                                          a kubeconfig with a token of that account, valid for 24 h, and
                                                          bound to the pod if one is named (created, never scheduled)
  lab writes [--dir D] [--since RFC3339] [--user U] [--by agent|object] [-o table|json]
                                                          count API writes from the audit log (needs up --audit)
  lab registry [--addr A] [--referrers=false] [--tls] [--basic-auth|--token-auth] [--builders DIR]
                                                          an image registry; prints its address, and ends when its
                                                          standard input ends. It is empty, or has signed images; the
                                                          signers' public key is DIR/cosign.pub
  lab image --base REFERENCE --folder DIR --to REFERENCE
                                                          make an image from a base image and a folder's files, in a
                                                          registry with plain HTTP; prints its reference by digest
  lab tools-image --programs DIR (--out DIR|--to REFERENCE)
                                                          make the tools image, for each DIR/linux-ARCH, as an
                                                          OCI layout or in a registry, with the credentials of
                                                          Docker's configuration; prints its digest

The directory is --dir, otherwise $LAB_DIR, otherwise ${XDG_STATE_HOME:-~/.local/state}/cleanroom/lab.
`

func main() {
	// Components re-execute this binary under their own name: bin/lab with argv[0] kube-apiserver and so on.
	if run, ok := components[filepath.Base(os.Args[0])]; ok {
		cluster.DieWithParent()
		run()
		return
	}
	if len(os.Args) < 2 {
		fmt.Fprint(os.Stderr, usage)
		os.Exit(2)
	}
	args := os.Args[2:]
	var err error
	switch os.Args[1] {
	case "up":
		err = cmdUp(args)
	case "down":
		err = cmdDown(args)
	case "status":
		err = cmdStatus(args)
	case "kubectl":
		err = cmdKubectl(args)
	case "helm":
		err = cmdHelm(args)
	case "kubeconfig":
		err = cmdKubeconfig(args)
	case "writes":
		err = cmdWrites(args)
	case "registry":
		err = cmdRegistry(args)
	case "image":
		err = cmdImage(args)
	case "tools-image":
		err = cmdToolsImage(args)
	case "help", "-h", "--help":
		fmt.Print(usage)
	default:
		fmt.Fprintf(os.Stderr, "lab: unknown command %q\n\n%s", os.Args[1], usage)
		os.Exit(2)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "lab:", err)
		os.Exit(1)
	}
}
