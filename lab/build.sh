#!/bin/sh
# Builds lab/bin/lab; with the argument `kubelet` the real node's lab/bin/kubelet from the module node/, and the product's tools
# image that it starts with, lab/bin/tools-image; with `cosign` lab/bin/cosign-3 and cosign-2 from the modules cosign3/ and
# cosign2/. A binary built from the same sources is taken from the cache outside the checkout.
set -eu
cd "$(dirname "$0")"
name=${1:-lab}
flags=$(cat go-flags)
# A command a line: of a list joined by && only the last one's failure would end this script.
case $name in
lab)
	holds="API server, controller manager, scheduler, kubectl), etcd and Helm in one binary"
	bin=bin
	;;
kubelet)
	holds="kubelet, kube-proxy), CoreDNS, storage with snapshots and an image registry"
	bin=../bin
	./build.sh
	../tools/build.sh
	bin/lab tools-image --programs ../tools/bin --out bin/tools-image
	cd node
	;;
cosign)
	./build.sh cosign-3
	exec ./build.sh cosign-2
	;;
cosign-[23])
	bin=../bin
	cd "cosign${name#cosign-}"
	;;
*)
	echo "usage: $0 [lab|kubelet|cosign]" >&2
	exit 2
	;;
esac

say() { echo "lab: $*" >&2; }
sha256() { if command -v sha256sum >/dev/null; then sha256sum; else shasum -a 256; fi; }

command -v go >/dev/null || { say "Go 1.26 or newer is needed to build the lab, and there is no 'go' on the PATH"; exit 1; }

# What the binary is made of: the sources without tests, the module's sums, this script, the compiler, the platform.
key=$({
	echo "$flags"
	go env GOVERSION GOOS GOARCH
	find . \( -name '*.go' ! -name '*_test.go' -o -name '*.yaml' -o -name go.mod -o -name go.sum -o -name build.sh -o -name '*.toml' -o -name '*.json' -o -name Corefile -o -name node-packages \) \
		! -path './bin/*' ! -path './e2e/*' ! -path './node/*' ! -path './cosign?/*' -type f | LC_ALL=C sort | while read -r file; do
		echo "$file"
		cat "$file"
	done
} | sha256 | cut -c1-24)

if [ -x "$bin/$name" ] && [ "$(cat $bin/$name.key 2>/dev/null || true)" = "$key" ]; then
	say "bin/$name is up to date"
	exit 0
fi

cache=
if [ -n "${XDG_CACHE_HOME:-}${HOME:-}" ]; then
	cache=${XDG_CACHE_HOME:-$HOME/.cache}/cleanroom
	mkdir -p "$cache"
fi

# install FILE as the binary. Renamed into place: a lab that runs keeps its own binary.
install_binary() {
	mkdir -p $bin
	rm -f $bin/$name.new
	ln "$1" $bin/$name.new 2>/dev/null || cp "$1" $bin/$name.new
	mv -f $bin/$name.new $bin/$name
	echo "$key" > $bin/$name.key
}

if [ -n "$cache" ] && [ -x "$cache/$name-$key" ]; then
	touch "$cache/$name-$key"
	install_binary "$cache/$name-$key"
	say "bin/$name taken from $cache (same sources)"
	exit 0
fi

# A compiler that collects less garbage is done a tenth earlier.
export CGO_ENABLED=0 GOGC=400
linked="-s -w"
case $name in
cosign-*)
	cosign=$(go list -mod=readonly -m -f '{{.Version}}' "github.com/sigstore/cosign/v${name#cosign-}")
	say "building bin/$name: $cosign"
	say "a first build fetches about 250 MB of Go modules and compiles for 2 to 4 minutes on 2 cores; later ones take seconds"
	linked="$linked -X sigs.k8s.io/release-utils/version.gitVersion=$cosign"
	;;
*)
	kubernetes=$(go list -mod=readonly -m -f '{{.Version}}' k8s.io/kubernetes)
	minor=$(echo "$kubernetes" | cut -d. -f2)
	version=k8s.io/component-base/version # what servers and kubectl report
	client=k8s.io/client-go/pkg/version    # what user agents carry
	say "building bin/$name: Kubernetes $kubernetes ($holds"
	say "a first build fetches about 300 MB of Go modules and compiles for 6 to 10 minutes on 2 cores; later ones take seconds"
	linked="$linked -X $version.gitVersion=$kubernetes -X $version.gitMajor=1 -X $version.gitMinor=$minor -X $version.gitTreeState=clean -X $client.gitVersion=$kubernetes"
	;;
esac
work=$(mktemp -d)
build=
trap 'rm -rf "$work"; [ -z "$build" ] || kill "$build" 2>/dev/null || true' EXIT
trap 'exit 130' INT TERM

say "fetching modules"
# Only stale packages are compiled, and named by `go build -v`.
go list -mod=readonly $flags -deps -f '{{if .Stale}}{{.ImportPath}}{{end}}' . > "$work/stale"
total=$(grep -c . "$work/stale" || true)
say "compiling $total packages"
started=$(date +%s)
go build -mod=readonly -v $flags -buildvcs=false \
	-ldflags "$linked" -o "$work/$name" . 2> "$work/log" &
build=$!
ticks=0
while kill -0 "$build" 2>/dev/null; do
	sleep 1
	ticks=$((ticks + 1))
	if [ $((ticks % 15)) -eq 0 ]; then
		say "compiled $(grep -c . "$work/log" || true) of $total packages, $(($(date +%s) - started)) s"
	fi
done
if ! wait "$build"; then
	build=
	say "the build failed:"
	# What is no package's name is the compiler's message.
	grep -v '^[a-zA-Z0-9][^ :]*$' "$work/log" >&2 || tail -n 20 "$work/log" >&2
	exit 1
fi
build=

if [ -n "$cache" ]; then
	cp "$work/$name" "$cache/$name-$key.$$"
	mv -f "$cache/$name-$key.$$" "$cache/$name-$key"
	install_binary "$cache/$name-$key"
	# The newest few stay: each is 150 MB.
	ls -t "$cache"/$name-* | tail -n +5 | while read -r old; do rm -f "$old"; done
else
	install_binary "$work/$name"
fi
say "built bin/$name in $(($(date +%s) - started)) s"
