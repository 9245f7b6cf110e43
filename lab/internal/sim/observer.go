package sim

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	v1 "k8s.io/api/core/v1"
)

// observer is the name of the sidecar that writes into its log what it saw of the steps.
const observer = "observer"

// What the annotation `observer` says about a report that is not well.
const (
	silent = "silent" // as if the observer was killed: no log and no termination message
	forged = "forged" // the digest in the termination message is of another log
	cut    = "cut"    // the log has lost its last line
)

// noInputs is what an observer reports of an empty workspace.
const noInputs = `{"inputs":"Complete","sha256":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",` +
	`"files":0,"bytes":0,"dependencies":0,"packages":0,"unread":0,"millis":1}`

// measured is what an observer reports that measured the canaries once.
const measured = `{"measured":{"rounds":1,"lost":0}}`

// sidecarsTake is how long sidecars run after the last regular container has ended.
const sidecarsTake = 20 * time.Millisecond

// hello is when a step reported to the observer that it starts.
type hello struct {
	step string
	at   time.Time
}

func isSidecar(c *v1.Container) bool {
	return c.RestartPolicy != nil && *c.RestartPolicy == v1.ContainerRestartPolicyAlways
}

func hasSidecar(pod *v1.Pod) bool {
	for i := range pod.Spec.InitContainers {
		if isSidecar(&pod.Spec.InitContainers[i]) {
			return true
		}
	}
	return false
}

// sidecar returns the pod's observer; nil if it has none.
func sidecar(pod *v1.Pod) *v1.Container {
	for i := range pod.Spec.InitContainers {
		if c := &pod.Spec.InitContainers[i]; c.Name == observer && isSidecar(c) {
			return c
		}
	}
	return nil
}

// steps returns the names of the observed steps in their order: the arguments of the observer after `observe` and its flags, each of which
// has a value. Without an observer there are none.
func steps(pod *v1.Pod) []string {
	c := sidecar(pod)
	if c == nil {
		return nil
	}
	args := c.Args[min(1, len(c.Args)):]
	for len(args) > 0 && strings.HasPrefix(args[0], "--") {
		taken := 2
		if strings.Contains(args[0], "=") {
			taken = 1
		}
		args = args[min(taken, len(args)):]
	}
	return args
}

// measures reports whether the observer measures the canaries while the build runs.
func measures(pod *v1.Pod) bool {
	c := sidecar(pod)
	return c != nil && slices.ContainsFunc(c.Args, func(arg string) bool { return arg == "--canary" || strings.HasPrefix(arg, "--canary=") })
}

// observe is called with every container's status: it remembers which steps have begun, and an observer that has ended has its report
// in its termination message. The launcher of a preparing pod begins no build.
func (b *builder) observe() {
	own := b.statusOf(observer)
	names := steps(b.pod)
	if len(names) == 0 || own == nil || own.State.Waiting != nil {
		return
	}
	b.life.Watched = true
	for _, step := range names {
		if c := b.statusOf(step); c != nil && c.State.Waiting == nil && (step != b.main() || !b.life.Built.IsZero()) {
			b.hear(step)
		}
	}
	if own.State.Terminated == nil {
		own.Ready = own.Ready && b.signal(sidecar(b.pod).ReadinessProbe != nil)
		return
	}
	b.life.Observed = b.now
	if _, scripted := b.script.message[observer]; !scripted && b.script.observer != silent {
		own.State.Terminated.Message = reportMessage(b.pod, b.life, &b.script)
	}
}

func (b *builder) hear(step string) {
	if !slices.ContainsFunc(b.life.Hellos, func(h hello) bool { return h.step == step }) {
		b.life.Hellos = append(b.life.Hellos, hello{step, b.now})
	}
}

func (b *builder) statusOf(container string) *v1.ContainerStatus {
	for _, all := range [][]v1.ContainerStatus{b.status.InitContainerStatuses, b.status.ContainerStatuses} {
		if i := slices.IndexFunc(all, func(c v1.ContainerStatus) bool { return c.Name == container }); i >= 0 {
			return &all[i]
		}
	}
	return nil
}

// sidecarEnded returns the state of a sidecar after the regular containers.
func (b *builder) sidecarEnded(name string) v1.ContainerState {
	if name == observer && b.script.observer == silent {
		return b.terminate(name, sigkill, "")
	}
	return b.terminate(name, 0, "")
}

// reportMessage is the observer's termination message.
func reportMessage(pod *v1.Pod, life *Life, s *script) string {
	lines, sum := report(pod, life, s)
	if s.observer == forged {
		other := sha256.Sum256([]byte(sum))
		sum = hex.EncodeToString(other[:])
	}
	names, connections := 0, 0
	_, late := s.signals()
	for _, line := range late {
		var fields struct{ Name, Address *string }
		// A line that has neither, or is no object, counts as neither.
		_ = json.Unmarshal(line, &fields)
		switch {
		case fields.Name != nil:
			names++
		case fields.Address != nil:
			connections++
		}
	}
	return fmt.Sprintf(`{"observer":1,"end":"Complete","names":%d,"connections":%d,"bytes":%d,"sha256":"%s"}`, names, connections, len(lines), sum)
}

// isInputs reports whether the line is the last of those about the workspace.
func isInputs(line json.RawMessage) bool {
	var fields struct{ Inputs *string }
	return json.Unmarshal(line, &fields) == nil && fields.Inputs != nil
}

// isMeasured reports whether the line counts the rounds that the observer measured.
func isMeasured(line json.RawMessage) bool {
	var fields struct{ Measured *json.RawMessage }
	return json.Unmarshal(line, &fields) == nil && fields.Measured != nil
}

// observerLog is the observer's log so far.
func observerLog(pod *v1.Pod, life *Life, s *script) string {
	lines, sum := report(pod, life, s)
	switch {
	case s.observer == silent && !life.Observed.IsZero():
		return ""
	case s.observer == cut || life.Observed.IsZero():
		return lines
	}
	return lines + fmt.Sprintf(`{"end":"Complete","omitted":0,"sha256":"%s"}`, sum) + "\n"
}

// report returns the lines of the observer's log, without its last one, and their digest.
func report(pod *v1.Pod, life *Life, s *script) (lines, sum string) {
	var out strings.Builder
	out.WriteString(`{"observer":1,"version":"0.1"}` + "\n")
	for _, h := range life.Hellos {
		fmt.Fprintf(&out, `{"step":"%s","started":"%s"}`+"\n", h.step, h.at.UTC().Format("2006-01-02T15:04:05.000Z"))
	}
	early, late := s.signals()
	write := func(lines []json.RawMessage) {
		for _, line := range lines {
			out.Write(line)
			out.WriteByte('\n')
		}
	}
	if !life.Built.IsZero() {
		write(early)
	}
	if !life.Observed.IsZero() {
		write(late)
		if len(life.Hellos) > 1 && !slices.ContainsFunc(late, isInputs) {
			out.WriteString(noInputs + "\n")
		}
		if measures(pod) && !slices.ContainsFunc(late, isMeasured) {
			out.WriteString(measured + "\n")
		}
		out.WriteString(`{"counters":{"tcpSynRetrans":0,"tcpAttemptFails":0,"udpOutDatagrams":0}}` + "\n")
	}
	digest := sha256.Sum256([]byte(out.String()))
	return out.String(), hex.EncodeToString(digest[:])
}
