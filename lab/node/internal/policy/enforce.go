package policy

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
)

// Run enforces the API server's network policies as they change. It answers at the health address once the first rules are enforced,
// and returns when rules cannot be enforced: a lab that silently did not enforce its policies would prove nothing.
func Run(args []string) error {
	flags := flag.NewFlagSet("network-policies", flag.ExitOnError)
	kubeconfig := flags.String("kubeconfig", "", "")
	health := flags.String("health-address", "", "host and port")
	established := flags.String("established", "keep", "keep or cut established connections when policies change")
	lag := flags.Duration("policy-lag", 0, "how long a pod's traffic passes after its address is known, and its labels count after they have changed")
	_ = flags.Parse(args)

	config, err := clientcmd.BuildConfigFromFlags("", *kubeconfig)
	if err != nil {
		return err
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	e := &enforcer{keepEstablished: *established == "keep", arrivals: arrivals{lag: *lag}}
	changed, err := e.watch(client)
	if err != nil {
		return err
	}
	failed := make(chan error, 1)
	for first := true; ; first = false {
		settled, err := e.enforce(time.Now())
		if err != nil {
			return err
		}
		if first {
			go func() {
				server := &http.Server{Addr: *health, ReadHeaderTimeout: 10 * time.Second}
				server.Handler = http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
				failed <- server.ListenAndServe()
			}()
		}
		var next <-chan time.Time
		if settled > 0 {
			next = time.After(settled)
		}
		select {
		case <-changed:
		case <-next:
		case err := <-failed:
			return err
		}
	}
}

type enforcer struct {
	keepEstablished bool
	arrivals        arrivals
	read            func() (State, error)
	inForce         string
}

// watch returns a channel that is signalled after changes; several changes may give one signal.
func (e *enforcer) watch(client kubernetes.Interface) (<-chan struct{}, error) {
	changed := make(chan struct{}, 1)
	signal := func() {
		select {
		case changed <- struct{}{}:
		default:
		}
	}
	handler := cache.ResourceEventHandlerFuncs{
		AddFunc: func(any) { signal() }, UpdateFunc: func(any, any) { signal() }, DeleteFunc: func(any) { signal() },
	}
	factory := informers.NewSharedInformerFactory(client, 0)
	pods, namespaces := factory.Core().V1().Pods(), factory.Core().V1().Namespaces()
	policies := factory.Networking().V1().NetworkPolicies()
	for _, informer := range []cache.SharedIndexInformer{pods.Informer(), namespaces.Informer(), policies.Informer()} {
		if _, err := informer.AddEventHandler(handler); err != nil {
			return nil, err
		}
	}
	e.read = func() (state State, err error) {
		if state.Pods, err = pods.Lister().List(labels.Everything()); err != nil {
			return state, err
		}
		if state.Namespaces, err = namespaces.Lister().List(labels.Everything()); err != nil {
			return state, err
		}
		state.Policies, err = policies.Lister().List(labels.Everything())
		return state, err
	}
	factory.Start(context.Background().Done())
	for kind, synced := range factory.WaitForCacheSync(context.Background().Done()) {
		if !synced {
			return nil, fmt.Errorf("cannot watch %s", kind)
		}
	}
	return changed, nil
}

// enforce installs the current rules, and returns after which time they change by themselves (0 for never).
func (e *enforcer) enforce(now time.Time) (time.Duration, error) {
	state, err := e.read()
	if err != nil {
		return 0, err
	}
	var next time.Duration
	state.Pods, next = e.arrivals.settled(state.Pods, now)
	rules := Ruleset(state, e.keepEstablished)
	if rules == e.inForce {
		return next, nil
	}
	command := exec.Command("nft", "-f", "-")
	command.Stdin = strings.NewReader(rules)
	if output, err := command.CombinedOutput(); err != nil {
		fmt.Fprint(os.Stderr, rules)
		return 0, fmt.Errorf("nft: %w: %s", err, output)
	}
	e.inForce = rules
	return next, nil
}
