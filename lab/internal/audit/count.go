// Package audit counts API writes from an audit log.
package audit

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"
)

// Filter selects the writes that count. A zero value selects all.
type Filter struct {
	Since time.Time
	User  string
}

// Key is what counts are grouped by. The fields of the other grouping are empty.
type Key struct {
	User      string `json:"user,omitempty"`
	UserAgent string `json:"userAgent,omitempty"`
	Verb      string `json:"verb,omitempty"`
	Namespace string `json:"namespace,omitempty"`
	// Resource is RESOURCE[.GROUP][/SUBRESOURCE].
	Resource string `json:"resource"`
	Name     string `json:"name,omitempty"`
	// Code is the class of the response code: 2xx, 4xx and so on.
	Code string `json:"code,omitempty"`
}

// Row is a key and the number of writes that have it.
type Row struct {
	Key
	Count int `json:"count"`
}

// event has the fields of an audit.k8s.io/v1 Event that counting needs.
type event struct {
	Stage      string
	Verb       string
	UserAgent  string
	RequestURI string
	User       struct{ Username string }
	// Set when one user impersonates another. The write then counts for the other.
	ImpersonatedUser         *struct{ Username string }
	ObjectRef                *struct{ Resource, Subresource, APIGroup, Namespace, Name string }
	ResponseStatus           *struct{ Code int }
	RequestReceivedTimestamp time.Time
}

var writes = []string{"create", "update", "patch", "delete", "deletecollection"}

// Count reads audit logs (JSON lines) and counts the completed writes that pass the filter.
func Count(filter Filter, byObject bool, paths ...string) ([]Row, error) {
	counts := map[Key]int{}
	for _, path := range paths {
		if err := countFile(path, filter, byObject, counts); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	rows := make([]Row, 0, len(counts))
	for key, count := range counts {
		rows = append(rows, Row{key, count})
	}
	slices.SortFunc(rows, func(a, b Row) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(fmt.Sprint(a.Key), fmt.Sprint(b.Key)))
	})
	return rows, nil
}

func countFile(path string, filter Filter, byObject bool, counts map[Key]int) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	reader := bufio.NewReaderSize(file, 1<<20)
	for line := 1; ; line++ {
		data, err := reader.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			// A last line without a newline is still being written.
			return nil
		}
		if err != nil {
			return err
		}
		if len(bytes.TrimSpace(data)) == 0 {
			continue
		}
		var e event
		if err := json.Unmarshal(data, &e); err != nil {
			return fmt.Errorf("line %d: %w", line, err)
		}
		if e.counts(filter) {
			counts[e.key(byObject)]++
		}
	}
}

func (e *event) user() string {
	if e.ImpersonatedUser != nil {
		return e.ImpersonatedUser.Username
	}
	return e.User.Username
}

func (e *event) counts(filter Filter) bool {
	return (e.Stage == "ResponseComplete" || e.Stage == "Panic") && slices.Contains(writes, e.Verb) && e.ObjectRef != nil &&
		!e.RequestReceivedTimestamp.Before(filter.Since) && (filter.User == "" || filter.User == e.user())
}

func (e *event) key(byObject bool) Key {
	ref := e.ObjectRef
	resource := ref.Resource
	if ref.APIGroup != "" {
		resource += "." + ref.APIGroup
	}
	if ref.Subresource != "" {
		resource += "/" + ref.Subresource
	}
	if byObject {
		name := ref.Name
		if name == "" {
			name = "(generated)"
			if e.Verb == "deletecollection" {
				name = "(collection)"
			}
		}
		return Key{Namespace: ref.Namespace, Resource: resource, Name: name}
	}
	verb := e.Verb
	if strings.Contains(e.RequestURI, "dryRun=All") {
		// A dry run stores nothing, so it must not count as a write.
		verb += " (dry run)"
	}
	code := "none"
	if e.ResponseStatus != nil {
		code = fmt.Sprintf("%dxx", e.ResponseStatus.Code/100)
	}
	agent, _, _ := strings.Cut(e.UserAgent, " ")
	return Key{User: e.user(), UserAgent: agent, Verb: verb, Resource: resource, Code: code}
}
