// Package builders fills a registry with small images and signs them as cosign does, with a key that is not kept. To a verifier,
// they look like a team's builders and agents. They contain no program, so no node can run them.
package builders

// builder is one image.
type builder struct {
	repository, tag string
	platforms       []string // as "linux/amd64"; more than one makes an image index
	endorse         []endorsement
}

// catalog is everything that a registry has at its start. Tests contain the digests, so they change together.
func catalog() []builder {
	amd64 := []string{"linux/amd64"}
	both := []string{"linux/amd64", "linux/arm64"}
	signed := []endorsement{signature}
	return []builder{
		{"builders/maven", "3.9", amd64, signed},
		{"builders/maven", "3.10", amd64, signed},
		{"builders/java", "25", amd64, signed},
		{"builders/node", "22", amd64, signed},
		{"builders/git", "2", amd64, signed},
		{"builders/curl-jq", "1", amd64, signed},
		{"agents/buildkite-agent", "3", amd64, signed},
		{"agents/github-runner", "2", amd64, signed},
		{"agents/gitlab-runner", "17", amd64, signed},
		{"agents/jenkins-inbound", "1", amd64, signed},
		{"builders/python", "3.14", both, signed},
		// Used instead of Cleanroom's tools image, because simulated nodes run nothing.
		{"cleanroom/tools", "1", amd64, signed},

		{"builders/unsigned", "1", amd64, nil},
		{"builders/stranger", "1", amd64, []endorsement{strangersSignature}},
		{"builders/legacy", "1", amd64, []endorsement{legacySignature}},
		{"builders/attested", "1", amd64, []endorsement{signature, provenance, billOfMaterials}},
	}
}
