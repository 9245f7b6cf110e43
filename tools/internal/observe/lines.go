package observe

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"cleanroom.dev/tools/internal/workspace"
)

const (
	// maxInputs limits all lines of the inputs in bytes. With them the log still has room for all that it says of the network.
	maxInputs = 3 << 20
	// maxLog is how much of the log the operator reads. maxEnd is more than what follows the outputs takes: names, connections, counters, and
	// the ends of artifacts, reports and the log.
	maxLog = 4 << 20
	maxEnd = 900 << 10
	// maxNew, maxArtifacts and maxReports limit the lines of new files, and of artifacts and reports with their details.
	maxNew       = 256 << 10
	maxArtifacts = 384 << 10
	maxReports   = 128 << 10
	// inputsEnd is more than the last line of the inputs takes, which may be written twice.
	inputsEnd = 1 << 10
	// maxPath and maxText limit a path and any other text of a line in bytes.
	maxPath = 512
	maxText = 256
	// textDigest is how many hexadecimal digits of its digest a text keeps that is too long.
	textDigest = 16
)

type fileLine struct {
	File         string `json:"file"`
	Size         int64  `json:"size"`
	SHA256       string `json:"sha256"`
	Lockfile     string `json:"lockfile,omitempty"`
	Dependencies *int   `json:"dependencies,omitempty"`
}

type unreadLine struct {
	Unread string `json:"unread"`
	Reason string `json:"reason"`
}

type dependencyLine struct {
	Dependency  string `json:"dependency"`
	Ecosystem   string `json:"ecosystem"`
	Version     string `json:"version"`
	Source      string `json:"source,omitempty"`
	Integrity   string `json:"integrity,omitempty"`
	InstallCode bool   `json:"installCode,omitempty"`
	Lockfile    string `json:"lockfile"`
}

type packageLine struct {
	Package     string   `json:"package"`
	Ecosystem   string   `json:"ecosystem"`
	Name        string   `json:"name"`
	Version     string   `json:"version"`
	SHA256      string   `json:"sha256"`
	InstallCode string   `json:"installCode,omitempty"`
	Hooks       []string `json:"hooks,omitempty"`
	Native      int      `json:"native,omitempty"`
}

type changeLine struct {
	Change  string `json:"change"`
	Added   int    `json:"added"`
	Changed int    `json:"changed"`
	Removed int    `json:"removed"`
}

type inputsLine struct {
	Inputs       string `json:"inputs"`
	Reason       string `json:"reason,omitempty"`
	SHA256       string `json:"sha256"`
	Files        int    `json:"files"`
	Bytes        int64  `json:"bytes"`
	Dependencies int    `json:"dependencies"`
	Packages     int    `json:"packages"`
	Unread       int    `json:"unread"`
	Millis       int64  `json:"millis"`
}

// linesOf returns the lines of a reading, without their end, and how many of them do not fit and are left out.
func linesOf(r *workspace.Reading, changes []changeLine) (lines []any, left int) {
	for _, each := range r.Files {
		line := fileLine{File: path(each.Path), Size: each.Size, SHA256: hex.EncodeToString(each.SHA256[:]), Lockfile: each.Lockfile}
		if each.Lockfile != "" {
			line.Dependencies = &each.Dependencies
		}
		lines = append(lines, line)
	}
	for _, each := range r.Unread {
		lines = append(lines, unreadLine{path(each.Path), each.Reason})
	}
	for _, each := range r.Dependencies {
		lines = append(lines, dependencyLine{
			text(each.Name), text(each.Ecosystem), text(each.Version), text(each.Source), text(each.Integrity), each.InstallCode, path(each.Lockfile),
		})
	}
	for _, each := range r.Packages {
		line := packageLine{
			Package: path(each.Path), Ecosystem: each.Ecosystem, Name: text(each.Name), Version: text(each.Version),
			SHA256: hex.EncodeToString(each.SHA256[:]), Hooks: each.Hooks, Native: each.Native,
		}
		if len(each.Hooks) > 0 {
			line.InstallCode = hex.EncodeToString(each.InstallCode[:])
		}
		lines = append(lines, line)
	}
	fit := fitting(lines, maxInputs-2*inputsEnd-sizeOf(changes))
	left = len(lines) - fit
	lines = lines[:fit]
	for _, each := range changes {
		lines = append(lines, each)
	}
	return lines, left
}

// fitting returns how many of the lines, from the first, fit into so many bytes.
func fitting(lines []any, room int) int {
	for i, each := range lines {
		line, err := marshal(each)
		room -= len(line)
		if err != nil || len(line) > maxLine || room < 0 {
			return i
		}
	}
	return len(lines)
}

func sizeOf(changes []changeLine) (size int) {
	for _, each := range changes {
		line, _ := marshal(each)
		size += len(line)
	}
	return size
}

func path(raw string) string { return bounded(raw, maxPath) }
func text(raw string) string { return bounded(raw, maxText) }

// bounded returns the text in printable ASCII. One that is too long keeps its beginning, and has the start of its digest.
func bounded(raw string, limit int) string {
	escaped := escape(raw, ' ')
	if len(escaped) <= limit {
		return escaped
	}
	digest := sha256.Sum256([]byte(raw))
	return escaped[:limit-len(cut)-textDigest] + cut + hex.EncodeToString(digest[:])[:textDigest]
}

// escape returns the text in printable ASCII. A backslash, and bytes outside lowest and ~, are escaped as in zone files (RFC 1035, section
// 5.1).
func escape(raw string, lowest byte) string {
	var text strings.Builder
	for _, b := range []byte(raw) {
		switch {
		case b == '\\':
			text.WriteString(`\\`)
		case b >= lowest && b <= '~':
			text.WriteByte(b)
		default:
			text.Write([]byte{'\\', '0' + b/100, '0' + b/10%10, '0' + b%10})
		}
	}
	return text.String()
}
