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

// The launcher of a step says Hello to the observer, at an abstract Unix socket of the pod's network namespace. The observer answers Go, or
// it answers Wait at once, reads the workspace, and then answers Go.
const (
	ObserverSocket = "@cleanroom-observer"
	Hello          = "hello 1\n"
	Wait           = "wait 1\n"
	Go             = "go 1\n"
)

// While the launcher waits, the observer may ask for files that only the user of the step may read: a line of Open, a space, and the path in
// the workspace, quoted as in Go and in ASCII. The launcher answers each with File and a descriptor of the file, or with None. Both answers
// have the same length.
const (
	Open = "open"
	File = "file 1\n"
	None = "none 1\n"
	// MaxOpens is how many such files there may be for one hello.
	MaxOpens = 1000
	// MaxPath limits a path in bytes, before it is quoted; and MaxOpen the line, because a byte takes at most four characters.
	MaxPath = 4096
	MaxOpen = len(Open) + len(` ""`) + 4*MaxPath + len("\n")
)

const (
	// HelloPatience is how long the launcher waits for the first answer, and how long the observer waits for a hello, and for each file.
	HelloPatience = 2 * time.Second
	// ReadPatience is how long the observer may read.
	ReadPatience = 60 * time.Second
	// GoPatience is how long the launcher waits in all.
	GoPatience = ReadPatience + HelloPatience
)
