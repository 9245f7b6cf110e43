//go:build !linux

package launch

import (
	"io"
	"net"

	"cleanroom.dev/tools/internal/wire"
)

// folder hands no files over: only Linux opens them without following links.
type folder struct{}

func openFolder(string) folder { return folder{} }
func (folder) close()          {}
func (folder) send(peer *net.UnixConn, _ string) error {
	_, err := io.WriteString(peer, wire.None)
	return err
}
