package observe

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/netip"
	"sync/atomic"
	"time"
)

const (
	// maxResolving is how many TCP connections are served at once; the others wait in the kernel's queue.
	maxResolving = 64
	// resolvePatience is how long one of them is served.
	resolvePatience = 2 * time.Second
	// pause is the time after which something that failed is tried again.
	pause = 20 * time.Millisecond
)

// resolver answers every question at once, and remembers the names.
type resolver struct {
	udp    net.PacketConn
	tcp    net.Listener
	report *report
	// datagrams is how many were received or sent.
	datagrams atomic.Int64
}

func newResolver(ctx context.Context, address string, r *report) (*resolver, error) {
	var plain net.ListenConfig
	plain.SetMultipathTCP(false)
	udp, err := plain.ListenPacket(ctx, "udp4", address)
	if err != nil {
		return nil, err
	}
	// The same port, where a test leaves the choice to the kernel.
	tcp, err := plain.Listen(ctx, "tcp4", udp.LocalAddr().String())
	if err != nil {
		return nil, errors.Join(err, udp.Close())
	}
	return &resolver{udp: udp, tcp: tcp, report: r}, nil
}

func (r *resolver) address() netip.AddrPort {
	address := r.udp.LocalAddr().(*net.UDPAddr).AddrPort()
	return netip.AddrPortFrom(address.Addr().Unmap(), address.Port())
}

func (r *resolver) close() { _, _ = r.udp.Close(), r.tcp.Close() }

func (r *resolver) serveUDP() {
	buffer := make([]byte, maxQuestion)
	for {
		n, peer, err := r.udp.ReadFrom(buffer)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			time.Sleep(pause)
			continue
		}
		r.datagrams.Add(1)
		if answer, ok := r.answer(buffer[:n]); ok {
			if _, err := r.udp.WriteTo(answer, peer); err == nil {
				r.datagrams.Add(1)
			}
		}
	}
}

func (r *resolver) serveTCP() {
	accept(r.tcp, maxResolving, func(peer net.Conn) {
		_ = peer.SetDeadline(time.Now().Add(resolvePatience))
		for r.exchange(peer) == nil {
		}
	})
}

// exchange answers one message, each of which has its length before it (RFC 1035, section 4.2.2).
func (r *resolver) exchange(peer net.Conn) error {
	message := make([]byte, 2, 2+maxQuestion)
	if _, err := io.ReadFull(peer, message); err != nil {
		return err
	}
	length := binary.BigEndian.Uint16(message)
	if length > maxQuestion {
		return errors.New("the message is too long")
	}
	message = message[:length]
	if _, err := io.ReadFull(peer, message); err != nil {
		return err
	}
	answer, ok := r.answer(message)
	if !ok {
		return errors.New("the message is no question")
	}
	_, err := peer.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(answer))), answer...))
	return err
}

func (r *resolver) answer(question []byte) (answer []byte, ok bool) {
	answer, asked, ok := answerTo(question)
	if asked != "" {
		r.report.asked(asked, time.Now())
	}
	return answer, ok
}

// accept passes each connection to serve, at most limit at once, and closes it afterwards. It returns when the listener is closed.
func accept(listener net.Listener, limit int, serve func(net.Conn)) {
	slots := make(chan struct{}, limit)
	for {
		slots <- struct{}{}
		peer, err := listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			<-slots
			time.Sleep(pause)
			continue
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
