// Package wire has the ports and answers on which canary, gate and launcher must agree.
package wire

// The default ports. A policy allows the beacon's port to pods whose build may run, and another policy allows the fetch beacon's port to
// pods that prepare. No policy ever allows the canary's.
const (
	BeaconPort = 7801
	CanaryPort = 7802
	FetchPort  = 7803
)

// The whole answers: Beacon is the answer of both beacons. The number is the protocol's version.
const (
	Beacon = "cleanroom beacon 1\n"
	Canary = "cleanroom canary 1\n"
)

// Ports are the ports of one canary pod.
type Ports struct{ Beacon, Canary, Fetch int }
