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

// steps returns the names of the observed steps in their order: the arguments of the observer after `observe` and its flags, each of which
// is followed by its value. Without an observer there are none.
func steps(pod *v1.Pod) []string {
	for i := range pod.Spec.InitContainers {
		c := &pod.Spec.InitContainers[i]
		if c.Name != observer || !isSidecar(c) || len(c.Args) == 0 {
			continue
		}
		args := c.Args[1:]
		for len(args) > 2 && strings.HasPrefix(args[0], "--") {
			args = args[2:]
		}
		return args
	}
	return nil
}

// observe is called with every container's status: it remembers which steps have begun, and an observer that has ended has its report
// in its termination message. The launcher of a preparing pod begins no build.
func (b *builder) observe() {
	own, exists := b.statusOf(observer)
	names := steps(b.pod)
	if names == nil || !exists || own.State.Waiting != nil {
		return
	}
	b.life.Watched = true
	for _, step := range names {
		if c, exists := b.statusOf(step); exists && c.State.Waiting == nil && (step != b.main() || !b.life.Built.IsZero()) {
			b.hear(step)
		}
	}
	if own.State.Terminated == nil {
		return
	}
	b.life.Observed = b.now
	if _, scripted := b.script.message[observer]; !scripted && b.script.observer != silent {
		own.State.Terminated.Message = reportMessage(b.life, &b.script)
	}
}

func (b *builder) hear(step string) {
	if !slices.ContainsFunc(b.life.Hellos, func(h hello) bool { return h.step == step }) {
		b.life.Hellos = append(b.life.Hellos, hello{step, b.now})
	}
}

func (b *builder) statusOf(container string) (v1.ContainerStatus, bool) {
	all := slices.Concat(b.status.InitContainerStatuses, b.status.ContainerStatuses)
	i := slices.IndexFunc(all, func(c v1.ContainerStatus) bool { return c.Name == container })
	if i < 0 {
		return v1.ContainerStatus{}, false
	}
	return all[i], true
}

// sidecarEnded returns the state of a sidecar after the regular containers.
func (b *builder) sidecarEnded(name string) v1.ContainerState {
	if name == observer && b.script.observer == silent {
		return b.terminate(name, sigkill, "")
	}
	return b.terminate(name, 0, "")
}

// reportMessage is the observer's termination message.
func reportMessage(life *Life, s *script) string {
	lines, sum := report(life, s)
	if s.observer == forged {
		other := sha256.Sum256([]byte(sum))
		sum = hex.EncodeToString(other[:])
	}
	names, connections := 0, 0
	for _, line := range s.observed {
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

// observerLog is the observer's log so far.
func observerLog(life *Life, s *script) string {
	lines, sum := report(life, s)
	switch {
	case s.observer == silent && !life.Observed.IsZero():
		return ""
	case s.observer == cut || life.Observed.IsZero():
		return lines
	}
	return lines + fmt.Sprintf(`{"end":"Complete","omitted":0,"sha256":"%s"}`, sum) + "\n"
}

// report returns the lines of the observer's log, without its last one, and their digest.
func report(life *Life, s *script) (lines, sum string) {
	var out strings.Builder
	out.WriteString(`{"observer":1,"version":"0.1"}` + "\n")
	for _, h := range life.Hellos {
		fmt.Fprintf(&out, `{"step":"%s","started":"%s"}`+"\n", h.step, h.at.UTC().Format("2006-01-02T15:04:05.000Z"))
	}
	if !life.Observed.IsZero() {
		for _, line := range s.observed {
			out.Write(line)
			out.WriteByte('\n')
		}
		if len(life.Hellos) > 1 && !slices.ContainsFunc(s.observed, isInputs) {
			out.WriteString(noInputs + "\n")
		}
		out.WriteString(`{"counters":{"tcpSynRetrans":0,"tcpAttemptFails":0,"udpOutDatagrams":0}}` + "\n")
	}
	digest := sha256.Sum256([]byte(out.String()))
	return out.String(), hex.EncodeToString(digest[:])
}
