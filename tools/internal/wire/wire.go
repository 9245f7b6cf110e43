// Package wire has the ports and lines on which canary, gate, launcher and observer must agree.
package wire

import "time"

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

// The launcher of a step says Hello to the observer, at an abstract Unix socket of the pod's network namespace, and the observer answers Go.
const (
	ObserverSocket = "@cleanroom-observer"
	Hello          = "hello 1\n"
	Go             = "go 1\n"
	// HelloPatience is how long the launcher waits for the answer, and how long the observer keeps a connection.
	HelloPatience = 2 * time.Second
)
