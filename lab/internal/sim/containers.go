package sim

import (
	"fmt"
	"hash/fnv"
	"time"

	v1 "k8s.io/api/core/v1"
)

const (
	creating     = "ContainerCreating"
	initializing = "PodInitializing"
	// sigkill is the exit code of a container that was killed.
	sigkill = 137
	// gaveUp is the exit code of a launcher that has not started the build.
	gaveUp = 125
	// gate is the init container that waits until the network is closed. A simulated one passes at once.
	gate         = "gate"
	gateEnforced = `{"outcome":"Enforced","families":["IPv4"],"addresses":2,"rounds":6,"lagMillis":73,"detail":""}`
)

// main returns the container whose end ends the pod: `build`, otherwise the first.
func (b *builder) main() string {
	for i := range b.pod.Spec.Containers {
		if b.pod.Spec.Containers[i].Name == "build" {
			return "build"
		}
	}
	return b.pod.Spec.Containers[0].Name
}

// fill writes a status for every container from its state. For init containers, it distinguishes restartable ones.
func (b *builder) fill(init func(c *v1.Container, sidecar bool) v1.ContainerState, regular func(c *v1.Container) v1.ContainerState) {
	spec := &b.pod.Spec
	b.status.InitContainerStatuses = nil
	b.status.ContainerStatuses = nil
	for i := range spec.InitContainers {
		c := &spec.InitContainers[i]
		sidecar := isSidecar(c)
		status := b.containerStatus(c.Name, c.Image, init(c, sidecar))
		if t := status.State.Terminated; t != nil && !sidecar {
			status.Ready = t.ExitCode == 0
		}
		b.status.InitContainerStatuses = append(b.status.InitContainerStatuses, status)
	}
	for i := range spec.Containers {
		c := &spec.Containers[i]
		b.status.ContainerStatuses = append(b.status.ContainerStatuses, b.containerStatus(c.Name, c.Image, regular(c)))
	}
	b.observe()
}

func (b *builder) containerStatus(name, image string, state v1.ContainerState) v1.ContainerStatus {
	running := state.Running != nil
	status := v1.ContainerStatus{Name: name, Image: image, State: state, Ready: running, Started: &running}
	if state.Waiting == nil {
		status.ContainerID = "lab://" + string(b.pod.UID) + "/" + name
		status.ImageID = imageID(image)
		if state.Terminated != nil {
			state.Terminated.ContainerID = status.ContainerID
		}
	}
	return status
}

// imageID returns a reference with a digest as it is, and for any other an id that depends only on the reference.
func imageID(image string) string {
	for i := range image {
		if image[i] == '@' {
			return image
		}
	}
	h := fnv.New64a()
	_, _ = h.Write([]byte(image))
	return fmt.Sprintf("%s@sha256:%064x", image, h.Sum64())
}

func (b *builder) wait(reason, message string) v1.ContainerState {
	return v1.ContainerState{Waiting: &v1.ContainerStateWaiting{Reason: reason, Message: message}}
}

func (b *builder) run() v1.ContainerState {
	return v1.ContainerState{Running: &v1.ContainerStateRunning{StartedAt: *b.time(b.life.Started)}}
}

func (b *builder) terminate(name string, code int32, reason string) v1.ContainerState {
	if reason == "" {
		reason = "Completed"
		if code != 0 {
			reason = "Error"
		}
	}
	ended := b.life.Ended
	if ended.IsZero() {
		ended = b.life.Started
	}
	message, told := b.script.message[name]
	if !told && name == gate && code == 0 {
		message = gateEnforced
	}
	return v1.ContainerState{Terminated: &v1.ContainerStateTerminated{
		ExitCode: code, Reason: reason, Message: message,
		StartedAt: *b.time(b.life.Started), FinishedAt: *b.time(ended),
	}}
}

// initDone returns the state of an init container once the regular containers run.
func (b *builder) initDone(c *v1.Container, sidecar bool) v1.ContainerState {
	if sidecar {
		return b.run()
	}
	// A step ends when the next one begins, so all of them end at the start of the regular containers.
	done := b.terminate(c.Name, 0, "")
	done.Terminated.FinishedAt = *b.time(b.life.Started)
	return done
}

// pending writes the status of a pod that is scheduled and has no sandbox yet. As with a kubelet, a pod with steps waits as PodInitializing.
func (b *builder) pending() {
	reason := creating
	if len(b.pod.Spec.InitContainers) > 0 {
		reason = initializing
	}
	b.fill(func(*v1.Container, bool) v1.ContainerState { return b.wait(reason, "") },
		func(*v1.Container) v1.ContainerState { return b.wait(reason, "") })
	b.set(v1.PodPending)
}

func (b *builder) running() {
	b.fill(b.initDone, func(*v1.Container) v1.ContainerState { return b.run() })
	b.set(v1.PodRunning)
}

func (b *builder) neverStarts() {
	main := b.main()
	b.fill(b.initDone, func(c *v1.Container) v1.ContainerState {
		if c.Name != main {
			return b.run()
		}
		message := ""
		if b.script.neverStart == "ImagePullBackOff" {
			message = fmt.Sprintf("Back-off pulling image %q", c.Image)
		}
		return b.wait(b.script.neverStart, message)
	})
	b.set(v1.PodPending)
}

// exited writes the status after the main container exited with its code, and the others with 0. Sidecars run a moment longer, and
// the pod with them.
func (b *builder) exited() {
	if b.life.Ending != nil {
		b.script = *b.life.Ending
	} else {
		b.life.Ended = b.now
	}
	main := b.main()
	regular := func(c *v1.Container) v1.ContainerState {
		if c.Name == main {
			return b.terminate(c.Name, b.script.exitCode, b.script.exitReason)
		}
		return b.terminate(c.Name, 0, "")
	}
	if end := b.life.Ended.Add(sidecarsTake); hasSidecar(b.pod) && b.now.Before(end) {
		b.life.Ending = &b.script
		b.look(end)
		b.fill(b.initDone, regular)
		b.set(v1.PodRunning)
		return
	}
	b.life.Ending = nil
	b.fill(b.initEnded, regular)
	if b.script.exitCode == 0 {
		b.set(v1.PodSucceeded)
	} else {
		b.set(v1.PodFailed)
	}
}

// gaveUp writes the status after the launcher has ended in place of the build.
func (b *builder) gaveUp() {
	b.script.exitCode, b.script.exitReason = gaveUp, ""
	b.script.message[b.main()] = b.script.giveUp
	b.exited()
}

func (b *builder) initEnded(c *v1.Container, sidecar bool) v1.ContainerState {
	if sidecar {
		return b.sidecarEnded(c.Name)
	}
	return b.initDone(c, false)
}

// killed writes the status after every running container got a signal. A container that still waited never runs. The observer ends by
// itself.
func (b *builder) killed(reason, message string) {
	b.life.Ended = b.now
	kill := func(c *v1.Container) v1.ContainerState {
		code := b.script.exitCode
		if code == 0 {
			code = sigkill
		}
		return b.terminate(c.Name, code, b.script.exitReason)
	}
	b.fill(func(c *v1.Container, sidecar bool) v1.ContainerState {
		switch {
		case c.Name == observer && sidecar:
			return b.sidecarEnded(c.Name)
		case sidecar:
			return kill(c)
		}
		return b.initDone(c, false)
	}, kill)
	b.status.Reason, b.status.Message = reason, message
	if b.script.disrupted || reason == "Terminated" {
		b.disruption(message)
	}
	b.set(v1.PodFailed)
}

// step returns the state of an init container while the failing one runs, or after it failed.
func (b *builder) step(failing v1.ContainerState) func(*v1.Container, bool) v1.ContainerState {
	reached := false
	ended := failing.Terminated != nil
	return func(c *v1.Container, sidecar bool) v1.ContainerState {
		switch {
		case c.Name == b.script.failStep:
			reached = true
			return failing
		case reached:
			return b.wait(initializing, "")
		case sidecar && ended:
			return b.sidecarEnded(c.Name)
		}
		return b.initDone(c, sidecar)
	}
}

func (b *builder) notStarted(*v1.Container) v1.ContainerState { return b.wait(initializing, "") }

func (b *builder) inStep() {
	b.fill(b.step(b.run()), b.notStarted)
	b.set(v1.PodPending)
}

func (b *builder) failedStep() {
	b.life.Ended = b.now
	b.fill(b.step(b.terminate(b.script.failStep, b.script.exitCode, b.script.exitReason)), b.notStarted)
	b.set(v1.PodFailed)
}

// ephemeral containers start when the kubelet first reads them, and run until exit-after.NAME, or as long as the pod.
func (b *builder) ephemeral() {
	b.status.EphemeralContainerStatuses = nil
	if b.life.Started.IsZero() {
		return
	}
	for i := range b.pod.Spec.EphemeralContainers {
		c := &b.pod.Spec.EphemeralContainers[i]
		began, known := b.life.Ephemera[c.Name]
		if !known {
			if b.life.Ephemera == nil {
				b.life.Ephemera = map[string]time.Time{}
			}
			began = b.now
			b.life.Ephemera[c.Name] = began
		}
		state := v1.ContainerState{Running: &v1.ContainerStateRunning{StartedAt: *b.time(began)}}
		after, exits := b.script.exitOf[c.Name]
		end, code := began.Add(after), b.script.codeOf[c.Name]
		podEnded := !b.life.Ended.IsZero()
		if podEnded && (!exits || b.life.Ended.Before(end)) {
			exits, end, code = true, b.life.Ended, sigkill
		}
		switch {
		case exits && !b.now.Before(end):
			state = b.terminate(c.Name, code, "")
			state.Terminated.StartedAt, state.Terminated.FinishedAt = *b.time(began), *b.time(end)
		case exits:
			b.look(end)
		}
		status := b.containerStatus(c.Name, c.Image, state)
		status.Ready, status.Started = false, nil
		b.status.EphemeralContainerStatuses = append(b.status.EphemeralContainerStatuses, status)
	}
}
