//go:build e2e

package e2e

import (
	"bufio"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"cleanroom.dev/lab/internal/labtest"
)

func TestRegistryOfSignedImages(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "made", "for", "it")
	cmd := exec.Command(labtest.Binary(), "registry", "--builders", dir)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = stdin.Close()
		if err := cmd.Wait(); err != nil {
			t.Errorf("exit: %v", err)
		}
	})
	var about struct{ Address string }
	if line, err := bufio.NewReader(stdout).ReadBytes('\n'); err != nil || json.Unmarshal(line, &about) != nil {
		t.Fatalf("stdout %q, %v", line, err)
	}
	// The line says that all is there: nothing is waited for.
	if key, err := os.ReadFile(filepath.Join(dir, "cosign.pub")); err != nil || !strings.HasPrefix(string(key), "-----BEGIN PUBLIC KEY-----\n") {
		t.Errorf("%q, %v", key, err)
	}
	response, err := http.Head("http://" + about.Address + "/v2/builders/git/manifests/2")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		t.Errorf("an image: %s", response.Status)
	}
}
