package observe

import (
	"encoding/hex"
	"slices"

	"cleanroom.dev/tools/internal/workspace"
)

type artifactLine struct {
	Artifact string   `json:"artifact"`
	Size     int64    `json:"size"`
	SHA256   string   `json:"sha256,omitempty"`
	Format   string   `json:"format"`
	Entries  int      `json:"entries"`
	Content  string   `json:"content,omitempty"`
	Problems []string `json:"problems,omitempty"`
}

type entryLine struct {
	Entry  string `json:"entry"`
	In     string `json:"in"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256,omitempty"`
	Mode   string `json:"mode,omitempty"`
	Type   string `json:"type"`
}

type artifactsLine struct {
	Artifacts string `json:"artifacts"`
	Reason    string `json:"reason,omitempty"`
	Count     int    `json:"count"`
	Entries   int    `json:"entries"`
}

type reportLine struct {
	Report  string `json:"report"`
	SHA256  string `json:"sha256,omitempty"`
	Tool    string `json:"tool,omitempty"`
	Version string `json:"version,omitempty"`
	Results int    `json:"results"`
	Problem string `json:"problem,omitempty"`
}

type resultLine struct {
	Result      string `json:"result"`
	In          string `json:"in"`
	Tool        string `json:"tool"`
	Fingerprint string `json:"fingerprint"`
	Level       string `json:"level"`
	Severity    string `json:"severity,omitempty"`
	Count       int    `json:"count"`
}

type reportsLine struct {
	Reports string `json:"reports"`
	Reason  string `json:"reason,omitempty"`
	Count   int    `json:"count"`
	Results int    `json:"results"`
}

// writeDeclared writes artifacts, and then reports, if there are patterns for them. What is about each of them is before its details, so that
// the details are left out first.
func (o *outputs) writeDeclared(d workspace.Declared) {
	if len(o.artifacts) > 0 {
		lines, count := artifactLines(d.Artifacts)
		reason := o.fill(lines, d.ArtifactsReason, maxArtifacts)
		if reason == "" && named(d.Artifacts) < count {
			reason = workspace.TooManyItems
		}
		_ = o.log.line(artifactsLine{completeness(reason), reason, len(d.Artifacts), count})
	}
	if len(o.reports) > 0 {
		lines, count := reportLines(d.Reports)
		reason := o.fill(lines, d.ReportsReason, maxReports)
		if reason == "" && slices.ContainsFunc(d.Reports, func(r workspace.Report) bool { return r.Omitted > 0 }) {
			reason = workspace.TooManyItems
		}
		_ = o.log.line(reportsLine{completeness(reason), reason, len(d.Reports), count})
	}
}

// fill writes the lines that fit, and returns why some are missing.
func (o *outputs) fill(lines []any, reason string, limit int) string {
	fit := fitting(lines, o.room(limit))
	_ = o.all(lines[:fit])
	if reason == "" && fit < len(lines) {
		reason = workspace.TooManyItems
	}
	return reason
}

func completeness(reason string) string {
	if reason == "" {
		return "Complete"
	}
	return "Partial"
}

func artifactLines(all []workspace.Artifact) (lines []any, entries int) {
	for _, each := range all {
		entries += each.Count
		lines = append(lines, artifactLine{path(each.Path), each.Size, digest(each.SHA256), each.Format, each.Count, each.Content, each.Problems})
	}
	for _, artifact := range all {
		for _, each := range artifact.Entries {
			in, kind := artifact.Path, "file"
			if each.In != "" {
				in += "!" + each.In
			}
			if each.Link {
				kind = "link"
			}
			lines = append(lines, entryLine{path(each.Path), path(in), each.Size, each.SHA256, each.Mode, kind})
		}
	}
	return lines, entries
}

// named counts the entries that are kept.
func named(all []workspace.Artifact) (count int) {
	for _, each := range all {
		count += len(each.Entries)
	}
	return count
}

func reportLines(all []workspace.Report) (lines []any, results int) {
	for _, each := range all {
		results += each.Total
		lines = append(lines, reportLine{path(each.Path), digest(each.SHA256), text(each.Tool), text(each.Version), each.Total, each.Problem})
	}
	for _, report := range all {
		for _, each := range report.Results {
			lines = append(lines, resultLine{text(each.Rule), path(report.Path), text(each.Tool), each.Fingerprint, each.Level, each.Severity, each.Count})
		}
	}
	return lines, results
}

func digest(sum *[32]byte) string {
	if sum == nil {
		return ""
	}
	return hex.EncodeToString(sum[:])
}
