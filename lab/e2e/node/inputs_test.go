//go:build node

package node

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"

	v1 "k8s.io/api/core/v1"
)

// A small project whose dependencies are fetched: the script of the step that does it.
const fetchesPackages = `
echo '{"name":"app","scripts":{"build":"node build.js"},"dependencies":{"left":"1.0.0"}}' >package.json
echo '{"name":"app","lockfileVersion":3,"packages":{"":{"name":"app"},
	"node_modules/left":{"version":"1.0.0","resolved":"https://registry.example.com/left/-/left-1.0.0.tgz","integrity":"sha512-abcd","hasInstallScript":true}}}' >package-lock.json
mkdir -p node_modules/left src
echo '{"name":"left","version":"1.0.0","scripts":{"postinstall":"node install.js"}}' >node_modules/left/package.json
echo 'install()' >node_modules/left/install.js
echo 'build()' >src/index.js
echo '//registry.example.com/:always-auth=true' >.npmrc
chmod 600 .npmrc
`

// inputs are the lines about them, as texts without digests and times, sorted, and their end.
func inputsOf(all []observation) (lines []string, end observation) {
	for _, each := range all {
		switch {
		case each.Output != "" || each.Outputs != "":
		case each.Inputs != "":
			end = each
		case each.File != "":
			lines = append(lines, strings.TrimSpace(fmt.Sprintf("file %s %s", each.File, each.Lockfile)))
		case each.Unread != nil:
			lines = append(lines, fmt.Sprintf("unread %s %s", each.Unread, each.Reason))
		case each.Dependency != "":
			lines = append(lines, fmt.Sprintf("dependency %s@%s %s %s", each.Dependency, each.Version, each.Source, each.Integrity))
		case each.Package != "":
			lines = append(lines, fmt.Sprintf("package %s %s@%s %v", each.Package, each.Name, each.Version, each.Hooks))
		case each.Change != "":
			lines = append(lines, fmt.Sprintf("change %s +%d ~%d -%d", each.Change, each.Added, each.Changed, each.Removed))
		}
	}
	slices.Sort(lines)
	return lines, end
}

// equalInputs fails unless these are the lines of the inputs.
func equalInputs(t *testing.T, all []observation, want ...string) observation {
	t.Helper()
	got, end := inputsOf(all)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	t.Logf("%d files, %d ms", end.Files, end.Millis)
	return end
}

// digestIn is that of a file of the inputs.
func digestIn(all []observation, file string) string {
	i := slices.IndexFunc(all, func(each observation) bool { return each.File == file })
	if i < 0 {
		return "absent"
	}
	return all[i].SHA256
}

func complete(t *testing.T, inputs, end observation) {
	t.Helper()
	if inputs.Inputs != "Complete" || inputs.Reason != "" || end.End != "Complete" {
		t.Errorf("%+v, %+v", inputs, end)
	}
}

// The build sees what the observer read. The file that only its user may read is handed over.
func TestAnObserverReportsWhatGoesIntoABuild(t *testing.T) {
	t.Parallel()
	g := setGated(t, keeps.up(t))
	pod := g.observed("reads", []string{"sh", "-ec", fetchesPackages}, []string{"sh", "-c", "sha256sum .npmrc"})
	g.create(t, pod)
	all, end := g.observations(t, pod)
	inputs := equalInputs(t, all,
		"file package.json", "file package-lock.json npm", "file .npmrc", "dependency left@1.0.0 https://registry.example.com sha512-abcd",
		"package node_modules/left left@1.0.0 [postinstall]", "change fetch +9 ~0 -0",
	)
	complete(t, inputs, end)
	if inputs.Files != 6 || inputs.Millis > 5_000 {
		t.Errorf("%+v", inputs)
	}
	if said, _, _ := strings.Cut(g.said(t, pod, "main"), " "); said != digestIn(all, ".npmrc") {
		t.Errorf("the build has %s, the record %s", said, digestIn(all, ".npmrc"))
	}
}

// What cannot be read is listed, and nothing outside the workspace is read.
func TestFilesThatAreNotToBeReadAreListed(t *testing.T) {
	t.Parallel()
	g := setGated(t, keeps.up(t))
	pod := g.observed("hides", []string{"sh", "-ec", `
echo all: >Makefile; chmod 000 Makefile
mkdir closed; echo hidden >closed/run.sh; chmod 000 closed
mkdir private; echo private >private/run.sh; chmod 700 private
mkfifo setup.py
ln -s pom.xml pom.xml
ln -s /etc/passwd go.mod
ln -s /proc/self/root buildSrc
mkdir deep; ln -s .. deep/up
printf 'a\0b' >build.gradle
echo >"$(printf 'a\n\033.sh')"
`}, []string{"sh", "-c", "chmod 700 closed"})
	g.create(t, pod)
	all, end := g.observations(t, pod)
	inputs, last := inputsOf(all)
	t.Log(strings.Join(inputs, "\n"))
	for _, want := range []string{
		"unread Makefile Unreadable", "unread closed Unreadable", "unread private Unreadable", "unread setup.py Unreadable", "unread build.gradle NotUTF8",
		`file a\010\027.sh`,
	} {
		if !slices.Contains(inputs, want) {
			t.Errorf("no %s", want)
		}
	}
	complete(t, last, end)
}

// Nothing is read but the file that was asked for, whatever descriptor comes.
func TestAStepThatHandsOverOtherFilesIsNotBelieved(t *testing.T) {
	t.Parallel()
	g := setGated(t, keeps.up(t))
	pod := g.observed("poses", []string{"sh", "-ec", `
umask 077
for each in other fifo folder device same; do echo $each >$each.sh; done
mkfifo fifo; mkdir folder
cp other.sh copy.sh
`}, nil)
	pod.Spec.Containers[0].Command = []string{"talk", "pose", "other.sh=copy.sh", "copy.sh=/etc/passwd", "fifo.sh=fifo", "folder.sh=folder", "device.sh=/dev/zero", "same.sh=same.sh"}
	g.create(t, pod)
	all, end := g.observations(t, pod)
	last := equalInputs(t, all, "unread copy.sh Unreadable", "unread device.sh Unreadable", "unread fifo.sh Unreadable", "unread folder Unreadable",
		"unread folder.sh Unreadable", "unread other.sh Unreadable", "file same.sh", "change fetch +8 ~0 -0")
	complete(t, last, end)
	if said := g.said(t, pod, "main"); !strings.HasPrefix(said, "wait 1\n") || !strings.HasSuffix(said, "go 1\n") || strings.Count(said, "open ") != 6 {
		t.Errorf("%s", said)
	}
}

// What a step leaves behind ends with its container, or nothing is called complete. If the inputs are complete, they are what the build has.
func TestWhatAStepLeavesBehindChangesNoInputsUnseen(t *testing.T) {
	t.Parallel()
	g := setGated(t, keeps.up(t))
	pod := g.observed("leaves", []string{"sh", "-ec", "echo 1 >run.sh; for i in 1 2 3; do setsid sh -c 'while :; do echo x >>run.sh; done' & done; sleep 1"},
		[]string{"sh", "-c", "sha256sum run.sh; sleep 2; sha256sum run.sh"})
	g.create(t, pod)
	all, end := g.observations(t, pod)
	_, inputs := inputsOf(all)
	t.Logf("inputs: %s %s, end: %s %s", inputs.Inputs, inputs.Reason, end.End, end.Reason)
	said := g.said(t, pod, "main")
	if digest := digestIn(all, "run.sh"); inputs.Inputs == "Complete" && strings.Count(said, digest) != 2 {
		t.Errorf("the record has %s, the build %s", digest, said)
	}
}

// A container beside the build that has the steps' user, and changes the workspace when the build has started. The launcher is one without
// --closed, which does not look for others itself.
func TestBesideAnotherProcessNothingIsRead(t *testing.T) {
	t.Parallel()
	g := setGated(t, keeps.up(t))
	pod := g.observed("beside", []string{"sh", "-ec", fetchesPackages}, nil)
	always := v1.ContainerRestartPolicyAlways
	late := *pod.Spec.InitContainers[2].DeepCopy()
	late.Name, late.RestartPolicy = "late", &always
	late.Command = []string{"sh", "-c", "sleep 2; echo evil >run.sh; sleep 1000"}
	pod.Spec.InitContainers = append(pod.Spec.InitContainers, late)
	build := &pod.Spec.Containers[0]
	build.Command = append(slices.Clone(pod.Spec.InitContainers[2].Command[:4]), "sh", "-c", "talk now; while ! [ -f run.sh ]; do sleep 0.1; done; talk hello")
	g.create(t, pod)
	all, end := g.observations(t, pod)
	lines, inputs := inputsOf(all)
	if len(lines) > 0 || inputs.Inputs != "" || end.End != "Partial" || end.Reason != "Interrupted" {
		t.Errorf("%q, %+v, %+v", lines, inputs, end)
	}
	// The command has the launcher's process, and its hello is not answered either.
	if said := strings.Fields(g.said(t, pod, "main")); len(said) != 1 {
		t.Errorf("%q", said)
	}
}

// More files than are read, in a tree, and lockfiles that are bombs: the observer lives, and the build starts.
func TestAHugeWorkspaceIsReadInPart(t *testing.T) {
	g := setGated(t, keeps.up(t))
	pod := g.observed("huge", []string{"sh", "-ec", `
echo '<project/>' >pom.xml
mkdir -p node_modules/a a b c
head -c 31000000 /dev/zero | tr '\0' '[' >a/package-lock.json
head -c 100000000 /dev/zero | tr '\0' ' ' >b/package-lock.json
(echo '{"lockfileVersion":3,"packages":{'; seq 1 400000 | sed 's/.*/"node_modules\/&":{"version":"1.0.0"},/'; echo '"":{}}}') >c/package-lock.json
talk fill node_modules/a 200001
`}, []string{"talk", "usage"})
	// A disk would take a minute to make the files.
	pod.Spec.Volumes[1].EmptyDir.Medium = v1.StorageMediumMemory
	g.create(t, pod)
	all, end := g.observations(t, pod)
	lines, inputs := inputsOf(all)
	t.Logf("the observer: %s%d ms\n%s", g.said(t, pod, "main"), inputs.Millis, strings.Join(lines, "\n"))
	if inputs.Inputs != "Partial" || inputs.Reason != "TooManyFiles" || end.Reason != "TooManyFiles" {
		t.Errorf("%+v, %+v", inputs, end)
	}
	for _, want := range []string{"file pom.xml maven", "unread a/package-lock.json Unparsable", "unread b/package-lock.json TooLong", "unread c/package-lock.json Unparsable"} {
		if !slices.Contains(lines, want) {
			t.Errorf("no %s", want)
		}
	}
	digest := sha256.Sum256([]byte("<project/>\n"))
	if digestIn(all, "pom.xml") != hex.EncodeToString(digest[:]) {
		t.Errorf("pom.xml: %s", digestIn(all, "pom.xml"))
	}
}
