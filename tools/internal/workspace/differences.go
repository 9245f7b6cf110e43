package workspace

import "context"

// Differences are how a workspace differs from an earlier reading.
type Differences struct {
	// Inputs are entries of the earlier reading that are others now or are gone, at most MaxDifferences: build files and lockfiles first, and
	// then each folder before what is in it.
	Inputs []Difference
	// New are entries that the earlier reading did not have, at most MaxNew, but for folders that have something in them: build files and
	// lockfiles first, then what can be executed and native files, and then the others, each in the order of their paths.
	New []New
	// Added, Changed and Removed count all entries. What was not compared is not counted.
	Added, Changed, Removed int
	// Reason says why something was not compared, or is not in Inputs. It is empty if everything was.
	Reason string
	// Now is what was read.
	Now *Reading
}

// New is an entry that was not there before.
type New struct {
	Path string
	Size int64
	// Type is file, folder, link or other.
	Type               string
	Executable, Native bool
}

// Difference is an entry that is another now, or is gone.
type Difference struct {
	Path    string
	Removed bool
}

// Entries is a reading that has only what Compare and Changes need.
func (r *Reading) Entries() *Reading { return &Reading{tree: r.tree} }

// Compare reads the workspace again until it has read all or the context ends. It asks nobody for files. A file that cannot be read now, or
// could not be read before, has changed if its size, one of its times or its inode has. Without an earlier reading, it only reads.
func Compare(ctx context.Context, root string, before *Reading) Differences {
	now := Read(ctx, Settings{Root: root, entries: true})
	if before == nil {
		return Differences{Reason: now.Reason, Now: now}
	}
	return before.differences(now)
}

// What happened to an entry.
const (
	changed = 1 + iota
	removed
)

func (r *Reading) differences(now *Reading) Differences {
	a, b := &r.tree, &now.tree
	d := Differences{Reason: now.Reason, Now: now}
	happened, added, hidden := make([]byte, len(a.nodes)), make([]bool, len(b.nodes)), false
	pairs(a, b, func(p, q, i, j uint32) {
		switch {
		case i == 0:
			if a.known(p) {
				for each := range b.beneath(j) {
					added[each] = true
					d.Added++
				}
			}
		case j == 0:
			if b.known(q) {
				for each := range a.beneath(i) {
					happened[each] = removed
					d.Removed++
				}
			}
		case a.nodes[i].differs(&b.nodes[j]):
			happened[i] = changed
			d.Changed++
		default:
			hidden = hidden || a.known(i) && !b.known(j)
		}
	})
	for _, first := range []bool{true, false} {
		for i := range a.sorted() {
			if len(d.Inputs) < MaxDifferences && happened[i] != 0 && a.controls(i) == first {
				d.Inputs = append(d.Inputs, Difference{a.path(i), happened[i] == removed})
			}
		}
	}
	d.New = b.new(added)
	switch {
	case d.Reason != "":
	case hidden || !b.known(0):
		d.Reason = Unreadable
	case len(d.Inputs) < d.Changed+d.Removed:
		d.Reason = TooManyItems
	}
	return d
}

// known reports whether all names in a folder are there. What is no folder has none.
func (t *tree) known(i uint32) bool { return t.nodes[i].kind != kindFolder || t.nodes[i].has&read != 0 }

// differs reports whether an entry is another now. It does not if it was not the entry's turn.
func (n *node) differs(now *node) bool {
	switch {
	case n.kind != now.kind:
		return true
	case now.has&tried == 0:
		return false
	case n.has&now.has&read != 0:
		return n.mode != now.mode || n.size != now.size || n.sum != now.sum
	default:
		return n.stamp != now.stamp
	}
}

// new returns the entries that were added.
func (t *tree) new(added []bool) (all []New) {
	for rank := range 3 {
		for i := range t.sorted() {
			n := &t.nodes[i]
			if !added[i] || n.kind == kindFolder && n.count > 0 || t.rank(i) != rank {
				continue
			}
			if len(all) == MaxNew {
				return all
			}
			all = append(all, New{Path: t.path(i), Size: n.size, Type: n.typeName(), Executable: n.mode != 0, Native: n.has&native != 0})
		}
	}
	return all
}

// rank is in which order new entries are named.
func (t *tree) rank(i uint32) int {
	switch n := &t.nodes[i]; {
	case t.controls(i):
		return 0
	case n.mode != 0 || n.has&native != 0:
		return 1
	default:
		return 2
	}
}

func (n *node) typeName() string {
	switch n.kind {
	case kindFile:
		return "file"
	case kindFolder:
		return "folder"
	case kindLink:
		return "link"
	default:
		return "other"
	}
}
