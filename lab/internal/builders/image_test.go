package builders

import "testing"

// digests are known to whoever pins an image of the catalog: change none without telling them.
var digests = map[string]string{
	"builders/maven:3.9":       "sha256:2c0281e1a5b3088503efb924846444b26c7f144f38234f7cc15495e5375ebf06",
	"builders/maven:3.10":      "sha256:9dea4e2690b40829ed4aafc42065748d2a979392dde782326f4febdd2510c60e",
	"builders/java:25":         "sha256:a16138d9406a7a4db0e3e83be0c00a7137d2b01b356ca7106e15ce818f3fb293",
	"builders/node:22":         "sha256:9d7877ad5ea4348f1854d63977a487185cd34069f1b243fb81cca0044444b20e",
	"builders/git:2":           "sha256:a339f4997b152887f421d31301a9f7e8e67dbe561aebbdab71feb9b69d3d0fe3",
	"builders/curl-jq:1":       "sha256:7577960466ac6de1af64dcdfd9eda6a62e9c8184867ece55305d2a452620001e",
	"agents/buildkite-agent:3": "sha256:a5b02822b036dfcd7d1d17246c72011338bb2d720015ebe968b7023ded50db52",
	"agents/github-runner:2":   "sha256:64edbf6bf5423499f873e17c12a3f64e4053fa150151fb4da292106679bf20cd",
	"agents/gitlab-runner:17":  "sha256:941954cb80f70be045846226637cd5679b30edcc5f82ab6a9244f3ed16669046",
	"agents/jenkins-inbound:1": "sha256:eb175c69f89bc64dacc0dea9dea544ba80cafc02545e60b741144f18cd6235f8",
	"builders/python:3.14":     "sha256:49d3ea67dc5f039aa4661a3996a3d0b1aa19c8db77f181382593e98d3f6b2a06",
	"cleanroom/tools:1":        "sha256:2f72b2e1b6525d86240a0e66c2996681efc321f4fadc780dce63cde1c2ffa5fb",
	"builders/unsigned:1":      "sha256:788811bfc2ae84963cbffe312d8645270be55cfb1a9696431d000da96a46dbd2",
	"builders/stranger:1":      "sha256:93d397b3480f8f655ab5dde7d24a57b234ffc8593b2a5bb34c659341dd1a031c",
	"builders/legacy:1":        "sha256:707ece11eaee3896179016535662ee0e48e5fe92d7824adc18b9c5c026d1d870",
	"builders/attested:1":      "sha256:ec1c7306bb81aaac7fcb32ead0d04f3ea545d029d85e8ffb9004bbb8e8ebedaf",
}

func TestImagesAreTheSameEverywhere(t *testing.T) {
	for _, builder := range catalog() {
		name := builder.repository + ":" + builder.tag
		made, err := builder.manifest()
		if err != nil {
			t.Fatal(err)
		}
		digest, err := made.Digest()
		if err != nil {
			t.Fatal(err)
		}
		if digest.String() != digests[name] {
			t.Errorf("%s is %s, want %s", name, digest, digests[name])
		}
	}
	if len(digests) != len(catalog()) {
		t.Errorf("%d digests of %d images", len(digests), len(catalog()))
	}
}
