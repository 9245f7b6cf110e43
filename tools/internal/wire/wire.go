// Package wire is what canary and gate must agree on.
package wire

// Defaults: a policy allows the beacon's port, and none ever names the canary's.
const (
	BeaconPort = 7801
	CanaryPort = 7802
)

// What the two ports answer, whole. The number is the protocol's version.
const (
	Beacon = "cleanroom beacon 1\n"
	Canary = "cleanroom canary 1\n"
)

// Ports are those of one canary pod.
type Ports struct{ Beacon, Canary int }
