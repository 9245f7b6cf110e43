//go:build !linux

package workspace

import (
	"errors"
	"os"
)

// Only Linux runs build pods.
type beneath struct{}

var errSystem = errors.New("this system cannot open files beneath a folder")

func openRoot(string) (beneath, error)                              { return beneath{}, errSystem }
func (beneath) close()                                              {}
func (beneath) file(string) (int, state, error)                     { return -1, state{}, errSystem }
func (beneath) state(string) (state, error)                         { return state{}, errSystem }
func (beneath) same(string, int) (state, error)                     { return state{}, errSystem }
func (beneath) link(string) (string, error)                         { return "", errSystem }
func (beneath) names(string, []byte, func([]byte, byte) bool) error { return errSystem }
func stat(int) (state, error)                                       { return state{}, errSystem }
func why(error) string                                              { return Unreadable }
func at(int, []byte, int64) (int, error)                            { return 0, errSystem }
func shut(int)                                                      {}
func duplicate(int) *os.File                                        { return nil }
func (beneath) folder(string) (int, error)                          { return -1, errSystem }
func beneathOf(int) beneath                                         { return beneath{} }
