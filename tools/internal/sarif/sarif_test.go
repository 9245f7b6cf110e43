package sarif

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// results are those of one run, as a text.
func results(t *testing.T, tool, all string) string {
	t.Helper()
	log, err := Read([]byte(`{"version":"2.1.0","runs":[{"results":[` + all + `],"tool":` + tool + `}]}`))
	if err != nil {
		t.Error(err)
	}
	out := fmt.Sprint(log.Total)
	for _, each := range log.Results {
		out += fmt.Sprintf(" %s|%s|%s|%s*%d", each.Tool, each.Rule, each.Level, each.Severity, each.Count)
	}
	return out
}

const tool = `{"driver":{"name":"scan","version":"1","semanticVersion":"1.2.0","rules":[
	{"id":"a","defaultConfiguration":{"level":"error"},"properties":{"security-severity":"9.1","Tags":1,"tags":2}},{"id":"b","properties":{"security-severity":7.5}},
	{"id":"c","properties":{"security-severity":"11"}}]},"extensions":[{"name":"more","rules":[{"id":"x","properties":{"security-severity":"4"}}]}]}`

func TestResults(t *testing.T) {
	for name, c := range map[string]struct{ results, want string }{
		"the rule's level and severity": {`{"ruleId":"a","message":{"text":"m"}}`, "1 scan|a|error|9.1*1"},
		"a level of its own":            {`{"ruleId":"a","level":"note"}`, "1 scan|a|note|9.1*1"},
		"a severity that is a number":   {`{"ruleId":"b"}`, "1 scan|b|warning|7.5*1"},
		"a severity that is none":       {`{"ruleId":"c"}`, "1 scan|c|warning|*1"},
		"an unknown rule":               {`{"ruleId":"d"}`, "1 scan|d|warning|*1"},
		"a rule by its index":           {`{"ruleIndex":1}`, "1 scan|b|warning|7.5*1"},
		"a rule of an extension":        {`{"rule":{"index":0,"toolComponent":{"index":0}}}`, "1 scan|x|warning|4*1"},
		"an index that is too large":    {`{"ruleIndex":3},{"rule":{"index":0,"toolComponent":{"index":1}}}`, "2 scan||warning|*2"},
		"a part of a rule":              {`{"ruleId":"a/1"}`, "1 scan|a/1|error|9.1*1"},
		"no finding":                    {`{"ruleId":"a","kind":"pass"}`, "1 scan|a|none|9.1*1"},
		"the same twice":                {`{"ruleId":"a","level":"note"},{"ruleId":"a"}`, "2 scan|a|error|9.1*2"},
		"another fingerprint":           {`{"ruleId":"a","partialFingerprints":{"p":"1"}},{"ruleId":"a","partialFingerprints":{"p":"2"}}`, "2 scan|a|error|9.1*1 scan|a|error|9.1*1"},
		"a fingerprint beside a text":   {`{"ruleId":"a","message":{"text":"1"},"fingerprints":{"p":"1"}},{"ruleId":"a","message":{"text":"2"},"fingerprints":{"p":"1"}}`, "2 scan|a|error|9.1*2"},
		"another message":               {`{"ruleId":"a","message":{"text":"1"}},{"ruleId":"a","message":{"text":"2"}}`, "2 scan|a|error|9.1*1 scan|a|error|9.1*1"},
		"another path":                  {at("a", 1) + "," + at("b", 1), "2 scan|a|error|9.1*1 scan|a|error|9.1*1"},
		"another line":                  {at("a", 1) + "," + at("a", 2), "2 scan|a|error|9.1*2"},
		"what is said to be known":      {`{"ruleId":"a","baselineState":"unchanged","suppressions":[{"kind":"inSource"}]}`, "1 scan|a|error|9.1*1"},
		"the highest level is first":    {`{"ruleId":"b"},{"ruleId":"a"}`, "2 scan|a|error|9.1*1 scan|b|warning|7.5*1"},
		"what may be null":              {`{"ruleId":null,"locations":null,"partialFingerprints":null}`, "1 scan||warning|*1"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := results(t, tool, c.results); got != c.want {
				t.Errorf("%s\nwant %s", got, c.want)
			}
		})
	}
}

// at is a result at a path and a line.
func at(path string, line int) string {
	return fmt.Sprintf(`{"ruleId":"a","locations":[{"physicalLocation":{"artifactLocation":{"uri":%q},"region":{"startLine":%d}}}]}`, path, line)
}

func TestTheToolIsTheFirstRuns(t *testing.T) {
	log, err := Read([]byte(`{"version":"2.1.0","runs":[{"tool":` + tool + `,"results":null},{"tool":{"driver":{"name":"other"}},"results":[{"ruleId":"a"}]}]}`))
	if err != nil || log.Tool != "scan" || log.Version != "1.2.0" || log.Total != 1 || log.Results[0].Tool != "other" || len(log.Results[0].Fingerprint) != fingerprint {
		t.Errorf("%+v, %v", log, err)
	}
}

func TestReportsThatCannotBeRead(t *testing.T) {
	run := func(results string) string {
		return `{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"x"}},"results":[` + results + `]}]}`
	}
	for name, c := range map[string]struct {
		text string
		many bool
	}{
		"no JSON":                  {"x", false},
		"another version":          {`{"version":"2.0.0","runs":[]}`, false},
		"no version":               {`{"runs":[]}`, false},
		"a key twice":              {run(`{"ruleId":"a","ruleId":"b"}`), false},
		"a key in another case":    {run(`{"ruleId":"a","RuleId":"b"}`), false},
		"a byte order mark":        {"\ufeff" + run(""), false},
		"an unknown level":         {run(`{"level":"high"}`), false},
		"an index that is none":    {run(`{"ruleIndex":-2}`), false},
		"a rule that is an object": {run(`{"ruleId":{}}`), false},
		"too many runs":            {`{"version":"2.1.0","runs":[` + strings.Repeat(`{},`, MaxRuns) + `{}]}`, true},
		"too many results":         {run(strings.Repeat(`{},`, MaxResults) + `{}`), true},
		"too many rules":           {`{"version":"2.1.0","runs":[{"tool":{"driver":{"rules":[` + strings.Repeat(`{},`, MaxRules) + `{}]}}}]}`, true},
		"too many extensions":      {`{"version":"2.1.0","runs":[{"tool":{"extensions":[` + strings.Repeat(`{},`, MaxRules) + `{}]}}]}`, true},
		"a long name":              {run(`{"ruleId":"` + strings.Repeat("a", MaxText+1) + `"}`), true},
	} {
		t.Run(name, func(t *testing.T) {
			log, err := Read([]byte(c.text))
			if err == nil || errors.Is(err, ErrTooMany) != c.many || log.Results != nil {
				t.Errorf("%+v, %v", log, err)
			}
		})
	}
	if log, err := Read([]byte(run(strings.Repeat(`{},`, MaxResults-1) + `{}`))); err != nil || log.Total != MaxResults {
		t.Errorf("%d, %v", log.Total, err)
	}
}

func FuzzSARIF(f *testing.F) {
	f.Add([]byte(`{"version":"2.1.0","runs":[{"tool":` + tool + `,"results":[` + at("a", 1) + `]}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		log, err := Read(data)
		if err != nil && log.Results != nil {
			t.Error(err)
		}
		count := 0
		for _, each := range log.Results {
			count += each.Count
			if len(each.Fingerprint) != fingerprint || each.Level == "" {
				t.Errorf("%+v", each)
			}
		}
		if count != log.Total {
			t.Errorf("%d of %d", count, log.Total)
		}
	})
}
