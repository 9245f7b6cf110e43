//go:build node

package node

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	v1 "k8s.io/api/core/v1"
)

// outputsOf are the lines about what a build made of its inputs, as texts, in their order.
func outputsOf(all []observation) (lines []string) {
	for _, each := range all {
		switch {
		case each.Output != "":
			lines = append(lines, each.Change+" "+each.Output)
		case each.Outputs != "":
			lines = append(lines, strings.TrimSpace(fmt.Sprintf("%s +%d ~%d -%d %s", each.Outputs, each.Added, each.Changed, each.Removed, each.Reason)))
		}
	}
	return lines
}

// Nobody hands .npmrc and secret over any more when the build has ended.
func TestAnObserverReportsWhichInputsABuildChanged(t *testing.T) {
	t.Parallel()
	g := setGated(t, keeps.up(t))
	for name, c := range map[string]struct {
		build, want []string
	}{
		"honest": {[]string{"sh", "-ec", "mkdir -p target/classes; echo class >target/classes/A.class; cat .npmrc; touch src/index.js"}, []string{"Complete +3 ~0 -0"}},
		"hostile": {
			[]string{"sh", "-ec", `
echo 'evil()' >src/index.js
rm package-lock.json
echo no >secret
rm node_modules/left/install.js; ln -s /etc/passwd node_modules/left/install.js
mkdir target; echo class >target/A.class
`},
			[]string{"Removed package-lock.json", "Changed node_modules/left/install.js", "Changed secret", "Changed src/index.js", "Complete +2 ~3 -1"},
		},
		"hiding": {[]string{"sh", "-ec", "rm src/index.js; chmod 700 src; chmod 600 package.json"}, []string{"Changed package.json", "Partial +0 ~1 -0 Unreadable"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pod := g.observed(name, []string{"sh", "-ec", fetchesPackages + "\necho yes >secret; chmod 600 secret; touch -d @1 secret"}, c.build)
			g.create(t, pod)
			all, end := g.observations(t, pod)
			if got := outputsOf(all); !slices.Equal(got, c.want) {
				t.Errorf("%q, want %q", got, c.want)
			}
			_, inputs := inputsOf(all)
			complete(t, inputs, end)
		})
	}
}

// A build may write more files than are read. The observer holds both readings, and its report is complete.
func TestABuildThatWritesMoreThanIsRead(t *testing.T) {
	g := setGated(t, keeps.up(t))
	pod := g.observed("writes", []string{"sh", "-ec", fetchesPackages + "\nmkdir many; talk fill many 140000"},
		[]string{"sh", "-ec", "echo 'evil()' >src/index.js; mkdir target; talk fill target 200001"})
	// A disk would take a minute to make the files.
	pod.Spec.Volumes[1].EmptyDir.Medium = v1.StorageMediumMemory
	g.create(t, pod)
	all, end := g.observations(t, pod)
	_, inputs := inputsOf(all)
	complete(t, inputs, end)
	got := outputsOf(all)
	t.Logf("%q, %d ms for the inputs, %d for the outputs", got, inputs.Millis, all[slices.IndexFunc(all, func(each observation) bool { return each.Outputs != "" })].Millis)
	if len(got) != 2 || got[0] != "Changed src/index.js" || !strings.HasPrefix(got[1], "Partial +") || !strings.HasSuffix(got[1], " ~1 -0 TooManyFiles") {
		t.Errorf("%q", got)
	}
}
