// Package canary listens on three ports. A peer that reaches one of the beacons and not another port knows that something in between
// blocks that port. A silent port must never mean that the canary does not run. Therefore a beacon answers only if:
//  1. it was reached at a local address;
//  2. this process itself connected at that address to each port that this beacon's peers may find silent, got an answer, and that is not
//     older than maxAge: for the fetch beacon this is the canary's port, and for the beacon both other ports.
//
// Nothing that a peer sends is read.
package canary

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"

	"cleanroom.dev/tools/internal/wire"
)

const (
	// maxConnections are served at the same time on each port; the others wait in the kernel's queue.
	maxConnections = 256
	// maxWrite bounds how long an answer may take to leave.
	maxWrite = time.Second
)

// listeners are those of the three ports.
type listeners struct{ beacon, canary, fetch net.Listener }

// Run listens on all addresses of both families until ctx ends or one of the ports fails.
func Run(ctx context.Context, ports wire.Ports) error {
	var l listeners
	for _, each := range []struct {
		listener *net.Listener
		port     int
	}{{&l.beacon, ports.Beacon}, {&l.canary, ports.Canary}, {&l.fetch, ports.Fetch}} {
		listener, err := listenOn(ctx, each.port)
		if err != nil {
			return err
		}
		defer listener.Close()
		*each.listener = listener
	}
	return serve(ctx, l)
}

func listenOn(ctx context.Context, port int) (net.Listener, error) {
	var plain net.ListenConfig
	// No client of the canary uses Multipath TCP, so it is disabled.
	plain.SetMultipathTCP(false)
	return plain.Listen(ctx, "tcp", fmt.Sprintf(":%d", port))
}

// serve returns when one of the listeners fails, and closes all.
func serve(ctx context.Context, l listeners) error {
	canaryCheck, fetchCheck := newSelfCheck(portOf(l.canary), wire.Canary), newSelfCheck(portOf(l.fetch), wire.Beacon)
	failed := make(chan error, 3)
	go func() {
		failed <- accept(l.canary, func(peer net.Conn) { answer(peer, wire.Canary) })
	}()
	go func() {
		failed <- accept(l.fetch, func(peer net.Conn) { answerIf(peer, canaryCheck) })
	}()
	go func() {
		failed <- accept(l.beacon, func(peer net.Conn) { answerIf(peer, canaryCheck, fetchCheck) })
	}()
	var err error
	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	return errors.Join(err, l.beacon.Close(), l.canary.Close(), l.fetch.Close())
}

// accept passes each connection to serve and closes it afterwards.
func accept(listener net.Listener, serve func(net.Conn)) error {
	slots := make(chan struct{}, maxConnections)
	for {
		slots <- struct{}{}
		peer, err := listener.Accept()
		if err != nil {
			return err
		}
		go func() {
			defer func() {
				_ = peer.Close()
				<-slots
			}()
			serve(peer)
		}()
	}
}

// answerIf answers a beacon's peer if all checks pass at the address that the peer reached.
func answerIf(peer net.Conn, checks ...*selfCheck) {
	if allPass(localAddress(peer), checks...) {
		answer(peer, wire.Beacon)
	}
}

// answer ignores errors: a peer that has closed its connection is no concern of the canary.
func answer(peer net.Conn, line string) {
	_ = peer.SetWriteDeadline(time.Now().Add(maxWrite))
	_, _ = peer.Write([]byte(line))
}

func localAddress(peer net.Conn) netip.Addr {
	return peer.LocalAddr().(*net.TCPAddr).AddrPort().Addr().Unmap()
}

func portOf(listener net.Listener) uint16 { return uint16(listener.Addr().(*net.TCPAddr).Port) }
