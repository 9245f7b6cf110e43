package workspace

import (
	"path"
	"slices"
	"strings"
)

// known are the names of files that control a build, or the programs that people and pipelines run in the workspace.
var known = set(
	// npm, yarn, pnpm.
	"package.json", ".npmrc", ".yarnrc", ".yarnrc.yml", ".pnpmfile.cjs", "pnpm-workspace.yaml", "binding.gyp",
	// Maven, Gradle.
	"pom.xml", "settings.xml", "build.gradle", "build.gradle.kts", "settings.gradle", "settings.gradle.kts", "gradle.properties",
	"init.gradle", "init.gradle.kts", "verification-metadata.xml", "gradlew", "gradlew.bat", "mvnw", "mvnw.cmd",
	// Python.
	"setup.py", "setup.cfg", "pyproject.toml", "pip.conf", "conftest.py", "sitecustomize.py", "usercustomize.py", "tox.ini", "noxfile.py",
	// Go, Rust.
	"go.mod", "go.work", "build.rs", "Cargo.toml",
	// Make, CMake, autotools.
	"Makefile", "makefile", "GNUmakefile", "Makefile.am", "Makefile.in", "CMakeLists.txt", "CMakePresets.json", "configure", "configure.ac",
	"configure.in", "autogen.sh", "meson.build", "BUILD", "BUILD.bazel", "WORKSPACE", "MODULE.bazel", ".bazelrc", "Justfile", "justfile",
	"Taskfile.yml", "Rakefile", "Gemfile",
	// Images and pipelines.
	"Dockerfile", "Containerfile", "docker-compose.yml", "compose.yaml", "Jenkinsfile", ".gitlab-ci.yml", ".travis.yml",
	"azure-pipelines.yml", "bitbucket-pipelines.yml", ".drone.yml", ".pre-commit-config.yaml", ".envrc",
	// Git.
	".git", ".gitmodules", ".gitattributes",
	// Editors and agents.
	".mcp.json", "AGENTS.md", ".cursorrules",
)

// extensions are those of such files.
var extensions = set(".sh", ".m4", ".cmake", ".mk", ".gradle", ".bazel", ".bzl")

// folders are those in which each file is such a file.
var folders = set(".mvn", ".cargo", "buildSrc", ".circleci", ".buildkite", ".woodpecker", ".husky", ".claude", ".vscode", ".cursor", ".devcontainer")

// within are the folders, by name, in which these files and folders are such.
var within = map[string][]string{
	".git":    {"config", "config.worktree", "hooks", "info"},
	".github": {"workflows", "actions"},
	"gradle":  {"wrapper"},
	".idea":   {"runConfigurations", "workspace.xml"},
	".yarn":   {"releases", "plugins"},
}

// trees are the folders into which packages are fetched.
var trees = set("node_modules", "vendor", "site-packages", "dist-packages")

func set(names ...string) map[string]bool {
	to := make(map[string]bool, len(names))
	for _, each := range names {
		to[each] = true
	}
	return to
}

// controls reports whether a file controls a build, or is a lockfile.
func controls(file string) bool {
	elements := strings.Split(file, "/")
	base := elements[len(elements)-1]
	if known[base] || extensions[path.Ext(base)] || strings.HasPrefix(base, "Dockerfile.") || formatOf(file) != "" {
		return true
	}
	for i, each := range elements[:len(elements)-1] {
		// Git brings samples of hooks, and never runs them.
		if folders[each] || slices.Contains(within[each], elements[i+1]) && !(each == ".git" && strings.HasSuffix(base, ".sample")) {
			return true
		}
	}
	return false
}

// leads reports whether what is beneath a folder of this name would be read in another way than other files. So a link in its place hides
// something.
func leads(name string) bool { return folders[name] || within[name] != nil || trees[name] }

// binaries are the extensions of such files that are no text.
var binaries = set(".jar", ".class")
