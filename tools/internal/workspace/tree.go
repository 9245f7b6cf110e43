package workspace

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"hash/maphash"
	"iter"
	"slices"
	"strings"
)

// The kinds of entries, as the manifest has them.
const (
	kindFile   = 'f'
	kindFolder = 'd'
	kindLink   = 'l'
	kindFIFO   = 'p'
	kindSocket = 's'
	kindDevice = 'v'
)

// state is what the kernel says of an open file. If two are equal, the file has not changed: nobody can set when it was changed.
type state struct {
	kind              byte
	mode              uint8
	device, inode     uint64
	size              int64
	modified, changed int64
}

var errChanged = errors.New("this changed while it was read")

// seed makes stamps those of this process.
var seed = maphash.MakeSeed()

// stamp stands for a state. The stamps of two states are different.
func (s state) stamp() uint64 { return maphash.Comparable(seed, s) }

// node is one entry. There may be many, so it is small: 72 bytes, and its name.
type node struct {
	parent uint32
	// name is where the name begins in the names of the tree, and length is its length: at most 255 on Linux.
	name   uint32
	length uint8
	kind   byte
	// mode has the three bits for execution, of a regular file only.
	mode uint8
	has  marks
	// first and count say which nodes are in this folder, sorted by name.
	first, count uint32
	// owner is a package's index and one; 0 if there is none.
	owner uint32
	size  int64
	sum   [sha256.Size]byte
	// stamp is that of the state of a file, which can be seen without opening it; 0 if it could not be seen.
	stamp uint64
}

type marks uint8

const (
	// read means that size and sum are those of the whole content, or that all names of a folder are there.
	read marks = 1 << iota
	// native means that the file is a program or library of a processor.
	native
	// fetched means that the entry is in a fetched tree.
	fetched
	// tried means that it was the turn of this file or link to be read.
	tried
)

// tree has all entries of a workspace; the first is the root. A folder comes before what is in it, and what is in it is together.
type tree struct {
	nodes []node
	names []byte
}

func newTree() tree { return tree{nodes: []node{{kind: kindFolder}}} }

func (t *tree) add(parent uint32, name []byte, kind byte) {
	t.nodes = append(t.nodes, node{
		parent: parent, name: uint32(len(t.names)), length: uint8(len(name)), kind: kind, has: t.nodes[parent].has & fetched,
	})
	t.names = append(t.names, name...)
}

// close makes all nodes that were added after the first the content of a folder.
func (t *tree) close(folder uint32, first int) {
	content := t.nodes[first:]
	slices.SortFunc(content, func(a, b node) int { return bytes.Compare(t.bytes(&a), t.bytes(&b)) })
	// The kernel may return a name twice if the folder changes meanwhile.
	content = slices.CompactFunc(content, func(a, b node) bool { return bytes.Equal(t.bytes(&a), t.bytes(&b)) })
	t.nodes = t.nodes[:first+len(content)]
	t.nodes[folder].first, t.nodes[folder].count = uint32(first), uint32(len(content))
}

func (t *tree) bytes(n *node) []byte { return t.names[n.name : n.name+uint32(n.length)] }

func (t *tree) base(i uint32) string { return string(t.bytes(&t.nodes[i])) }

// path is relative to the node from, which is above i.
func (t *tree) relative(from, i uint32) string {
	length := 0
	for at := i; at != from; at = t.nodes[at].parent {
		length += int(t.nodes[at].length) + 1
	}
	if length == 0 {
		return "."
	}
	path := make([]byte, length-1)
	for at, end := i, length-1; at != from; at = t.nodes[at].parent {
		end -= copy(path[end-int(t.nodes[at].length):], t.bytes(&t.nodes[at]))
		if end > 0 {
			end--
			path[end] = '/'
		}
	}
	return string(path)
}

func (t *tree) path(i uint32) string { return t.relative(0, i) }

// depth is how many folders are above a node.
func (t *tree) depth(i uint32) (depth int) {
	for ; i != 0; i = t.nodes[i].parent {
		depth++
	}
	return depth
}

// content are the nodes in a folder.
func (t *tree) content(folder uint32) iter.Seq[uint32] {
	n := t.nodes[folder]
	return func(yield func(uint32) bool) {
		for i := n.first; i < n.first+n.count && yield(i); i++ {
		}
	}
}

// child finds a name in a folder.
func (t *tree) child(folder uint32, name string) (uint32, bool) {
	n := t.nodes[folder]
	at, found := slices.BinarySearchFunc(t.nodes[n.first:n.first+n.count], name, func(a node, name string) int {
		return bytes.Compare(t.bytes(&a), []byte(name))
	})
	return n.first + uint32(at), found
}

// find finds a path beneath a folder. It does not go up: no entry is named "..".
func (t *tree) find(folder uint32, path string) (uint32, bool) {
	for element := range strings.SplitSeq(path, "/") {
		if element == "" || element == "." {
			continue
		}
		next, found := t.child(folder, element)
		if !found {
			return 0, false
		}
		folder = next
	}
	return folder, true
}

// sorted are all nodes but the root: a folder comes directly before what is in it, and this is in the order of its bytes.
func (t *tree) sorted() iter.Seq[uint32] {
	return func(yield func(uint32) bool) {
		// Each level has the next node and the end of one folder.
		levels := [][2]uint32{{t.nodes[0].first, t.nodes[0].first + t.nodes[0].count}}
		for len(levels) > 0 {
			top := &levels[len(levels)-1]
			i := top[0]
			if i == top[1] {
				levels = levels[:len(levels)-1]
				continue
			}
			top[0]++
			if !yield(i) {
				return
			}
			if n := &t.nodes[i]; n.count > 0 {
				levels = append(levels, [2]uint32{n.first, n.first + n.count})
			}
		}
	}
}

// line adds a node to a manifest: its type, its bits for execution, its size, its digest (- if it was not read, nothing for a folder), and
// its path, which ends with NUL.
func (t *tree) line(to hash.Hash, from, i uint32) {
	n := &t.nodes[i]
	sum := "-"
	if n.has&read != 0 {
		if sum = ""; n.kind != kindFolder {
			sum = hex.EncodeToString(n.sum[:])
		}
	}
	fmt.Fprintf(to, "%c %03b %d %s %s\x00", n.kind, n.mode, n.size, sum, t.relative(from, i))
}

// digest is empty if the time is over before it is known.
func (t *tree) digest(ctx context.Context) (sum [sha256.Size]byte) {
	to := sha256.New()
	for i := range t.sorted() {
		if ctx.Err() != nil {
			break
		}
		t.line(to, 0, i)
	}
	if ctx.Err() != nil {
		return sum
	}
	return [sha256.Size]byte(to.Sum(nil))
}

// pairs calls each for every entry of the folders that both trees have: in the folders p and q it is i and j, of which one is 0 if the tree
// does not have it.
func pairs(a, b *tree, each func(p, q, i, j uint32)) {
	open := [][2]uint32{{0, 0}}
	for len(open) > 0 {
		p, q := open[len(open)-1][0], open[len(open)-1][1]
		open = open[:len(open)-1]
		i, j := a.nodes[p].first, b.nodes[q].first
		lastA, lastB := i+a.nodes[p].count, j+b.nodes[q].count
		for i < lastA || j < lastB {
			order := -1
			switch {
			case i == lastA:
				order = 1
			case j < lastB:
				order = bytes.Compare(a.bytes(&a.nodes[i]), b.bytes(&b.nodes[j]))
			}
			switch {
			case order < 0:
				each(p, q, i, 0)
				i++
			case order > 0:
				each(p, q, 0, j)
				j++
			default:
				each(p, q, i, j)
				if a.nodes[i].count > 0 || b.nodes[j].count > 0 {
					open = append(open, [2]uint32{i, j})
				}
				i++
				j++
			}
		}
	}
}

// Changes counts the entries that one reading has and the other has not, or has otherwise. What either of them did not read has changed
// if the other one read it.
func Changes(before, after *Reading) (added, changed, removed int) {
	a, b := &before.tree, &after.tree
	if len(a.nodes) == 0 || len(b.nodes) == 0 {
		return max(len(b.nodes)-1, 0), 0, max(len(a.nodes)-1, 0)
	}
	pairs(a, b, func(_, _, i, j uint32) {
		m, n := &a.nodes[i], &b.nodes[j]
		switch {
		case j == 0:
			removed += a.all(i)
		case i == 0:
			added += b.all(j)
		case m.kind != n.kind || m.mode != n.mode || m.size != n.size || m.sum != n.sum || m.has&read != n.has&read:
			changed++
		}
	})
	return added, changed, removed
}

// beneath are a node and everything in it.
func (t *tree) beneath(i uint32) iter.Seq[uint32] {
	return func(yield func(uint32) bool) {
		for open := []uint32{i}; len(open) > 0; {
			i, open = open[len(open)-1], open[:len(open)-1]
			if !yield(i) {
				return
			}
			if t.nodes[i].kind == kindFolder {
				open = slices.AppendSeq(open, t.content(i))
			}
		}
	}
}

// all counts a node and everything in it.
func (t *tree) all(i uint32) (count int) {
	for range t.beneath(i) {
		count++
	}
	return count
}
