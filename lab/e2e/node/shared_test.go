//go:build node

package node

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"cleanroom.dev/lab/internal/labtest"
)

// shared is a node for all tests that ask nothing of the node's own life. The first test that needs it starts it, and it ends
// when all tests have. Each test has namespaces of its own in it.
type shared struct {
	flags     []string
	start     sync.Once
	lab       *lab
	install   sync.Once
	installed *installed
}

var (
	keeps        = &shared{flags: []string{"--established", "keep"}}
	cuts         = &shared{flags: []string{"--established", "cut"}}
	enforcesNone = &shared{flags: []string{"--enforce", "off"}}

	atTheEnd struct {
		sync.Mutex
		all []func()
	}
)

func onceAllHaveRun(end func()) {
	atTheEnd.Lock()
	defer atTheEnd.Unlock()
	atTheEnd.all = append(atTheEnd.all, end)
}

// withShared runs the tests, and ends what they shared.
func withShared(run func() int) int {
	code := run()
	for _, end := range slices.Backward(atTheEnd.all) {
		end()
	}
	return code
}

func (s *shared) node(t *testing.T) *lab {
	t.Helper()
	s.start.Do(func() {
		folder, err := os.MkdirTemp("", "shared")
		must(t, err)
		onceAllHaveRun(func() { _ = os.RemoveAll(folder) })
		l := &lab{Lab: labtest.Lab{Dir: filepath.Join(folder, "lab")}, atEnd: onceAllHaveRun}
		l.start(t, s.flags...)
		s.lab = l
	})
	if s.lab == nil {
		t.Fatalf("the shared node %v did not start: the first test that needed it says why", s.flags)
	}
	return s.lab
}

// up is the node with a namespace for the test.
func (s *shared) up(t *testing.T) *lab {
	t.Helper()
	l := *s.node(t)
	l.namespace = strings.ReplaceAll(strings.ToLower(strings.TrimPrefix(t.Name(), "Test")), "/", "-")
	l.makeNamespace(t, l.namespace, nil)
	return &l
}

// product is the node with the product, a namespace for the test and one that is open for its builds.
func (s *shared) product(t *testing.T) installed {
	t.Helper()
	l := s.up(t)
	s.install.Do(func() {
		o := deploy(t, s.lab, "--set", "replicas=0")
		o.startOperator(t)
		s.installed = &o
	})
	if s.installed == nil {
		t.Fatalf("the product is not on the shared node %v: the first test that needed it says why", s.flags)
	}
	o := *s.installed
	o.lab, o.team = l, l.namespace+"-team"
	o.open(t)
	o.showLog(t)
	return o
}

// makeNamespace makes it, with the account that its pods run under. It is deleted when the test ends, where nothing holds it.
func (l *lab) makeNamespace(t testing.TB, name string, labels map[string]string) {
	t.Helper()
	ctx := context.Background()
	namespaces := l.client.CoreV1().Namespaces()
	_, err := namespaces.Create(ctx, &v1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: labels}}, metav1.CreateOptions{})
	must(t, err)
	t.Cleanup(func() { _ = namespaces.Delete(context.Background(), name, metav1.DeleteOptions{}) })
	labtest.Await(t, patience, "the account of "+name, func() error {
		_, err := l.client.CoreV1().ServiceAccounts(name).Get(ctx, "default", metav1.GetOptions{})
		return err
	})
}
