// Package sarif reads the results of a scanner (SARIF 2.1.0) that a build made. All of it is hostile, so nothing in it says what is new or
// what may be ignored: neither baselineState nor suppressions are read.
package sarif

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"cleanroom.dev/tools/internal/strictjson"
)

const (
	// MaxSize limits a report in bytes.
	MaxSize = 32 << 20
	// MaxRuns, MaxResults and MaxRules limit what a report has.
	MaxRuns    = 20
	MaxResults = 25_000
	MaxRules   = 50_000
	// MaxText limits the names of tools and rules in bytes.
	MaxText = 1024
	// fingerprint is how many hexadecimal digits of its digest a fingerprint has.
	fingerprint = 16
)

// ErrTooMany means that a report has more than the limits allow.
var ErrTooMany = errors.New("there are too many runs, results or rules, or too long names")

// Log is a report. Tool and Version are those of its first run.
type Log struct {
	Tool, Version string
	// Results are distinct in their tool, rule and fingerprint, and sorted: those of the highest level first. Total counts all.
	Results []Result
	Total   int
}

// Result stands for Count results of a rule that have the same fingerprint.
type Result struct {
	Tool, Rule, Fingerprint string
	// Level is the highest of them: error, warning, note or none.
	Level string
	// Severity is the rule's security-severity, empty if it has none.
	Severity string
	Count    int
}

var levels = []string{"error", "warning", "note", "none"}

// severity is a number from 0.0 to 10.0, as GitHub reads it.
var severity = regexp.MustCompile(`^(10(\.0{1,2})?|[0-9](\.[0-9]{1,2})?)$`)

// Read reads a report.
func Read(data []byte) (Log, error) {
	log := reader{all: map[key]*Result{}}
	version := ""
	err := strictjson.Read(data, func(r *strictjson.Reader) error {
		return r.Fields(func(key string) error {
			switch key {
			case "version":
				return text(r, &version)
			case "runs":
				return r.Array(func() error { return log.run(r) })
			}
			return nil
		})
	})
	if err == nil && version != "2.1.0" {
		err = errors.New("this is no SARIF of version 2.1.0")
	}
	if err != nil {
		return Log{}, err
	}
	for _, each := range log.all {
		log.Results = append(log.Results, *each)
	}
	slices.SortFunc(log.Results, func(a, b Result) int {
		return cmp.Or(slices.Index(levels, a.Level)-slices.Index(levels, b.Level), strings.Compare(a.Tool, b.Tool), strings.Compare(a.Rule, b.Rule),
			strings.Compare(a.Fingerprint, b.Fingerprint))
	})
	return log.Log, nil
}

type key struct{ tool, rule, fingerprint string }

type reader struct {
	Log
	all         map[key]*Result
	runs, rules int
}

// rule is one of a tool.
type rule struct{ id, level, severity string }

// component is a tool's driver, or an extension of it.
type component struct {
	name, version, semantic string
	rules                   []rule
}

type result struct {
	rule, level, kind string
	// index and component are where the rule is if it is not named; -1 if they are missing.
	index, component int
	// print is the digest of the fingerprints, nil without any, and place that of path and message. Texts would take much memory.
	print []byte
	place [sha256.Size]byte
}

func (l *reader) run(r *strictjson.Reader) error {
	if l.runs++; l.runs > MaxRuns {
		return ErrTooMany
	}
	// The driver is the first.
	components := []component{{}}
	var results []result
	err := r.Fields(func(key string) error {
		switch key {
		case "tool":
			return r.Fields(func(key string) error {
				switch key {
				case "driver":
					return l.component(r, &components[0])
				case "extensions":
					return optional(r, func() error {
						return r.Array(func() error {
							if len(components) > MaxRules {
								return ErrTooMany
							}
							components = append(components, component{})
							return l.component(r, &components[len(components)-1])
						})
					})
				}
				return nil
			})
		case "results":
			return optional(r, func() error {
				return r.Array(func() error {
					if l.Total++; l.Total > MaxResults {
						return ErrTooMany
					}
					each, err := readResult(r)
					results = append(results, each)
					return err
				})
			})
		}
		return nil
	})
	if err != nil {
		return err
	}
	driver := components[0]
	if l.runs == 1 {
		l.Tool, l.Version = driver.name, cmp.Or(driver.semantic, driver.version)
	}
	known := map[string]rule{}
	for _, component := range components {
		for _, each := range component.rules {
			if before, twice := known[each.id]; !twice || number(each.severity) > number(before.severity) {
				known[each.id] = each
			}
		}
	}
	for _, each := range results {
		l.add(driver.name, each, components, known)
	}
	return nil
}

func number(text string) float64 {
	n, _ := strconv.ParseFloat(cmp.Or(text, "-1"), 64)
	return n
}

func (l *reader) component(r *strictjson.Reader, c *component) error {
	return r.Fields(func(key string) error {
		switch key {
		case "name":
			return name(r, &c.name)
		case "version":
			return name(r, &c.version)
		case "semanticVersion":
			return name(r, &c.semantic)
		case "rules":
			return optional(r, func() error {
				return r.Array(func() error {
					if l.rules++; l.rules > MaxRules {
						return ErrTooMany
					}
					each, err := readRule(r)
					c.rules = append(c.rules, each)
					return err
				})
			})
		}
		return nil
	})
}

func readRule(r *strictjson.Reader) (found rule, err error) {
	err = r.Fields(func(key string) error {
		switch key {
		case "id":
			return name(r, &found.id)
		case "defaultConfiguration":
			return r.Fields(func(key string) error {
				if key == "level" {
					return level(r, &found.level)
				}
				return nil
			})
		case "properties":
			return r.Map(func(key string) (err error) {
				if key != "security-severity" {
					return r.Skip()
				}
				value := ""
				if r.Kind() == strictjson.Number {
					value, err = r.Number()
				} else {
					err = text(r, &value)
				}
				if severity.MatchString(value) {
					found.severity = value
				}
				return err
			})
		}
		return nil
	})
	return found, err
}

func readResult(r *strictjson.Reader) (found result, err error) {
	found = result{index: -1}
	all, uri, said := map[string]string{}, "", sha256.New()
	prints := func() error {
		return r.Map(func(key string) error {
			value := ""
			err := text(r, &value)
			all[key] = value
			return err
		})
	}
	err = r.Fields(func(key string) error {
		switch key {
		case "ruleId":
			return name(r, &found.rule)
		case "ruleIndex":
			return index(r, &found.index)
		case "rule":
			return r.Fields(func(key string) error {
				switch key {
				case "id":
					id := ""
					err := name(r, &id)
					found.rule = cmp.Or(found.rule, id)
					return err
				case "index":
					return index(r, &found.index)
				case "toolComponent":
					return r.Fields(func(key string) error {
						if key != "index" {
							return nil
						}
						err := index(r, &found.component)
						found.component++
						return err
					})
				}
				return nil
			})
		case "level":
			return level(r, &found.level)
		case "kind":
			return text(r, &found.kind)
		case "message":
			return message(r, said)
		case "locations":
			return optional(r, func() error {
				return r.Array(func() error { return location(r, &uri) })
			})
		case "fingerprints", "partialFingerprints":
			return optional(r, prints)
		}
		return nil
	})
	found.place = sha256.Sum256(fmt.Appendf(nil, "%s\x00%x", uri, said.Sum(nil)))
	if len(all) > 0 {
		sum := sha256.New()
		for _, each := range slices.Sorted(maps.Keys(all)) {
			fmt.Fprintf(sum, "%s\x00%s\x00", each, all[each])
		}
		found.print = sum.Sum(nil)
	}
	return found, err
}

// message reads a text, or the name of one and its arguments.
func message(r *strictjson.Reader, to hash.Hash) error {
	part := func(kind string) error {
		said := ""
		err := text(r, &said)
		fmt.Fprintf(to, "%s\x00%s\x00", kind, said)
		return err
	}
	return r.Fields(func(key string) error {
		switch key {
		case "text", "id":
			return part(key)
		case "arguments":
			return r.Array(func() error { return part("") })
		}
		return nil
	})
}

// location keeps the path of the first location.
func location(r *strictjson.Reader, to *string) error {
	return r.Fields(func(key string) error {
		if key != "physicalLocation" {
			return nil
		}
		return r.Fields(func(key string) error {
			if key != "artifactLocation" {
				return nil
			}
			return r.Fields(func(key string) error {
				if key != "uri" || *to != "" {
					return nil
				}
				return text(r, to)
			})
		})
	})
}

// add counts a result.
func (l *reader) add(tool string, found result, components []component, known map[string]rule) {
	if found.rule == "" && found.component < len(components) {
		if rules := components[found.component].rules; found.index >= 0 && found.index < len(rules) {
			found.rule = rules[found.index].id
		}
	}
	about, ok := known[found.rule]
	if above := strings.LastIndexByte(found.rule, '/'); !ok && above >= 0 {
		// A rule may be named with a part of it after "/".
		about = known[found.rule[:above]]
	}
	level := cmp.Or(found.level, about.level, "warning")
	if found.kind != "" && found.kind != "fail" {
		level = "none"
	}
	k := key{tool, found.rule, found.fingerprint()}
	same := l.all[k]
	if same == nil {
		same = &Result{tool, k.rule, k.fingerprint, level, about.severity, 0}
		l.all[k] = same
	}
	if slices.Index(levels, level) < slices.Index(levels, same.Level) {
		same.Level = level
	}
	same.Count++
}

// fingerprint is made of those that the tool gave, or, without one, of the rule, path and message.
func (f result) fingerprint() string {
	sum := f.print
	if sum == nil {
		all := sha256.Sum256(fmt.Appendf(nil, "%s\x00%x", f.rule, f.place))
		sum = all[:]
	}
	return hex.EncodeToString(sum)[:fingerprint]
}

// optional reads what may be null.
func optional(r *strictjson.Reader, read func() error) error {
	if r.Kind() == strictjson.Null {
		return r.Skip()
	}
	return read()
}

func text(r *strictjson.Reader, to *string) error {
	return optional(r, func() (err error) {
		*to, err = r.Text()
		return err
	})
}

func name(r *strictjson.Reader, to *string) error {
	err := text(r, to)
	if err == nil && len(*to) > MaxText {
		err = ErrTooMany
	}
	return err
}

func level(r *strictjson.Reader, to *string) error {
	err := text(r, to)
	if err == nil && *to != "" && !slices.Contains(levels, *to) {
		err = errors.New("this is no level of a result")
	}
	return err
}

func index(r *strictjson.Reader, to *int) error {
	digits, err := r.Number()
	if err != nil {
		return err
	}
	*to, err = strconv.Atoi(digits)
	if err == nil && (*to < -1 || *to > MaxRules) {
		err = errors.New("this is no index")
	}
	return err
}
