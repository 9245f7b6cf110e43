package workspace

import "context"

// Differences are how a workspace differs from an earlier reading.
type Differences struct {
	// Inputs are entries of the earlier reading that are others now or are gone, at most MaxDifferences: build files and lockfiles first, and
	// then each folder before what is in it.
	Inputs []Difference
	// Added, Changed and Removed count all entries. What was not compared is not counted.
	Added, Changed, Removed int
	// Reason says why something was not compared, or is not in Inputs. It is empty if everything was.
	Reason string
}

// Difference is an entry that is another now, or is gone.
type Difference struct {
	Path    string
	Removed bool
}

// Entries is a reading that has only what Compare and Changes need.
func (r *Reading) Entries() *Reading { return &Reading{tree: r.tree} }

// Compare reads the workspace again until it has read all or the context ends. It asks nobody for files. A file that cannot be read now, or
// could not be read before, has changed if its size, one of its times or its inode has.
func Compare(ctx context.Context, root string, before *Reading) Differences {
	return before.differences(Read(ctx, Settings{Root: root, entries: true}))
}

// What happened to an entry.
const (
	changed = 1 + iota
	removed
)

func (r *Reading) differences(now *Reading) Differences {
	a, b := &r.tree, &now.tree
	d := Differences{Reason: now.Reason}
	happened, hidden := make([]byte, len(a.nodes)), false
	pairs(a, b, func(p, q, i, j uint32) {
		switch {
		case i == 0:
			if a.known(p) {
				d.Added += b.all(j)
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
