package workspace

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"cleanroom.dev/tools/internal/lockfile"
	"cleanroom.dev/tools/internal/strictjson"
)

// TestMain runs this program as the process that parses a lockfile, whose formats are what these tests need.
func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == "parse" {
		parse = hostile
		if err := ParseChild(os.Args[2], os.Stdin, os.Stdout); err != nil {
			os.Exit(ExitCode(err))
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

var self = Child{[]string{os.Args[0], "parse"}}

// hostile stands for a parser that a lockfile has under its control.
func hostile(format string, data []byte) ([]lockfile.Dependency, error) {
	line := lockfile.Dependency{Ecosystem: "npm", Name: "a", Version: fmt.Sprint(len(data))}
	switch format {
	case "honest":
		return []lockfile.Dependency{line}, nil
	case "json":
		all := map[lockfile.Dependency]struct{}{}
		err := strictjson.Read(data, func(r *strictjson.Reader) error {
			return r.Fields(func(string) error {
				return r.Map(func(key string) error {
					if len(all) < lockfile.MaxDependencies {
						all[lockfile.Dependency{Ecosystem: "npm", Name: key}] = struct{}{}
					}
					return r.Skip()
				})
			})
		})
		return slices.SortedFunc(maps.Keys(all), func(a, b lockfile.Dependency) int { return strings.Compare(a.Name, b.Name) }), err
	case "error":
		return nil, errors.New("no")
	case "memory":
		var kept [][]byte
		for range 1 << 10 {
			kept = append(kept, bytes.Repeat([]byte{1}, 1<<20))
		}
		return nil, fmt.Errorf("%d MiB", len(kept))
	case "time":
		for {
			time.Sleep(time.Second)
		}
	case "stack":
		return nil, fmt.Errorf("%d", deep(1<<30))
	case "many":
		return make([]lockfile.Dependency, lockfile.MaxDependencies+1), nil
	case "line":
		line.Name = strings.Repeat("a", childLine)
		return []lockfile.Dependency{line}, nil
	case "output":
		line.Name = strings.Repeat("a", childLine/2)
		return slicesRepeat(line, childOutput/(childLine/2)), nil
	}
	return nil, errors.New("unknown")
}

func slicesRepeat(line lockfile.Dependency, count int) []lockfile.Dependency {
	all := make([]lockfile.Dependency, count)
	for i := range all {
		all[i] = line
	}
	return all
}

func deep(n int) int {
	if n == 0 {
		return 0
	}
	return deep(n-1) + 1
}

func TestALockfileIsParsedInAProcess(t *testing.T) {
	got, err := self.Parse(t.Context(), "honest", strings.NewReader("12345"))
	if err != nil || len(got) != 1 || got[0] != (lockfile.Dependency{Ecosystem: "npm", Name: "a", Version: "5"}) {
		t.Errorf("%v, %v", got, err)
	}
}

func TestAProcessThatMisbehavesIsAnError(t *testing.T) {
	for format, why := range map[string]string{
		"error": "exit status 1", "memory": "exit status 2", "stack": "exit status 2",
		"many": errOutput.Error(), "line": "token too long", "output": errOutput.Error(),
	} {
		t.Run(format, func(t *testing.T) {
			got, err := self.Parse(t.Context(), format, strings.NewReader(""))
			if err == nil || !strings.Contains(err.Error(), why) || got != nil {
				t.Errorf("%d, %v", len(got), err)
			}
		})
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if got, err := self.Parse(ctx, "time", strings.NewReader("")); err == nil || !strings.Contains(err.Error(), "killed") {
		t.Errorf("%v, %v", got, err)
	}
	if got, err := (Child{[]string{"/missing"}}).Parse(t.Context(), "honest", strings.NewReader("")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%v, %v", got, err)
	}
}

// The memory is enough for the longest lockfile.
func TestTheLongestLockfileIsParsed(t *testing.T) {
	var text bytes.Buffer
	text.WriteString(`{"packages":{`)
	for i := 0; text.Len() < lockfile.MaxJSON-1000; i++ {
		fmt.Fprintf(&text, `"node_modules/package-%d":{"version":"1.0.0","resolved":"https://registry.example.com/p/-/p-1.0.0.tgz"},`, i)
	}
	got, err := self.Parse(t.Context(), "json", io.MultiReader(bytes.NewReader(text.Bytes()[:text.Len()-1]), strings.NewReader("}}")))
	if err != nil || len(got) != lockfile.MaxDependencies {
		t.Errorf("%d, %v", len(got), err)
	}
}
