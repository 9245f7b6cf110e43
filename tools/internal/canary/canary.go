// Package canary listens on two ports, so that whoever reaches the one and not the other knows that something between
// blocks it. That the canary's port is silent must never mean that the canary is dead, so the beacon speaks only if:
//  1. the beacon was reached at a local address;
//  2. a connection of our own to the canary's port at that address was answered, and is not older than maxAge.
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
	// maxConnections are served at once on each port; the others wait in the kernel's queue.
	maxConnections = 256
	// maxWrite bounds how long an answer may take to leave.
	maxWrite = time.Second
)

// Run listens on all addresses of both families until ctx ends or one of the ports fails.
func Run(ctx context.Context, ports wire.Ports) error {
	var plain net.ListenConfig
	// What nobody here asks for is closed to peers too.
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

// accept hands each connection to serve and closes it after.
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

// answer leaves a peer that is gone alone: it is not for us to judge.
func answer(peer net.Conn, line string) {
	_ = peer.SetWriteDeadline(time.Now().Add(maxWrite))
	_, _ = peer.Write([]byte(line))
}

func localAddress(peer net.Conn) netip.Addr {
	return peer.LocalAddr().(*net.TCPAddr).AddrPort().Addr().Unmap()
}
