//go:build node

package node

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"k8s.io/client-go/tools/clientcmd"

	"cleanroom.dev/lab/internal/images"
	"cleanroom.dev/lab/internal/labtest"
)

// buildPatience is for compilers.
const buildPatience = 8 * time.Minute

// project is one that a builder's tools build.
type project struct {
	name string
	// image of the tools, with PATH and what else they need in their environment.
	image *images.Layer
	env   []string
	// sources are a tar archive.
	sources []byte
	// settings are files in /etc/settings, script the build, in which STORE is where packages are.
	settings map[string]string
	script   string
	// proof must be in the log.
	proof []string
	// ecosystem is that of the dependencies that the record has.
	ecosystem string
}

// Three of the usual tools, each with a project that needs packages of others, in pods that reach one address and port: where
// these are. Maven's is the operator, Go's are the tools, byte for byte those that this machine has built.
func TestRealProjectsAreBuilt(t *testing.T) {
	t.Parallel()
	o := keeps.product(t)
	projects := []project{mavenProject(t), goProject(t), npmProject(t)}
	store := o.serveStore(t, projects)
	busybox, err := images.Pull(o.registry + "/busybox:1")
	must(t, err)
	for _, p := range projects {
		image, err := p.image.On(busybox, p.env...)
		must(t, err)
		_, err = images.Write(image, o.registry+"/builders/"+p.name+":1")
		must(t, err)
		o.sign(t, "builders/"+p.name+":1")
		o.build(t, p, store)
	}
	for _, p := range projects {
		t.Run(p.name, func(t *testing.T) { o.built(t, p) })
	}
}

// The store's other port and the node's registry answer everyone who may ask: TestAnAnnotationContainsABuildOnARealNode.
const environment = `
apiVersion: cleanroom.dev/v1alpha1
kind: BuildEnvironment
metadata: {name: NAME, namespace: TEAM}
spec:
  image: REGISTRY/builders/NAME:1
  command: ["/bin/sh", "-euc"]
  args:
    - |
      nc -w 5 ADDRESS PORT </dev/null
      for other in "API" "NODE 5000"; do
        if nc -w 2 $other </dev/null; then echo "reached $other"; exit 1; fi
      done
      echo "nothing else is reachable"
SCRIPT
  resources: {requests: {cpu: 100m}, limits: {memory: 3Gi}}
  configs: [{name: NAME, mountPath: /etc/settings}]
  prepare:
    - name: checkout
      image: REGISTRY/busybox:1
      command: ["/bin/sh", "-euc"]
      args:
        - |
          set -o pipefail
          printf 'GET /sources/NAME.tar HTTP/1.0\r\n\r\n' | nc ADDRESS PORT |
            { while read -r line && [ ${#line} -gt 1 ]; do :; done; tar -x; }
  egress:
    - {name: store, cidr: ADDRESS/32, ports: [PORT], hostnames: [{name: store.example.com, address: ADDRESS}]}
`

func (o installed) build(t *testing.T, p project, store string) {
	t.Helper()
	config, err := clientcmd.BuildConfigFromFlags("", filepath.Join(o.Dir, "kubeconfig"))
	must(t, err)
	api, err := url.Parse(config.Host)
	must(t, err)
	address, port, err := net.SplitHostPort(store)
	must(t, err)
	replace := strings.NewReplacer("NAME", p.name, "ADDRESS", address, "PORT", port, "NODE", strings.TrimSuffix(o.registry, ":5000"),
		"API", api.Hostname()+" "+api.Port(), "SCRIPT", indent(p.script), "STORE", "store.example.com:"+port)
	files := t.TempDir()
	for name, text := range p.settings {
		must(t, os.WriteFile(filepath.Join(files, name), []byte(replace.Replace(text)), 0o600))
	}
	o.Must(t, "kubectl", "create", "configmap", p.name, "-n", o.team, "--from-file="+files)
	// Twice: what is put in has names too.
	o.apply(t, replace.Replace(replace.Replace(environment)))
}

func indent(script string) string {
	return "      " + strings.ReplaceAll(strings.TrimSpace(script), "\n", "\n      ")
}

func (o installed) built(t *testing.T, p project) {
	log := func() string {
		out, _ := o.Run("kubectl", "logs", "-n", o.team, p.name+"-0-1", "--all-containers")
		return out
	}
	labtest.Await(t, buildPatience, "the end of the build", func() error {
		finished := o.Must(t, "kubectl", "get", "benv", p.name, "-n", o.team, "-o", reason("Finished"))
		if finished == "BuildFailed" {
			t.Fatalf("the build failed:\n%s", log())
		}
		if finished != "Succeeded" {
			return fmt.Errorf("%s:\n%s", finished, log())
		}
		return nil
	})
	said := log()
	for _, proof := range append(p.proof, "nothing else is reachable") {
		if !strings.Contains(said, proof) {
			t.Errorf("no %q in the log:\n%s", proof, said)
		}
	}
	record := o.Must(t, "kubectl", "get", "record", "-n", o.team, "-l", "cleanroom.dev/environment="+p.name, "-o",
		"jsonpath={range .items[*].observed}{.observation.outcome} {.inputs.outcome} {.inputs.unreadFiles} {.dependencies.ecosystems[*].ecosystem}{end}")
	// The operator's tests have a lockfile of npm, and those of the tools have lockfiles of all kinds.
	if !strings.HasPrefix(record, "Complete Complete 0 ") || !slices.Contains(strings.Fields(record), p.ecosystem) {
		t.Errorf("the record: %q", record)
	}
	t.Logf("inputs: %s", o.Must(t, "kubectl", "get", "record", "-n", o.team, "-l", "cleanroom.dev/environment="+p.name, "-o",
		"jsonpath={.items[0].observed.inputs.files} files, {.items[0].observed.inputs.bytes} bytes, {.items[0].observed.inputs.millis} ms, "+
			"{.items[0].observed.dependencies.count} dependencies"))
	took := o.Must(t, "kubectl", "get", "benv", p.name, "-n", o.team, "-o", "jsonpath={.status.lastRun.startTime} to {.status.lastRun.finishTime}")
	t.Logf("built from %s", took)
}

// serveStore serves sources, and the packages that this machine's own tools have fetched, at the host's end of the node's link.
func (o installed) serveStore(t *testing.T, projects []project) (address string) {
	t.Helper()
	config, err := clientcmd.BuildConfigFromFlags("", filepath.Join(o.Dir, "kubeconfig"))
	must(t, err)
	api, err := url.Parse(config.Host)
	must(t, err)
	listener, err := net.Listen("tcp", net.JoinHostPort(api.Hostname(), "0"))
	must(t, err)
	// As Maven has it, whatever $HOME says.
	me, err := user.Current()
	must(t, err)
	store := http.NewServeMux()
	store.Handle("/maven/", http.StripPrefix("/maven", http.FileServer(http.Dir(filepath.Join(me.HomeDir, ".m2/repository")))))
	store.Handle("/go/", http.StripPrefix("/go", http.FileServer(http.Dir(filepath.Join(tell(t, "go", "env", "GOMODCACHE"), "cache/download")))))
	serveNpm(t, store)
	for _, p := range projects {
		store.HandleFunc("/sources/"+p.name+".tar", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(p.sources) })
	}
	server := &http.Server{Handler: store, ReadHeaderTimeout: time.Minute}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	return listener.Addr().String()
}

func mavenProject(t *testing.T) project {
	t.Helper()
	jdk := tell(t, repository+"scripts/find-jdk")
	maven := filepath.Dir(filepath.Dir(program(t, "mvn")))
	image := images.NewLayer()
	image.Folder(jdk, func(path string, _ fs.DirEntry) bool {
		return slices.Contains([]string{"jmods", "lib/src.zip", "legal", "demo", "man", "include"}, strings.TrimPrefix(path, jdk+"/"))
	})
	image.Libraries(filepath.Join(jdk, "bin/java"))
	image.Libraries(filepath.Join(jdk, "lib/server/libjvm.so"))
	image.Folder(maven, func(path string, _ fs.DirEntry) bool { return path == filepath.Join(maven, "man") })
	return project{
		name: "maven", ecosystem: "maven", image: image, env: []string{"PATH=" + jdk + "/bin:" + maven + "/bin:/bin", "JAVA_HOME=" + jdk},
		sources: sources(t, "pom.xml", ".mvn", "crds", "operator"),
		settings: map[string]string{"settings.xml": `<settings><mirrors><mirror>
			<id>store</id><mirrorOf>*</mirrorOf><url>http://STORE/maven</url></mirror></mirrors></settings>`},
		script: `
export MAVEN_OPTS="-Xmx1g -Dmaven.repo.local=/workspace/repository"
mvn -B -ntp -q -s /etc/settings/settings.xml package -Dmaven.test.skip=true
sha256sum operator/target/cleanroom.jar`,
		proof: []string{"  operator/target/cleanroom.jar"},
	}
}

func goProject(t *testing.T) project {
	t.Helper()
	root := tell(t, "go", "env", "GOROOT")
	image := images.NewLayer()
	image.Program(filepath.Join(root, "bin/go"))
	image.Folder(root, func(path string, entry fs.DirEntry) bool {
		return slices.Contains([]string{"api", "bin", "doc", "misc", "src/cmd", "test"}, strings.TrimPrefix(path, root+"/")) ||
			entry.Name() == "testdata" || strings.HasSuffix(path, "_test.go")
	})
	native := "tools/bin/linux-" + tell(t, "go", "env", "GOARCH") + "/cleanroom-tools"
	return project{
		name: "go", ecosystem: "golang", image: image, env: []string{"PATH=" + root + "/bin:/bin"},
		sources: sources(t, "pom.xml", "tools"), settings: map[string]string{"none": ""},
		script: `
export GOPROXY=http://STORE/go
tools/build.sh
sha256sum ` + native,
		proof: []string{sum(t, repository+native)},
	}
}

func npmProject(t *testing.T) project {
	t.Helper()
	node, npm := program(t, "node"), program(t, "npm")
	image := images.NewLayer()
	image.Program(node)
	// With Debian's, npm's own packages are beside it.
	image.Folder(filepath.Dir(filepath.Dir(filepath.Dir(npm))), func(string, fs.DirEntry) bool { return false })
	image.File("/bin/npm", 0o755, fmt.Appendf(nil, "#!/bin/sh\nexec %s %s \"$@\"\n", node, npm))
	return project{
		name: "npm", ecosystem: "npm", image: image, env: []string{"PATH=" + filepath.Dir(node) + ":/bin"},
		sources: archive(t, map[string]string{
			"package.json": `{"name": "shop", "version": "1.0.0", "dependencies": {"greeting": "^1.0.0"}, "scripts": {"test": "node test.js"}}`,
			"package-lock.json": `{"name": "shop", "version": "1.0.0", "lockfileVersion": 3, "packages": {
				"": {"name": "shop", "version": "1.0.0", "dependencies": {"greeting": "^1.0.0"}}, "node_modules/greeting": {"version": "1.0.0"}}}`,
			"test.js": `require("assert").equal(require("greeting")("npm"), "hello, npm"); console.log("the test passed")`,
		}),
		settings: map[string]string{"npmrc": "registry=http://STORE/npm/\nupdate-notifier=false\naudit=false\nfund=false\n"},
		script: `
export npm_config_userconfig=/etc/settings/npmrc
npm install
npm test`,
		proof: []string{"the test passed"},
	}
}

// serveNpm is a registry of one package.
func serveNpm(t *testing.T, store *http.ServeMux) {
	t.Helper()
	var compressed bytes.Buffer
	writer := gzip.NewWriter(&compressed)
	_, err := writer.Write(archive(t, map[string]string{
		"package/package.json": `{"name": "greeting", "version": "1.0.0", "main": "greeting.js"}`,
		"package/greeting.js":  "module.exports = name => `hello, ${name}`\n",
	}))
	must(t, errors.Join(err, writer.Close()))
	digest := sha512.Sum512(compressed.Bytes())
	store.HandleFunc("/npm/greeting", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, `{"name": "greeting", "dist-tags": {"latest": "1.0.0"}, "versions": {"1.0.0": {"name": "greeting", "version": "1.0.0",
			"dist": {"tarball": "http://%s/npm/greeting.tgz", "integrity": "sha512-%s"}}}}`, r.Host, base64.StdEncoding.EncodeToString(digest[:]))
	})
	store.HandleFunc("/npm/greeting.tgz", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(compressed.Bytes()) })
}

// sources are files and folders of the checkout, without what was built in them.
func sources(t *testing.T, paths ...string) []byte {
	t.Helper()
	files := map[string]string{}
	for _, path := range paths {
		must(t, filepath.WalkDir(repository+path, func(at string, entry fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if entry.IsDir() && slices.Contains([]string{"target", "bin"}, entry.Name()) {
				return filepath.SkipDir
			}
			if !entry.Type().IsRegular() {
				return nil
			}
			data, err := os.ReadFile(at)
			files[strings.TrimPrefix(filepath.Clean(at), filepath.Clean(repository)+"/")] = string(data)
			return err
		}))
	}
	return archive(t, files)
}

func archive(t *testing.T, files map[string]string) []byte {
	t.Helper()
	var content bytes.Buffer
	writer := tar.NewWriter(&content)
	for name, data := range files {
		must(t, writer.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: 0o755, Size: int64(len(data))}))
		_, err := writer.Write([]byte(data))
		must(t, err)
	}
	must(t, writer.Close())
	return content.Bytes()
}

func tell(t *testing.T, command ...string) string {
	t.Helper()
	out, err := exec.Command(command[0], command[1:]...).Output()
	must(t, err)
	return strings.TrimSpace(string(out))
}

// program is where it really is.
func program(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	must(t, err)
	path, err = filepath.EvalSymlinks(path)
	must(t, err)
	return path
}

func sum(t *testing.T, file string) string {
	t.Helper()
	return strings.Fields(tell(t, "sha256sum", file))[0]
}
