//go:build node

package node

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// The users of a pod with an observer, whose steps have the first.
const (
	stepUser, observerUser, podUser = int64(1000), int64(1001), int64(1002)
	toolsFolder                     = "/etc/cleanroom/tools"
	// The steps have the workspace elsewhere than the observer.
	stepsWorkspace, observersWorkspace = "/work", "/workspace"
)

// observed is a pod with a gate, an observer, a prepare step and a build, each step started by the launcher.
func (g gated) observed(name string, fetch, build []string) *v1.Pod {
	yes, grace, user := true, int64(60), podUser
	step := func(name string, launch, command []string) v1.Container {
		c := g.restricted("", "talk:1", slices.Concat([]string{toolsFolder + "/cleanroom-tools", "launch", "--observed=" + stepsWorkspace}, launch, []string{"--"}, command)...).Spec.Containers[0]
		c.Name = name
		c.VolumeMounts = []v1.VolumeMount{{Name: "tools", MountPath: toolsFolder, ReadOnly: true}, {Name: "work", MountPath: stepsWorkspace}}
		c.WorkingDir = stepsWorkspace
		return c
	}
	gate := g.tools("gate", append([]string{"gate", "--install", toolsFolder}, g.canaries...)...)
	gate.VolumeMounts = []v1.VolumeMount{{Name: "tools", MountPath: toolsFolder}}

	pod := g.restricted(name, "talk:1")
	pod.Labels = buildPod
	pod.Spec.SecurityContext.RunAsUser = &user
	pod.Spec.ShareProcessNamespace, pod.Spec.TerminationGracePeriodSeconds = &yes, &grace
	pod.Spec.DNSPolicy, pod.Spec.DNSConfig = v1.DNSNone, &v1.PodDNSConfig{Nameservers: []string{"127.0.0.1"}}
	for _, name := range []string{"tools", "work"} {
		pod.Spec.Volumes = append(pod.Spec.Volumes, v1.Volume{Name: name, VolumeSource: v1.VolumeSource{EmptyDir: &v1.EmptyDirVolumeSource{}}})
	}
	pod.Spec.InitContainers = []v1.Container{gate}
	g.observe(pod, "--workspace", observersWorkspace, "fetch", "main")
	observer := &pod.Spec.InitContainers[1]
	observer.VolumeMounts = []v1.VolumeMount{{Name: "work", MountPath: observersWorkspace, ReadOnly: true}}
	observer.Resources.Limits = v1.ResourceList{v1.ResourceMemory: resource.MustParse("256Mi")}
	pod.Spec.InitContainers = append(pod.Spec.InitContainers, step("fetch", nil, fetch))
	pod.Spec.Containers = []v1.Container{step("main", append([]string{"--closed"}, g.canaries...), build)}
	for _, containers := range [][]v1.Container{pod.Spec.InitContainers, pod.Spec.Containers} {
		for i := range containers {
			user := stepUser
			if containers[i].Name == "observer" {
				user = observerUser
			}
			containers[i].SecurityContext.RunAsUser = &user
		}
	}
	return pod
}

// observe adds an observer after the pod's init containers, and the sysctl that it needs.
func (g gated) observe(pod *v1.Pod, args ...string) {
	always := v1.ContainerRestartPolicyAlways
	observer := g.tools("observer", append([]string{"observe"}, args...)...)
	observer.RestartPolicy = &always
	observer.StartupProbe = &v1.Probe{PeriodSeconds: 1, FailureThreshold: 60, TimeoutSeconds: 5}
	observer.StartupProbe.Exec = &v1.ExecAction{Command: []string{"/cleanroom-tools", "observe", "--probe"}}
	pod.Spec.InitContainers = append(pod.Spec.InitContainers, observer)
	pod.Spec.SecurityContext.Sysctls = []v1.Sysctl{{Name: "net.ipv4.ip_unprivileged_port_start", Value: "0"}}
}

// tools is a container of the tools image.
func (g gated) tools(name string, args ...string) v1.Container {
	c := g.restricted("", "cleanroom/tools:1", append([]string{"/cleanroom-tools"}, args...)...)
	readOnly(c)
	c.Spec.Containers[0].Name = name
	return c.Spec.Containers[0]
}

// observation is a line of an observer's report.
type observation struct {
	Name, Step, Started string
	Address, Protocol   string
	Port                int
	Count, Omitted      int
	Counters            map[string]int
	End, Reason, SHA256 string
	Observer            int
	Version             string
	First, Last         time.Time
	// Those of inputs.
	File, Lockfile, Dependency, Package, Change, Inputs string
	Size, Added, Changed, Removed, Files, Bytes, Millis int
	// Those of outputs.
	Output, Outputs string
	// Unread is a path, and in the last of these lines a count.
	Unread            any
	Integrity, Source string
	Hooks             []string
}

// observations are the report of an observer that has ended well: its message and the last line have the log's digest.
func (g gated) observations(t *testing.T, pod *v1.Pod) (all []observation, end observation) {
	t.Helper()
	g.ended(t, pod)
	raw, err := g.client.CoreV1().Pods(pod.Namespace).GetLogs(pod.Name, &v1.PodLogOptions{Container: "observer"}).DoRaw(context.Background())
	must(t, err)
	for line := range bytes.Lines(raw) {
		var each observation
		if err := json.Unmarshal(line, &each); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		all = append(all, each)
	}
	last := bytes.LastIndexByte(bytes.TrimRight(raw, "\n"), '\n') + 1
	digest := sha256.Sum256(raw[:last])
	end = all[len(all)-1]
	var names, connections int
	for _, each := range all {
		if each.Name != "" && each.Package == "" {
			names++
		}
		if each.Address != "" {
			connections++
		}
	}
	got, err := g.client.CoreV1().Pods(pod.Namespace).Get(context.Background(), pod.Name, metav1.GetOptions{})
	must(t, err)
	status := got.Status.InitContainerStatuses[1]
	if status.RestartCount != 0 || status.State.Terminated == nil || status.State.Terminated.ExitCode != 0 {
		t.Fatalf("the observer: %+v", status)
	}
	want := fmt.Sprintf(`{"observer":1,"end":%q,"names":%d,"connections":%d,"bytes":%d,"sha256":%q}`+"\n", end.End, names, connections, last, hex.EncodeToString(digest[:]))
	if message := status.State.Terminated.Message; message != want || end.SHA256 != hex.EncodeToString(digest[:]) {
		t.Errorf("the message is %q, want %q; the log is\n%s", message, want, raw)
	}
	return all, end
}

// said is what a container of the pod said.
func (g gated) said(t *testing.T, pod *v1.Pod, container string) string {
	t.Helper()
	return g.Must(t, "kubectl", "logs", "-n", pod.Namespace, pod.Name, "-c", container)
}

// onlyTheBeacon is what the build says of four targets. A node without a route for IPv6 gives up sooner or later than the build does.
var onlyTheBeacon = regexp.MustCompile(`\nsilent\n(silent|error: .* network is unreachable)\nsilent\nerror: no echo: "cleanroom beacon 1\\n"\n$`)

func TestAnObserverReportsWhatStepsAskedForAndDidNotGet(t *testing.T) {
	t.Parallel()
	g := setGated(t, keeps.up(t))
	beacon := "tcp/" + net.JoinHostPort(g.canaries[0], "7801")
	pod := g.observed("watched", []string{"sh", "-c", "talk now; nslookup cdn.example.com; talk now; wget http://mirror.example.com/; talk now; exit 0"},
		[]string{"sh", "-c", "talk now; wget http://PASTE.example.com/; talk now; talk resolve cdn.example.com; talk now; " +
			"PATIENCE=5s talk try tcp/192.0.2.1:443 tcp/[2001:db8::1]:8443 udp/192.0.2.1:53; talk try " + beacon + "; exit 0"})
	g.create(t, pod)
	all, end := g.observations(t, pod)
	if end.End != "Complete" || end.Omitted != 0 || end.Reason != "" {
		t.Errorf("%+v", end)
	}
	var got []string
	for _, each := range all[1 : len(all)-1] {
		switch {
		case each.Started != "":
			got = append(got, "step "+each.Step)
		case each.Name != "":
			got = append(got, each.Step+" "+each.Name)
		case each.Change != "":
			got = append(got, fmt.Sprintf("%s changed %d", each.Change, each.Added+each.Changed+each.Removed))
		case each.Inputs != "":
			got = append(got, "inputs "+each.Inputs)
		case each.Outputs != "":
			got = append(got, "outputs "+each.Outputs)
		case each.Address != "":
			got = append(got, fmt.Sprintf("%s %s/%s*%d", each.Step, strings.ToLower(each.Protocol), net.JoinHostPort(each.Address, strconv.Itoa(each.Port)), each.Count))
		default:
			if each.Counters["tcpSynRetrans"] < 0 || each.Counters["udpOutDatagrams"] == 0 {
				t.Errorf("%+v", each.Counters)
			}
		}
	}
	slices.Sort(got)
	want := []string{
		"fetch cdn.example.com", "fetch mirror.example.com", "main cdn.example.com", "main paste.example.com",
		"main tcp/192.0.2.1:443*1", "main tcp/[2001:db8::1]:8443*1", "main udp/192.0.2.1:53*1", "step fetch", "step main",
		"fetch changed 0", "inputs Complete", "outputs Complete",
	}
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	for container, intervals := range map[string]int{"fetch": 2, "main": 2} {
		said := g.said(t, pod, container)
		var times []int64
		for line := range strings.Lines(said) {
			if at, err := strconv.ParseInt(strings.TrimSpace(line), 10, 64); err == nil {
				times = append(times, at)
			}
		}
		if len(times) != intervals+1 {
			t.Fatalf("%s: %s", container, said)
		}
		for i := range intervals {
			took := time.Duration(times[i+1] - times[i])
			t.Logf("%s: a name took %s", container, took)
			if took > time.Second {
				t.Errorf("%s: a name took %s", container, took)
			}
		}
	}
	if said := g.said(t, pod, "main"); !onlyTheBeacon.MatchString(said) {
		t.Errorf("the beacon must answer, and nothing else: %s", said)
	}
}

// The hostile one is not the last step, after which no hello would be answered anyway.
func TestAStepCannotStopOrDeceiveItsObserver(t *testing.T) {
	g := setGated(t, keeps.up(t))
	pod := g.observed("harassed", []string{"talk", "harass"}, []string{"talk", "resolve", "build.example.com"})
	g.create(t, pod)
	all, end := g.observations(t, pod)
	got := map[string]string{}
	for line := range strings.Lines(g.said(t, pod, "fetch")) {
		var each struct{ Try, Outcome string }
		if json.Unmarshal([]byte(line), &each) != nil {
			t.Log(strings.TrimSpace(line))
			continue
		}
		got[each.Try] = each.Outcome
	}
	want := map[string]string{
		"its own hello": "", "hello of a child": "", "hello of a session of its own": "",
		"listen at unix/@cleanroom-observer": "EADDRINUSE",
		"listen at udp/127.0.0.1:53":         "EADDRINUSE", "listen at tcp/127.0.0.1:53": "EADDRINUSE",
		"listen at udp/0.0.0.0:53": "EADDRINUSE", "listen at tcp/0.0.0.0:53": "EADDRINUSE",
		"a name while connections are held": "answered: true, at once: true, <nil>", "connections held": "200",
	}
	for _, of := range []string{"the observer", "process 1"} {
		for what, outcome := range map[string]string{
			"signal to ": "EPERM", "ptrace of ": "EPERM", "root of ": "EACCES", "environment of ": "EACCES", "memory of ": "EACCES", "log of ": "EACCES",
		} {
			want[what+of] = outcome
		}
	}
	for try, outcome := range want {
		if got[try] != outcome {
			t.Errorf("%s: %q, want %q", try, got[try], outcome)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%v", got)
	}
	var steps []string
	names := map[string]int{}
	for _, each := range all {
		if each.Started != "" {
			steps = append(steps, each.Step)
		}
		if each.Name != "" {
			names[each.Step]++
		}
	}
	i := slices.IndexFunc(all, func(each observation) bool { return each.Counters != nil })
	if i < 0 || all[i].Counters["udpOutDatagrams"] != 0 {
		t.Errorf("questions to the observer are counted as datagrams: %+v", all)
	}
	// The flood left no room for the last step's name.
	if !slices.Equal(steps, []string{"fetch", "main"}) || names["fetch"] != 1000 || names["main"] != 0 {
		t.Errorf("%q, %v", steps, names)
	}
	// That it said hello is the first reason.
	if end.End != "Partial" || end.Reason != "Interrupted" || end.Omitted != 100_000-1000+1+2 {
		// One name was asked after the flood, and the last step asked twice, once for each family.
		t.Errorf("%+v", end)
	}
}

// A process that a step leaves behind may say hello in the moment between the step's end and its own: then there are more hellos than
// steps, so the report is never complete, and its inputs are not.
func TestAStepThatPosesAsTheNextIsSeen(t *testing.T) {
	t.Parallel()
	g := setGated(t, keeps.up(t))
	pod := g.observed("poses", []string{"sh", "-c", "setsid talk insist & setsid talk insist & sleep 3"}, []string{"talk", "resolve", "build.example.com"})
	g.create(t, pod)
	if _, end := g.observations(t, pod); end.End != "Partial" || end.Reason != "Interrupted" {
		t.Errorf("%+v", end)
	}
}
