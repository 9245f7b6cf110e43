package launch

import (
	"errors"
	"io"
	"os"
	"path/filepath"
)

// binaryName is the file name of the installed program.
const binaryName = "cleanroom-tools"

// Install copies this program to the folder, for containers whose image does not have it. The file appears complete or not at all.
func Install(folder string) (err error) {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	from, err := os.Open(self)
	if err != nil {
		return err
	}
	defer from.Close()
	to, err := os.CreateTemp(folder, binaryName+".")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(to.Name())
		}
	}()
	_, copied := io.Copy(to, from)
	if err := errors.Join(copied, to.Chmod(0o555), to.Close()); err != nil {
		return err
	}
	return os.Rename(to.Name(), filepath.Join(folder, binaryName))
}
