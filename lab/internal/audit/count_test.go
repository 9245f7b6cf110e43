package audit

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"
)

const sample = `{"stage":"ResponseComplete","verb":"create","userAgent":"op/1 (linux)","requestURI":"/api/v1/namespaces/a/pods","user":{"username":"op"},"objectRef":{"resource":"pods","namespace":"a","name":"x","apiVersion":"v1"},"responseStatus":{"code":201},"requestReceivedTimestamp":"2026-01-01T00:00:00.000001Z"}
{"stage":"ResponseComplete","verb":"create","userAgent":"op/1 (linux)","requestURI":"/api/v1/namespaces/a/pods","user":{"username":"op"},"objectRef":{"resource":"pods","namespace":"a"},"responseStatus":{"code":409},"requestReceivedTimestamp":"2026-01-01T00:00:01.000000Z"}
{"stage":"ResponseComplete","verb":"patch","userAgent":"op/1","requestURI":"/x?dryRun=All","user":{"username":"op"},"objectRef":{"resource":"pods","subresource":"status","namespace":"a","name":"x"},"responseStatus":{"code":200},"requestReceivedTimestamp":"2026-01-01T00:00:02.000000Z"}
{"stage":"ResponseComplete","verb":"update","userAgent":"op/1","user":{"username":"admin"},"impersonatedUser":{"username":"op"},"objectRef":{"resource":"leases","apiGroup":"coordination.k8s.io","namespace":"a","name":"l"},"responseStatus":{"code":200},"requestReceivedTimestamp":"2026-01-01T00:00:03.000000Z"}
{"stage":"ResponseComplete","verb":"deletecollection","userAgent":"ctl","user":{"username":"other"},"objectRef":{"resource":"pods","namespace":"a"},"responseStatus":{"code":200},"requestReceivedTimestamp":"2026-01-01T00:00:04.000000Z"}
{"stage":"RequestReceived","verb":"create","user":{"username":"op"},"objectRef":{"resource":"pods"}}
{"stage":"ResponseComplete","verb":"get","user":{"username":"op"},"objectRef":{"resource":"pods"},"responseStatus":{"code":200}}
{"stage":"ResponseComplete","verb":"cre`

func count(t *testing.T, filter Filter, byObject bool) []Row {
	t.Helper()
	path := filepath.Join(t.TempDir(), "audit.jsonl")
	if err := os.WriteFile(path, []byte(sample), 0o600); err != nil {
		t.Fatal(err)
	}
	rows, err := Count(filter, byObject, path, path)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestCountByAgent(t *testing.T) {
	want := []Row{
		{Key{User: "op", UserAgent: "op/1", Verb: "create", Resource: "pods", Code: "2xx"}, 2},
		{Key{User: "op", UserAgent: "op/1", Verb: "create", Resource: "pods", Code: "4xx"}, 2},
		{Key{User: "op", UserAgent: "op/1", Verb: "patch (dry run)", Resource: "pods/status", Code: "2xx"}, 2},
		{Key{User: "op", UserAgent: "op/1", Verb: "update", Resource: "leases.coordination.k8s.io", Code: "2xx"}, 2},
	}
	if got := count(t, Filter{User: "op"}, false); !reflect.DeepEqual(got, want) {
		t.Errorf("have %+v\nwant %+v", got, want)
	}
}

func TestCountByObject(t *testing.T) {
	want := []Row{
		{Key{Namespace: "a", Resource: "leases.coordination.k8s.io", Name: "l"}, 2},
		{Key{Namespace: "a", Resource: "pods", Name: "(collection)"}, 2},
		{Key{Namespace: "a", Resource: "pods", Name: "(generated)"}, 2},
		{Key{Namespace: "a", Resource: "pods/status", Name: "x"}, 2},
	}
	since := time.Date(2026, 1, 1, 0, 0, 1, 0, time.UTC)
	if got := count(t, Filter{Since: since}, true); !reflect.DeepEqual(got, want) {
		t.Errorf("have %+v\nwant %+v", got, want)
	}
}

func TestDamagedLineIsAnError(t *testing.T) {
	path := filepath.Join(t.TempDir(), "audit.jsonl")
	if err := os.WriteFile(path, []byte("{\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if rows, err := Count(Filter{}, false, path); err == nil {
		t.Errorf("counted %v", rows)
	}
}
