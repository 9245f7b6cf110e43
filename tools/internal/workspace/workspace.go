// Package workspace reads the workspace of a build: which files it has, which of them control the build, which dependencies its
// lockfiles name, and which packages were fetched into it. All that it reads is hostile.
//
// A reading takes these steps:
//  1. The names, folder by folder, those nearest to the root first; fetched trees (node_modules, vendor, site-packages) after all others.
//  2. The content of build files and lockfiles, then of all other files, then of fetched trees.
//  3. The packages of the fetched trees.
//
// So a huge tree hides no build file. A limit that ends a step is the reading's reason; the steps after it still read what is left to them.
package workspace

import (
	"context"
	"io"
	"os"

	"cleanroom.dev/tools/internal/lockfile"
)

// Reasons why a reading is not complete. The first that happens is kept.
const (
	TooManyFiles = "TooManyFiles"
	TooManyBytes = "TooManyBytes"
	TooSlow      = "TooSlow"
	TooManyItems = "TooManyItems"
	// RootUnreadable means that nothing was read: the workspace itself could not be.
	RootUnreadable = "Unreadable"
)

// Reasons why one file or folder was not read, or not parsed.
const (
	Unreadable = "Unreadable"
	Vanished   = "Vanished"
	Changed    = "Changed"
	NotUTF8    = "NotUTF8"
	Unparsable = "Unparsable"
	TooLong    = "TooLong"
)

// Settings are what a reading needs. All but Root may be missing.
type Settings struct {
	// Root is the folder of the workspace.
	Root string
	// Open returns a file that only the build's user may read. The path is relative to the root, with its bytes as they are. What is
	// returned must be the same regular file that the path names, otherwise the file is Unreadable. The reading closes it, and never
	// uses its offset, which the other side may share.
	Open func(path string) (*os.File, error)
	// Parse returns the dependencies that a lockfile names; an error makes it Unparsable. It need not read the content to its end. Child
	// has one that is safe. If it is missing, lockfiles are not parsed.
	Parse func(ctx context.Context, format string, content io.Reader) ([]lockfile.Dependency, error)

	// entries means that only entries are wanted: nothing is listed, so there cannot be too many items.
	entries bool
}

// Reading is what was found. Paths are relative to the root, with their bytes as they are in the file system: escape and shorten them before
// you show them.
type Reading struct {
	// Files are build files and lockfiles, sorted by path, at most MaxFiles, of which MaxLockfiles are lockfiles.
	Files []File
	// Dependencies are sorted and distinct, at most MaxDependencies.
	Dependencies []Dependency
	// Packages are those of fetched trees, sorted by path, at most MaxPackages.
	Packages []Package
	// Unread is what was to be read or parsed and was not, sorted by path, at most MaxUnread. UnreadCount counts the others, too.
	Unread      []Unread
	UnreadCount int
	// FileCount and Bytes count regular files that were read whole, and all bytes that were read.
	FileCount int
	Bytes     int64
	// Reason says why something is missing. It is empty if the reading is complete, but for what Unread names.
	Reason string
	// Digest is the SHA-256 digest of the sorted manifest of all entries. It is empty if the context ended before it was known.
	Digest [32]byte

	tree tree
}

// File is one that controls a build, by its name, and was read whole.
type File struct {
	Path   string
	Size   int64
	SHA256 [32]byte
	// Lockfile is its format, if it is one, and Dependencies how many it names. Both are empty if it was not parsed.
	Lockfile     string
	Dependencies int
}

// Dependency is one that a lockfile names, with the path of the first (sorted) that does.
type Dependency struct {
	lockfile.Dependency
	Lockfile string
}

// Package is one that was fetched, or what belongs to no package of a fetched tree: then Path is the tree's and Name is empty.
type Package struct {
	Path string
	// Ecosystem is a type of package URL: npm, golang, cargo, pypi.
	Ecosystem string
	// Name and Version are as the package itself says; where it does not, Name is the name of its folder, and Version is empty.
	Name, Version string
	// SHA256 covers the package's own files, not those of packages nested in it.
	SHA256 [32]byte
	// Hooks are the kinds of code that run when the package is installed or built, sorted: preinstall, install, postinstall, prepare,
	// binding.gyp, setup.py, build.rs, *.pth, sitecustomize.py.
	Hooks []string
	// InstallCode covers that code. It is meaningless without Hooks.
	InstallCode [32]byte
	// Native is how many of its files are programs or libraries of a processor: ELF, PE, Mach-O, ar.
	Native int
}

// Unread is a file or a folder that was not read, or not parsed, and why.
type Unread struct{ Path, Reason string }

// Limits of what a reading keeps.
const (
	MaxFiles        = 2_000
	MaxLockfiles    = 500
	MaxUnread       = 200
	MaxDependencies = 50_000
	MaxPackages     = 20_000
	MaxDifferences  = 200
	MaxNew          = 200
)
