#!/bin/sh
# Builds the tools for the platforms of their image, tools/bin/linux-ARCH/cleanroom-tools, with the launcher of build steps beside
# them, cleanroom-launcher, and puts this machine's as lab/bin/cleanroom-tools beside the lab's programs. Static, and the same bytes wherever one toolchain builds them; `check`
# builds a second time in another folder and compares.
set -eu
cd "$(dirname "$0")"

say() { echo "tools: $*" >&2; }
command -v go >/dev/null || { say "Go 1.26 or newer is needed to build the tools, and there is no 'go' on the PATH"; exit 1; }

version=$(sed -n 's/.*<version>\(.*\)<\/version>.*/\1/p' ../pom.xml | head -n 1)
# All that a person's environment could change in the bytes.
export CGO_ENABLED=0 GOFLAGS=-mod=readonly GOEXPERIMENT= GOAMD64=v1 GOARM64=v8.0 GOTOOLCHAIN=local

# build ARCH FOLDER
build() {
	for program in tools:. launcher:./launcher; do
		GOOS=linux GOARCH=$1 go build -trimpath -buildvcs=false -ldflags "-s -w -buildid= -X main.version=$version" \
			-o "$2/cleanroom-${program%:*}" "${program#*:}"
	done
}

case ${1:-} in
"")
	for arch in amd64 arm64; do
		build $arch bin/linux-$arch
		for program in tools launcher; do
			say "tools/bin/linux-$arch/cleanroom-$program: $(wc -c < bin/linux-$arch/cleanroom-$program) bytes"
		done
	done
	native=bin/linux-$(go env GOHOSTARCH)/cleanroom-tools
	[ -f "$native" ] || exit 0
	mkdir -p ../lab/bin
	# Renamed into place: whoever runs the old one keeps it.
	cp "$native" ../lab/bin/cleanroom-tools.new
	mv -f ../lab/bin/cleanroom-tools.new ../lab/bin/cleanroom-tools
	;;
check)
	copy=$(mktemp -d)
	trap 'rm -rf "$copy"' EXIT
	cp -R go.mod go.sum ./*.go internal launcher "$copy"
	for arch in amd64 arm64; do
		(cd "$copy" && build $arch "again-$arch")
		for program in tools launcher; do
			cmp "bin/linux-$arch/cleanroom-$program" "$copy/again-$arch/cleanroom-$program"
		done
	done
	say "built twice, the same bytes"
	;;
*) echo "usage: $0 [check]" >&2; exit 2 ;;
esac
