package dev.cleanroom.operator.trust.registry;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.cleanroom.operator.fuzz.FuzzTarget;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The parsers of what registries say and tenants name them by: a failure has its code, and nothing else is thrown. */
public enum RegistryTarget implements FuzzTarget {
    /** What is read as an image cannot be read as an index, whatever the registry calls it. */
    MANIFEST("""
            {"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","artifactType":"a/b","config":
            {"mediaType":"a/b","digest":"sha256:%1$s","size":2},"layers":[{"mediaType":"a/b","digest":"sha256:%1$s","size":2,
            "annotations":{"a":"b"}}],"subject":{"mediaType":"a/b","digest":"sha256:%1$s","size":2},"annotations":{"a":"b"}}""", """
            {"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[{"mediaType":
            "application/vnd.oci.image.manifest.v1+json","digest":"sha256:%1$s","size":2,"platform":{"os":"linux",
            "architecture":"arm64","variant":"v8"}}]}""") {
        @Override
        public void run(byte[] input) throws Exception {
            try {
                Manifest manifest = ManifestReader.read(input, Digest.of(input), null);
                var json = JSON.readTree(input);
                assertThat(json.has("manifests")).isEqualTo(manifest instanceof Manifest.Index);
                assertThat(manifest.content().bytes()).isEqualTo(input);
                descriptors(manifest).forEach(RegistryTarget::mustBeOne);
            } catch (RegistryException e) {
                assertThat(e.code()).isIn(FailureCode.Malformed, FailureCode.MediaTypeRefused, FailureCode.TooMany);
            }
        }
    },

    REFERRERS("""
            {"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[{"mediaType":
            "application/vnd.oci.image.manifest.v1+json","digest":"sha256:%1$s","size":2,"artifactType":"a/b","annotations":
            {"org.opencontainers.image.created":"2026-01-01T00:00:00Z"}},{"mediaType":1},{}]}""") {
        @Override
        public void run(byte[] input) {
            try {
                Referrers referrers = ManifestReader.referrers(input);
                assertThat(referrers.malformed()).isNotNegative();
                referrers.descriptors().forEach(RegistryTarget::mustBeOne);
            } catch (RegistryException e) {
                assertThat(e.code()).isIn(FailureCode.Malformed, FailureCode.MediaTypeRefused, FailureCode.TooMany);
            }
        }
    },

    /** Written again, it is the same; and no part of it can climb out of where it belongs in a URL. */
    REFERENCE(
            "registry.example.com/team/maven:3.9",
            "registry.example.com:5000/team/maven@sha256:%1$s",
            "localhost/a__b/c-d:x@sha256:%1$s",
            "maven:3.9",
            "index.docker.io:443/me/tool",
            "[2001:db8::1]:5000/a") {
        @Override
        public void run(byte[] input) {
            switch (ImageReference.parse(text(input))) {
                case RegistryAnswer.Found<ImageReference>(ImageReference reference) -> {
                    assertThat(ImageReference.parse(reference.toString()))
                            .isEqualTo(new RegistryAnswer.Found<>(reference));
                    assertThat(reference.toString())
                            .matches("[\\x21-\\x7e]+")
                            .doesNotContain("//", "/.", "?", "#", "%", "\\");
                }
                case RegistryAnswer.Failed<ImageReference> failed ->
                    assertThat(failed.code()).isEqualTo(FailureCode.ReferenceMalformed);
            }
        }
    },

    /** A Secret of a tenant: nothing of it is in what is told, and it is for no host without a name. */
    PULL_SECRET(
            "{\"auths\":{\"registry.example.com\":{\"auth\":\"cm9ib3Q6c2VjcmV0\"}}}",
            "{\"auths\":{\"https://*.example.com/v1/team\":{\"username\":\"robot\",\"password\":\"secret\"}}}",
            "{\"auths\":{\"a b\":{},\"https://u@[fd00::1]:5000/v2?x\":{\"identitytoken\":\"secret\"}},"
                    + "\"credHelpers\":{\"a.example.com\":\"x\"}}") {
        @Override
        public void run(byte[] input) {
            switch (PullSecrets.read(List.of(new PullSecrets.Source("team", PullSecrets.Form.CONFIG, input)))) {
                case RegistryAnswer.Found<Credentials>(Credentials credentials) -> {
                    assertThat(credentials.toString())
                            .isEqualTo("Credentials[" + credentials.entries().size() + " withheld]");
                    assertThat(credentials.entries()).hasSizeLessThanOrEqualTo(PullSecrets.MOST_ENTRIES);
                    assertThat(credentials.entries())
                            .noneMatch(entry -> entry.scope().host().isEmpty());
                    assertThat(credentials.unused().toString()).matches("[\\x20-\\x7e]+");
                }
                case RegistryAnswer.Failed<Credentials> failed -> {
                    assertThat(failed.code()).isEqualTo(FailureCode.CredentialsMalformed);
                    assertThat(failed.message()).matches("[\\x20-\\x7e]+");
                }
            }
        }
    },

    /** It tells nothing that is not in the header, and so takes no more room. */
    CHALLENGE(
            "Bearer realm=\"https://token.example.com/token\",service=\"registry.example.com\",scope=\"a:b:c\"",
            "Basic realm=\"a\\\"b\", Bearer realm = x") {
        @Override
        public void run(byte[] input) {
            String header = text(input);
            int told = 0;
            for (Challenge challenge : Challenge.read(List.of(header))) {
                told += challenge.scheme().length();
                for (Map.Entry<String, String> parameter :
                        challenge.parameters().entrySet()) {
                    told += parameter.getKey().length() + parameter.getValue().length();
                }
            }
            assertThat(told).isLessThanOrEqualTo(2 * header.length());
        }
    },

    RETRY_AFTER("120", "Wed, 21 Oct 2026 07:28:00 GMT") {
        @Override
        public void run(byte[] input) {
            RetryAfter.read(text(input), NOW)
                    .ifPresent(time -> assertThat(time).isBetween(Duration.ZERO, RetryAfter.MOST));
        }
    };

    private static final JsonMapper JSON = new JsonMapper();
    private static final Clock NOW = Clock.fixed(Instant.parse("2026-01-01T00:00:00Z"), ZoneOffset.UTC);

    @SuppressWarnings("ImmutableEnumChecker") // a list that cannot be changed
    private final List<String> seeds;

    RegistryTarget(String... seeds) {
        this.seeds =
                Stream.of(seeds).map(seed -> seed.formatted("0".repeat(64))).toList();
    }

    @Override
    public List<byte[]> seeds() {
        return seeds.stream().map(seed -> seed.getBytes(StandardCharsets.UTF_8)).toList();
    }

    private static String text(byte[] input) {
        return new String(input, StandardCharsets.UTF_8);
    }

    private static List<Descriptor> descriptors(Manifest manifest) {
        return switch (manifest) {
            case Manifest.Image image -> {
                List<Descriptor> all = new ArrayList<>(image.layers());
                all.add(image.config());
                yield all;
            }
            case Manifest.Index index -> index.manifests();
        };
    }

    private static void mustBeOne(Descriptor descriptor) {
        assertThat(descriptor.size()).isNotNegative();
        assertThat(descriptor.digest().hex()).hasSize(64);
    }
}
