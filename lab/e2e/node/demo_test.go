//go:build node

package node

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"cleanroom.dev/lab/internal/labtest"
)

// What the demo prints of a real node, and what the API server says when it is through.
func TestTheDemoShowsRealBuilds(t *testing.T) {
	t.Parallel()
	l := &lab{Lab: labtest.Lab{Dir: filepath.Join(t.TempDir(), "demo")}}
	said := l.Demo(t, "")
	for text, times := range map[string]int{
		"a REAL node": 1,
		// The clean builds, before and after; the stolen one never gets there.
		"ok: the checkout token is not mounted here": 3,
		"4 tests passed":     2,
		"built invoices.jar": 2,
		"accepted by builders, signed by key sha256:":              1,
		"SignatureMissing: spec.image: Not signed by ":             1,
		"SignatureInvalid: spec.image: Not signed by ":             1,
		"NoMatchingPolicy: spec.image: ":                           1,
		"rounding 1.1: has read /run/secrets/publish/token":        1,
		"a token of an unprotected pod":                            1,
		"the answer to that write: state=quarantined":              1,
		"ValidatingAdmissionPolicy 'evidence-stays.cleanroom.dev'": 1,
		"The demo stays up, on a real node.":                       1,
		"rounding 1.1: sent the token":                             0,
		"not-a-real-publish-token":                                 0,
		"without success":                                          0,
	} {
		if got := strings.Count(said, text); got != times {
			t.Errorf("it says %d times, not %d: %s", got, times, text)
		}
	}
	for _, refused := range []string{"NOT SENT, no name resolves: collect.example.com", "NOT SENT, no way to 10.96.66.66: "} {
		if !strings.Contains(said, refused) {
			t.Errorf("it does not say: %s", refused)
		}
	}
	for want, query := range map[string][]string{
		"Quarantined": {"incident", "-o", `jsonpath={.items[*].status.conditions[?(@.type=="Isolated")].reason}`},
		"Ready":       {"incident", "-o", `jsonpath={.items[*].status.conditions[?(@.type=="VolumesSnapshotted")].reason}`},
		"Replaced":    {"incident", "-o", `jsonpath={.items[*].status.conditions[?(@.type=="Rebuilt")].reason}`},
		"true":        {"volumesnapshot", "-o", "jsonpath={.items[*].status.readyToUse}"},
		"Succeeded":   {"benv", "invoices", "-o", reason("Finished")},
	} {
		if got := l.Must(t, "kubectl", append([]string{"get", "-n", "team-invoices"}, query...)...); got != want {
			t.Errorf("%v: %q, want %q", query, got, want)
		}
	}
	if t.Failed() {
		t.Log(said)
	}

	_, node := l.pids(t)
	namespace, err := os.Readlink("/proc/" + strconv.Itoa(node) + "/ns/pid_for_children")
	must(t, err)
	pid, err := os.ReadFile(l.Dir + ".operator.pid")
	must(t, err)
	operator, err := strconv.Atoi(strings.TrimSpace(string(pid)))
	must(t, err)
	if during := l.traces(t, namespace); len(during) < 4 {
		t.Fatalf("this test would not see what is left: %v", during)
	}
	l.StopDemo(t)
	if left := l.traces(t, namespace); len(left) > 0 {
		t.Errorf("left over: %v", left)
	}
	labtest.Await(t, patience, "the operator's end", func() error {
		if err := syscall.Kill(operator, 0); err == nil {
			return os.ErrExist
		}
		return nil
	})
	if left, err := filepath.Glob(l.Dir + "*"); err != nil || len(left) > 0 {
		t.Errorf("left over: %v %v", left, err)
	}
}
