package main

import (
	"errors"
	"os"
	"slices"
	"strings"

	helm "helm.sh/helm/v4/pkg/cmd"
	"helm.sh/helm/v4/pkg/kube"

	"cleanroom.dev/lab/internal/layout"
)

// offline are helm's commands that need no API server (template may use one if a flag says so).
var offline = []string{"template", "lint", "show", "package", "version", "help", "create", "env", "completion"}

// cmdHelm is upstream's helm with the lab's kubeconfig; --dir counts only before helm's own arguments.
func cmdHelm(args []string) error {
	flag, rest := leadingDir(args)
	dir, err := layout.Resolve(flag)
	if err != nil {
		return err
	}
	if needsCluster(rest) {
		if _, err := runningLab(dir); err != nil {
			return err
		}
	}
	// Always set, so that no command reaches another cluster of the user by accident.
	if err := os.Setenv("KUBECONFIG", dir.Kubeconfig()); err != nil {
		return err
	}
	runHelm(rest)
	return nil
}

func needsCluster(args []string) bool {
	return len(args) > 0 && !strings.HasPrefix(args[0], "-") && !slices.Contains(offline, args[0])
}

// runHelm ends the process, as helm's own main does.
func runHelm(args []string) {
	os.Args = append([]string{"helm"}, args...)
	kube.ManagedFieldsManager = "helm"
	command, err := helm.NewRootCmd(os.Stdout, args, helm.SetupLogging)
	if err != nil {
		os.Exit(1)
	}
	if err := command.Execute(); err != nil {
		if coded, ok := errors.AsType[helm.CommandError](err); ok {
			os.Exit(coded.ExitCode)
		}
		os.Exit(1)
	}
	os.Exit(0)
}
