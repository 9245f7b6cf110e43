// Package canary listens on two ports. A peer that reaches the beacon's port and not the canary's knows that something in between
// blocks the canary's. A silent canary port must never mean that the canary does not run, so the beacon answers only if:
//  1. the beacon was reached at a local address;
//  2. this process itself connected to the canary's port at that address, got an answer, and that is not older than maxAge.
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

// Run listens on all addresses of both families until ctx ends or one of the ports fails.
func Run(ctx context.Context, ports wire.Ports) error {
	var plain net.ListenConfig
	// No client of the canary uses Multipath TCP, so it is disabled.
	plain.SetMultipathTCP(false)
	beacon, err := plain.Listen(ctx, "tcp", fmt.Sprintf(":%d", ports.Beacon))
	if err != nil {
		return err
	}
	defer beacon.Close()
	canary, err := plain.Listen(ctx, "tcp", fmt.Sprintf(":%d", ports.Canary))
	if err != nil {
		return err
	}
	return serve(ctx, beacon, canary)
}

// serve returns when either listener fails, and closes both.
func serve(ctx context.Context, beacon, canary net.Listener) error {
	check := newSelfCheck(uint16(canary.Addr().(*net.TCPAddr).Port))
	failed := make(chan error, 2)
	go func() {
		failed <- accept(canary, func(peer net.Conn) { answer(peer, wire.Canary) })
	}()
	go func() {
		failed <- accept(beacon, func(peer net.Conn) {
			if check.passes(localAddress(peer)) {
				answer(peer, wire.Beacon)
			}
		})
	}()
	var err error
	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	return errors.Join(err, beacon.Close(), canary.Close())
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

// answer ignores errors: a peer that has closed its connection is no concern of the canary.
func answer(peer net.Conn, line string) {
	_ = peer.SetWriteDeadline(time.Now().Add(maxWrite))
	_, _ = peer.Write([]byte(line))
}

func localAddress(peer net.Conn) netip.Addr {
	return peer.LocalAddr().(*net.TCPAddr).AddrPort().Addr().Unmap()
}
