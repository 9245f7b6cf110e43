//go:build node

package node

import (
	"fmt"
	"slices"
	"strings"
	"testing"
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
