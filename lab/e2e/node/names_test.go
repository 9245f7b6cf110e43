//go:build node

package node

import (
	"fmt"
	"strings"
	"testing"

	"cleanroom.dev/lab/internal/labtest"
)

// names: pods know services by name, while they may ask the node.
func (s scene) names(t *testing.T) {
	asked := []string{"kubernetes.default.svc", "database.data", "database.data.svc.cluster.local.", "nowhere.default.svc"}
	database := s.addresses["database"][0]
	known := "10.96.0.1\n" + database + "\n" + database + "\nunknown\n"
	silent := strings.Repeat("silent\n", len(asked))
	expect := func(pod, want string) {
		t.Helper()
		labtest.Await(t, patience, "names for "+pod, func() error {
			out := s.Must(t, "kubectl", append([]string{"exec", "-n", "build", pod, "--", "talk", "resolve"}, asked...)...)
			if out != want {
				return fmt.Errorf("%s", out)
			}
			return nil
		})
	}
	expect("client", known)
	remove := s.apply(t, "build", `{podSelector: {matchLabels: {app: client}}, policyTypes: [Ingress, Egress]}`)
	expect("client", silent)
	expect("server", known)
	remove()
	defer s.apply(t, "build", `{podSelector: {matchLabels: {app: client}}, policyTypes: [Egress], egress: [{
		to: [{ipBlock: {cidr: `+s.addresses["node"][0]+`/32}}], ports: [{protocol: UDP, port: 53}]}]}`)()
	expect("client", known)
}
