package cluster

import (
	"fmt"
	"net"
)

// freePorts returns n different free TCP ports of the loopback address. All are kept open until the last is found, so that none is
// returned twice. Another process may still take one afterwards; the start is then tried again.
func freePorts(n int) ([]int, error) {
	ports := make([]int, 0, n)
	for range n {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, fmt.Errorf("cannot find a free port: %w", err)
		}
		defer listener.Close()
		ports = append(ports, listener.Addr().(*net.TCPAddr).Port)
	}
	return ports, nil
}
