//go:build node

package node

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// A step that leaves the token of a checkout everywhere that is its own, also with a process that will not end; a note,
// which it leaves in the workspace and the build gets too, shows that the search finds.
const careless = `
apiVersion: v1
kind: Secret
metadata: {name: git-token, namespace: TEAM}
stringData: {token: TOKEN}
---
apiVersion: cleanroom.dev/v1alpha1
kind: BuildEnvironment
metadata: {name: careless, namespace: TEAM}
spec:
  image: REGISTRY/talk:1
  resources: ` + small + `
  prepare:
    - name: checkout
      image: REGISTRY/talk:1
      resources: ` + small + `
      secrets: [{name: git-token, mountPath: /run/secrets/git}]
      env: [{name: NOTE, value: NOTE-ITSELF}]
      command: [/bin/sh, -euc]
      args:
        - |
          token=$(cat /run/secrets/git/token)
          sha256sum </run/secrets/git/token >/workspace/had
          echo "$NOTE" | tee /workspace/note >/dev/shm/note
          echo "$token" >/tmp/left
          echo "$token" >"$HOME/.netrc"
          GIT_TOKEN=$token setsid sh -c 'trap "" HUP TERM; echo >/tmp/begun; while :; do sleep 1; done' "$token" >/dev/null 2>&1 &
          until [ -e /tmp/begun ]; do sleep 0.1; done
  env: [{name: NOTE, value: NOTE-ITSELF}]
  command: [/bin/sh, -euc]
  args: ["cat had; sleep 3600 & exec talk seek token=TOKEN-HEX note=NOTE-HEX"]
`

func (o installed) findsNoToken(t *testing.T) {
	token, note := rand.Text(), rand.Text()
	o.apply(t, strings.NewReplacer("TOKEN-HEX", hex.EncodeToString([]byte(token)), "NOTE-HEX", hex.EncodeToString([]byte(note)),
		"NOTE-ITSELF", note, "TOKEN", token).Replace(careless))
	o.awaits(t, `"processes"`, "logs", "careless-0-1")
	log := o.Must(t, "kubectl", "logs", "careless-0-1", "-n", o.team)
	told := func(try, outcome string) string { return fmt.Sprintf(`{"try":%q,"outcome":%q}`, try, outcome) }
	want := []string{
		fmt.Sprintf("%x  -", sha256.Sum256([]byte(token))), told("note", "environment of sleep"), told("note", "environment of talk"), told("note", "file /workspace/note"),
		// The memory that processes share is the pod's, not the step's.
		told("note", "file /dev/shm/note"),
		// The observer's, and process 1, which is the pod's own, of the lab's image: a shell.
		told("processes", "/cleanroom-tools sh sleep talk"),
	}
	got := strings.Split(strings.TrimSpace(log), "\n")
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("the build had and found\n%s\nand not\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
