#!/bin/sh
# Writes */packages.txt: which packages the package managers themselves read from the lockfiles beside them, a name and a version a line.
# It is run by hand after a lockfile here was changed. It needs Node.js 20 and npm; it fetches the other package managers into a temporary
# folder, and installs no dependency of the lockfiles.
set -eu
cd "$(dirname "$0")"
from=$PWD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
managers=$work/managers

npm install --prefix "$managers" --ignore-scripts --no-audit --no-fund --silent \
	file-5@npm:@pnpm/lockfile-file@7.0.6 utils-5@npm:@pnpm/lockfile-utils@5.0.7 \
	file-6@npm:@pnpm/lockfile-file@8.1.8 utils-6@npm:@pnpm/lockfile-utils@9.0.6 \
	file-9@npm:@pnpm/lockfile-file@9.1.3 utils-9@npm:@pnpm/lockfile-utils@11.0.4 @pnpm/logger@5.2.0 \
	yarn@1.22.22 yarn-3@npm:@yarnpkg/cli-dist@3.8.7 yarn-4@npm:@yarnpkg/cli-dist@4.18.1

# read_packages FOLDER prints what its package manager reads, in any order.
read_packages() {
	case $1 in
	npm-*)
		# The project itself has no location.
		npm query '*' --package-lock-only --prefix "$PWD" |
			node -e 'for (const p of JSON.parse(require("fs").readFileSync(0))) if (p.location) console.log(p.name, p.version ?? "")'
		;;
	pnpm-*)
		version=${1#pnpm-}
		node -e '
			const [folder, managers, major] = process.argv.slice(1);
			const { readWantedLockfile } = require(`${managers}/node_modules/file-${major}`);
			const { nameVerFromPkgSnapshot } = require(`${managers}/node_modules/utils-${major}`);
			readWantedLockfile(folder, { ignoreIncompatible: false }).then(lockfile => {
				for (const [key, value] of Object.entries(lockfile.packages)) {
					const { name, version } = nameVerFromPkgSnapshot(key, value);
					console.log(name, version ?? "");
				}
				for (const project of Object.values(lockfile.importers))
					for (const group of ["dependencies", "devDependencies", "optionalDependencies"])
						for (const [name, version] of Object.entries(project[group] ?? {}))
							if (version.startsWith("link:")) console.log(name, "");
			});' "$PWD" "$managers" "${version%.*}"
		;;
	yarn-1)
		node "$managers/node_modules/yarn/bin/yarn.js" list --json --offline 2>/dev/null | node -e '
			const print = (trees = []) => trees.forEach(({ name, shadow, children }) => {
				if (!shadow) console.log(name.replace(/@([^@]*)$/, " $1"));
				print(children);
			});
			for (const line of require("fs").readFileSync(0, "utf8").trim().split("\n")) {
				const { type, data } = JSON.parse(line);
				if (type === "tree") print(data.trees);
			}'
		;;
	yarn-*)
		YARN_ENABLE_TELEMETRY=0 YARN_ENABLE_NETWORK=0 node "$managers/node_modules/$1/bin/yarn.js" info --all --recursive --json | node -e '
			for (const line of require("fs").readFileSync(0, "utf8").trim().split("\n")) {
				const { value, children } = JSON.parse(line);
				if (!value.endsWith("@workspace:.")) console.log(value.slice(0, value.indexOf("@", 1)), children.Version);
			}'
		;;
	esac
}

for folder in *-*; do
	copy=$work/$folder
	cp -R "$folder" "$copy"
	(cd "$copy" && read_packages "$folder") >"$copy.read"
	LC_ALL=C sort -u "$copy.read" >"$from/$folder/packages.txt"
	echo "$folder: $(wc -l <"$from/$folder/packages.txt") packages"
done
