// Package wire has the ports and answers on which canary and gate must agree.
package wire

// The default ports: a policy allows the beacon's port, and none ever allows the canary's.
const (
	BeaconPort = 7801
	CanaryPort = 7802
)

// The whole answers of the two ports. The number is the protocol's version.
const (
	Beacon = "cleanroom beacon 1\n"
	Canary = "cleanroom canary 1\n"
)

// Ports are the ports of one canary pod.
type Ports struct{ Beacon, Canary int }
