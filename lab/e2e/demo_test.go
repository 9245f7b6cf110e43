//go:build e2e

package e2e

import (
	"path/filepath"
	"strings"
	"testing"

	"cleanroom.dev/lab/internal/labtest"
)

func TestTheDemoOnSimulatedNodesSaysSo(t *testing.T) {
	l := labtest.Lab{Dir: filepath.Join(t.TempDir(), "demo")}
	said := l.Demo(t, "simulated")
	for _, want := range []string{
		"SIMULATED nodes, because: NODES=simulated is set",
		"accepted by builders, signed by key sha256:",
		"SignatureMissing: spec.image: Not signed by ",
		"SignatureInvalid: spec.image: Not signed by ",
		"NoMatchingPolicy: spec.image: ",
		"the answer to that write: state=quarantined",
		"Replaced  pod github-agents-0-2 runs in its place",
		"The demo stays up, on two simulated nodes.",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("it does not say: %s", want)
		}
	}
	if strings.Contains(said, "See the operator's log") || t.Failed() {
		t.Errorf("it said\n%s", said)
	}
	l.StopDemo(t)
	if left, err := filepath.Glob(l.Dir + "*"); err != nil || len(left) > 0 {
		t.Errorf("left over: %v %v", left, err)
	}
}
