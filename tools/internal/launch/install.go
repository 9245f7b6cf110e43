package launch

import (
	"errors"
	"io"
	"os"
	"path/filepath"
)

const (
	// Program is the file name of the launcher in the tools image.
	Program = "cleanroom-launcher"
	// binaryName is its name where it is installed.
	binaryName = "cleanroom-tools"
)

// Install copies the launcher to the folder, for containers whose image does not have it. The file appears complete or not at all.
func Install(launcher, folder string) (err error) {
	from, err := os.Open(launcher)
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
