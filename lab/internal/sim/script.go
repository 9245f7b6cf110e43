package sim

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	v1 "k8s.io/api/core/v1"
)

// Prefix is the prefix of the annotations by which a pod controls what happens to it.
const Prefix = "lab.cleanroom.dev/"

// script is what a pod's annotations request.
type script struct {
	startAfter time.Duration
	// exits is whether the pod ends, at exitAfter from its start.
	exits      bool
	exitAfter  time.Duration
	exitCode   int32
	exitReason string
	failStep   string
	podReason  string
	disrupted  bool
	neverStart string
	// givesUp is whether the launcher of a preparing pod does, with the message giveUp.
	givesUp bool
	giveUp  string
	// observed has the lines of the observer's report, and observer says what is not well with it.
	observed []json.RawMessage
	observer string
	// By the name of a container: its termination message, and for ephemeral containers when and how they end.
	message map[string]string
	exitOf  map[string]time.Duration
	codeOf  map[string]int32
}

// readScript also returns the annotations that it could not read. The script is then without them.
func readScript(pod *v1.Pod) (script, []string) {
	s := script{message: map[string]string{}, exitOf: map[string]time.Duration{}, codeOf: map[string]int32{}}
	var problems []string
	code := ""
	for key, value := range pod.Annotations {
		name, ok := strings.CutPrefix(key, Prefix)
		if !ok {
			continue
		}
		var err error
		verb, container, _ := strings.Cut(name, ".")
		switch {
		case name == "start-after":
			s.startAfter, err = time.ParseDuration(value)
		case name == "exit-after":
			s.exitAfter, err = time.ParseDuration(value)
			s.exits = err == nil
		case name == "exit-code":
			code = value
			s.exitCode, err = parseCode(value)
		case name == "exit-reason":
			s.exitReason = value
		case name == "fail-step":
			s.failStep = value
		case name == "pod-reason":
			s.podReason = value
		case name == "disrupted":
			s.disrupted, err = strconv.ParseBool(value)
		case name == "never-start":
			s.neverStart = waitingReason(value)
		case name == "give-up":
			s.givesUp, s.giveUp = true, value
		case name == "observed":
			s.observed, err = readLines(value)
		case name == "observer":
			if s.observer = value; value != silent && value != forged && value != cut {
				s.observer, err = "", fmt.Errorf("must be %s, %s or %s", silent, forged, cut)
			}
		case verb == "message" && container != "":
			s.message[container] = value
		case verb == "exit-after" && container != "":
			s.exitOf[container], err = time.ParseDuration(value)
		case verb == "exit-code" && container != "":
			s.codeOf[container], err = parseCode(value)
		default:
			err = fmt.Errorf("this annotation does not exist")
		}
		if err != nil {
			problems = append(problems, fmt.Sprintf("%s=%q: %v", key, value, err))
		}
	}
	if s.failStep != "" && !hasInit(pod, s.failStep) {
		problems = append(problems, fmt.Sprintf("%sfail-step=%q: the pod has no init container of this name", Prefix, s.failStep))
		s.failStep = ""
	}
	if code == "" && s.exitReason == "OOMKilled" {
		s.exitCode = 137
	}
	if s.failStep != "" && s.exitCode == 0 {
		s.exitCode = 1
	}
	return s, problems
}

// readLines returns the elements of a JSON array, each without line breaks.
func readLines(array string) ([]json.RawMessage, error) {
	var compact bytes.Buffer
	if err := json.Compact(&compact, []byte(array)); err != nil {
		return nil, err
	}
	var lines []json.RawMessage
	return lines, json.Unmarshal(compact.Bytes(), &lines)
}

func waitingReason(value string) string {
	switch value {
	case "false", "":
		return ""
	case "true":
		return "ImagePullBackOff"
	}
	return value
}

func parseCode(value string) (int32, error) {
	code, err := strconv.ParseUint(value, 10, 8)
	return int32(code), err
}

func hasInit(pod *v1.Pod, name string) bool {
	for i := range pod.Spec.InitContainers {
		if pod.Spec.InitContainers[i].Name == name {
			return true
		}
	}
	return false
}
