//go:build node

package node

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"cleanroom.dev/lab/internal/labtest"
)

// repository is the checkout: the operator's jar, the chart, cosign.
const repository = "../../../"

// installed is the product on a real node: the chart with its canaries, the node's images signed by the real cosign, and a
// namespace open for builds.
type installed struct {
	*lab
	// team is the namespace that is open for builds.
	team string
	// operator is the process of the one outside.
	operator *operator
}

type operator struct{ process *exec.Cmd }

// deploy installs all of it but an operator outside and a namespace for builds.
func deploy(t testing.TB, l *lab, values ...string) installed {
	t.Helper()
	o := installed{lab: l, operator: &operator{}}
	o.Must(t, "kubectl", "create", "namespace", system)
	o.Must(t, "kubectl", "label", "namespace", system, "pod-security.kubernetes.io/enforce=restricted")
	o.Must(t, "helm", append([]string{"install", "cleanroom", repository + "helm/cleanroom", "-n", system,
		"--set", "tools.image=" + o.registry + "/cleanroom/tools:1"}, values...)...)
	o.cosign(t, "generate-key-pair")
	o.Must(t, "kubectl", "create", "configmap", "builders-key", "-n", system, "--from-file="+filepath.Join(o.home(), "cosign.pub"))
	o.sign(t, "cleanroom/tools:1", "busybox:1", "talk:1")
	o.apply(t, `
apiVersion: cleanroom.dev/v1alpha1
kind: TrustPolicy
metadata: {name: builders}
spec:
  images: ["REGISTRY/**"]
  authorities: [{name: key, key: {configMapRef: {name: builders-key, key: cosign.pub}}}]
`)
	return o
}

// open makes the team's namespace, in which the operator may read logs.
func (o installed) open(t testing.TB) {
	t.Helper()
	o.makeNamespace(t, o.team, map[string]string{"cleanroom.dev/builds": "enabled", "pod-security.kubernetes.io/enforce": "restricted"})
	o.Must(t, "kubectl", "create", "rolebinding", "cleanroom-runs", "-n", o.team, "--clusterrole=cleanroom-runs",
		"--serviceaccount="+system+":cleanroom-operator")
}

// sign signs by key alone.
func (o installed) sign(t testing.TB, images ...string) {
	t.Helper()
	for _, image := range images {
		o.cosign(t, "sign", "--key", "cosign.key", "--use-signing-config=false", "--tlog-upload=false", "--allow-http-registry",
			o.registry+"/"+image)
	}
}

func (o installed) cosign(t testing.TB, args ...string) {
	t.Helper()
	cosign, err := filepath.Abs(repository + "lab/bin/cosign-3")
	must(t, err)
	cmd := exec.Command(cosign, args...)
	cmd.Dir = o.home()
	cmd.Env = append(os.Environ(), "COSIGN_PASSWORD=test", "COSIGN_YES=true")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("cosign %v: %v\n%s", args, err, out)
	}
}

// startOperator runs the operator's jar outside, under its own account, until the lab ends.
func (o installed) startOperator(t testing.TB) {
	t.Helper()
	o.runOperator(t)
	o.atEnd(func() { o.stopOperator(syscall.SIGKILL) })
}

func (o installed) stopOperator(by syscall.Signal) {
	_ = o.operator.process.Process.Signal(by)
	_ = o.operator.process.Wait()
}

func (o installed) runOperator(t testing.TB) {
	t.Helper()
	kubeconfig := strings.TrimSpace(o.Must(t, "kubeconfig", "--serviceaccount", system+"/cleanroom-operator",
		"--bound-pod", "operator-outside", "--out", filepath.Join(o.home(), "operator.kubeconfig")))
	registries := filepath.Join(o.home(), "registries.yaml")
	must(t, os.WriteFile(registries, fmt.Appendf(nil, "%q: {plainHttp: true, anyAddress: true}\n", o.registry), 0o600))
	jar := repository + "operator/target/cleanroom.jar"
	if _, err := os.Stat(jar); err != nil {
		t.Fatalf("%v: make build makes it", err)
	}
	java := "java"
	if home := os.Getenv("JAVA_HOME"); home != "" {
		java = filepath.Join(home, "bin", "java")
	}
	log, err := os.OpenFile(o.log(), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	must(t, err)
	defer log.Close()
	cmd := exec.Command(java, "@"+repository+"operator/jvm.options", "-jar", jar, "operator", "--port", "0",
		"--registries", registries, "--tools-image", o.registry+"/cleanroom/tools:1")
	cmd.Env = append(os.Environ(), "KUBECONFIG="+kubeconfig)
	cmd.Stdout, cmd.Stderr = log, log
	must(t, cmd.Start())
	o.operator.process = cmd
}

func (o installed) log() string { return filepath.Join(o.home(), "operator.log") }

// showLog shows the operator's log where the test fails.
func (o installed) showLog(t testing.TB) {
	t.Cleanup(func() {
		if text, err := os.ReadFile(o.log()); err == nil && t.Failed() {
			t.Logf("the operator:\n%s", text)
		}
	})
}

func (o installed) apply(t testing.TB, manifests string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "manifests.yaml")
	must(t, os.WriteFile(file, []byte(strings.NewReplacer("REGISTRY", o.registry, "TEAM", o.team).Replace(manifests)), 0o600))
	o.Must(t, "kubectl", "apply", "-f", file)
}

// awaits waits until kubectl prints what is wanted, of the team's namespace if it names none; a gate alone may take half a minute.
func (o installed) awaits(t testing.TB, want string, kubectl ...string) {
	t.Helper()
	labtest.Await(t, 2*patience, "kubectl "+strings.Join(kubectl, " "), func() error {
		out, err := o.Run("kubectl", append([]string{"-n", o.team}, kubectl...)...)
		if err != nil || !strings.Contains(out, want) {
			return fmt.Errorf("no %q in %s", want, out)
		}
		return nil
	})
}

// resolve closes the one incident.
func (o installed) resolve(t *testing.T) {
	t.Helper()
	incident := strings.TrimSpace(o.Must(t, "kubectl", "get", "incident", "-n", o.team, "-o", "name"))
	o.Must(t, "kubectl", "patch", incident, "-n", o.team, "--type=merge", "-p",
		`{"spec":{"resolution":{"verdict":"FalsePositive"}}}`)
	o.awaits(t, "True", "get", incident, "-o", `jsonpath={.status.conditions[?(@.type=="Closed")].status}`)
}

func reason(condition string) string {
	return `jsonpath={.status.conditions[?(@.type=="` + condition + `")].reason}`
}

// The build reaches what its egress lists, once a second, until it does not any more.
const talkative = `
apiVersion: cleanroom.dev/v1alpha1
kind: BuildEnvironment
metadata: {name: payments, namespace: TEAM}
spec:
  image: REGISTRY/busybox:1
  command: ["/bin/sh", "-c"]
  args:
    - |
      id -u; touch /bad 2>/dev/null || echo "the root is read-only"; echo evidence > found; sync
      while nc -w 1 NODE 5000 </dev/null >/dev/null; do echo reached; sleep 1; done
      echo shut; sleep 3600
  workspace: {size: 1Gi}
  egress: [{name: registry, cidr: NODE/32, ports: [5000]}]
`

func TestAnAnnotationContainsABuildOnARealNode(t *testing.T) {
	t.Parallel()
	o := keeps.product(t)
	o.apply(t, strings.ReplaceAll(talkative, "NODE", strings.TrimSuffix(o.registry, ":5000")))
	o.awaits(t, "Running", "get", "benv", "payments", "-o", reason("Ready"))
	o.awaits(t, "Enforced", "get", "benv", "payments", "-o", reason("NetworkEnforced"))
	o.awaits(t, "(IPv4, IPv6; after ", "get", "benv", "payments", "-o", "yaml")
	o.awaits(t, "reached", "logs", "payments-0-1")
	if log := o.Must(t, "kubectl", "logs", "payments-0-1", "-n", o.team); !strings.HasPrefix(log, "10001\n") ||
		!strings.Contains(log, "the root is read-only") {
		t.Errorf("the build said\n%s", log)
	}

	o.Must(t, "kubectl", "annotate", "pod", "payments-0-1", "-n", o.team, "cleanroom.dev/quarantine=odd egress")
	o.awaits(t, "shut", "logs", "payments-0-1")
	o.awaits(t, "Quarantined", "get", "incident", "-o", `jsonpath={.items[0].status.conditions[?(@.type=="Isolated")].reason}`)
	o.awaits(t, "Ready", "get", "incident", "-o",
		`jsonpath={.items[0].status.conditions[?(@.type=="VolumesSnapshotted")].reason}`)
	o.awaits(t, "Replaced", "get", "incident", "-o", `jsonpath={.items[0].status.conditions[?(@.type=="Rebuilt")].reason}`)
	o.awaits(t, "reached", "logs", "payments-0-2")
	if out, err := o.Run("kubectl", "delete", "pod", "payments-0-1", "-n", o.team); err == nil {
		t.Errorf("evidence was deleted: %s", out)
	}

	o.resolve(t)
	labtest.Await(t, patience, "the end of the closed incident's pod", func() error {
		if out, err := o.Run("kubectl", "get", "pod", "payments-0-1", "-n", o.team); err == nil {
			return fmt.Errorf("it is still there: %s", out)
		}
		return nil
	})
	if kept := o.Must(t, "kubectl", "get", "volumesnapshotcontents", "-o",
		`jsonpath={.items[?(@.spec.volumeSnapshotRef.namespace=="`+o.team+`")].spec.deletionPolicy}`); kept != "Retain" {
		t.Errorf("what is kept of the snapshot: %q", kept)
	}
}

func TestNoBuildRunsOnANodeThatEnforcesNothing(t *testing.T) {
	t.Parallel()
	o := enforcesNone.product(t)
	o.apply(t, strings.ReplaceAll(talkative, "NODE", strings.TrimSuffix(o.registry, ":5000")))
	o.awaits(t, "PolicyNotEnforced", "get", "benv", "payments", "-o", reason("NetworkEnforced"))
	o.awaits(t, "PolicyNotEnforced", "get", "benv", "payments")
	if started := o.Must(t, "kubectl", "get", "pods", "-n", o.team, "-l", "cleanroom.dev/environment=payments", "-o",
		"jsonpath={.items[*].status.containerStatuses[*].started}{.items[*].status.containerStatuses[*].state.terminated.startedAt}"); strings.Contains(started, "true") ||
		strings.Contains(started, "20") {
		t.Errorf("a build started: %s", started)
	}
}
