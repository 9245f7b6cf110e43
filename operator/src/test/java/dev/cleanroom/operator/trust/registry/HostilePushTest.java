package dev.cleanroom.operator.trust.registry;

import static dev.cleanroom.operator.trust.registry.Asked.code;
import static dev.cleanroom.operator.trust.registry.Asked.found;
import static dev.cleanroom.operator.trust.registry.Content.INDEX;
import static dev.cleanroom.operator.trust.registry.Content.LAYER;
import static dev.cleanroom.operator.trust.registry.Content.MANIFEST;
import static dev.cleanroom.operator.trust.registry.Content.descriptor;
import static dev.cleanroom.operator.trust.registry.Content.image;
import static dev.cleanroom.operator.trust.registry.Content.index;
import static dev.cleanroom.operator.trust.registry.Content.json;
import static dev.cleanroom.operator.trust.registry.Content.referrer;
import static dev.cleanroom.operator.trust.registry.FailureCode.DigestMismatch;
import static dev.cleanroom.operator.trust.registry.FailureCode.RedirectRefused;
import static dev.cleanroom.operator.trust.registry.FailureCode.TooLarge;
import static dev.cleanroom.operator.trust.registry.FailureCode.TooMany;
import static dev.cleanroom.operator.trust.registry.FailureCode.Unavailable;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HostilePushTest {
    private static final String BASE = "/v2/builders/maven/";
    private static final Descriptor SUBJECT = descriptor(MANIFEST, image("subject"));
    private static final byte[] REFERRER = referrer(SUBJECT, "new");
    private static final String PUT = BASE + "manifests/" + Digest.of(REFERRER);
    private static final String TAG = BASE + "manifests/" + SUBJECT.digest().referrersTag();

    private final FakeRegistry fake = new FakeRegistry();
    private final FakeRegistry other = new FakeRegistry();
    private final Setting setting = Setting.with(fake, other);

    @AfterEach
    void end() {
        setting.close();
        fake.close();
        other.close();
    }

    private RegistryAnswer<Digest> pushBlob() {
        return setting.registries()
                .pusher(Setting.credentials(fake.host(), "alice"))
                .blob(fake.repository(), Digest.of(LAYER), LAYER.length, () -> new ByteArrayInputStream(LAYER));
    }

    private RegistryAnswer<Digest> pushReferrer() {
        return setting.registries().pusher(Credentials.NONE).manifest(fake.repository(), MANIFEST, REFERRER);
    }

    @Test
    void blobIsUploadedWholeWithTheQueryOfItsLocation() {
        fake.on(BASE + "blobs/uploads/", FakeRegistry.status(202, "Location: /upload/1?state=x"))
                .on("/upload/1", FakeRegistry.status(201));

        assertThat(found(pushBlob())).isEqualTo(Digest.of(LAYER));
        assertThat(fake.lines())
                .containsExactly(
                        "HEAD " + BASE + "blobs/" + Digest.of(LAYER),
                        "POST " + BASE + "blobs/uploads/",
                        "PUT /upload/1?state=x&digest=" + Digest.of(LAYER));
        assertThat(fake.requests().getLast().body()).isEqualTo(LAYER);
    }

    @Test
    void blobThatIsThereIsNotSent() {
        fake.on(BASE + "blobs/" + Digest.of(LAYER), FakeRegistry.status(200));

        assertThat(found(pushBlob())).isEqualTo(Digest.of(LAYER));
        assertThat(fake.requests()).hasSize(1);
    }

    @Test
    void uploadDoesNotGoElsewhere() {
        fake.on(BASE + "blobs/uploads/", FakeRegistry.status(202, "Location: http://" + other.host() + "/upload"));
        assertThat(code(pushBlob())).isEqualTo(RedirectRefused);

        fake.on(BASE + "blobs/uploads/", FakeRegistry.status(307, "Location: http://" + other.host() + "/upload"));
        assertThat(code(pushBlob())).isEqualTo(RedirectRefused);
        assertThat(other.requests()).isEmpty();
    }

    @Test
    void uploadWithoutALocationIsRefused() {
        fake.on(BASE + "blobs/uploads/", FakeRegistry.status(202));

        assertThat(code(pushBlob())).isEqualTo(RedirectRefused);
    }

    @Test
    void registryThatStoredSomethingElseIsNotBelieved() {
        fake.on(PUT, FakeRegistry.status(201, "Docker-Content-Digest: " + Digest.of(LAYER)));

        assertThat(code(pushReferrer())).isEqualTo(DigestMismatch);
    }

    @Test
    void registryWithTheApiKeepsTheListItself() {
        fake.on(PUT, FakeRegistry.status(201, "OCI-Subject: " + SUBJECT.digest()));

        assertThat(found(pushReferrer())).isEqualTo(Digest.of(REFERRER));
        assertThat(fake.requests()).hasSize(1);
    }

    @Test
    void listUnderTheTagIsBegunKeptAndNotRepeated() throws Exception {
        byte[][] stored = {null};
        fake.on(PUT, FakeRegistry.status(201)).on(TAG, (request, out) -> {
            if (request.method().equals("PUT")) {
                stored[0] = request.body();
            }
            FakeRegistry.Reply reply = request.method().equals("PUT")
                    ? FakeRegistry.status(201)
                    : stored[0] == null
                            ? FakeRegistry.status(404)
                            : FakeRegistry.bytes(200, stored[0], "Content-Type: " + INDEX);
            reply.to(request, out);
        });

        assertThat(found(pushReferrer())).isEqualTo(Digest.of(REFERRER));
        assertThat(found(pushReferrer())).isEqualTo(Digest.of(REFERRER));

        Referrers listed = ManifestReader.referrers(stored[0]);
        assertThat(listed.descriptors()).singleElement().satisfies(descriptor -> {
            assertThat(descriptor.digest()).isEqualTo(Digest.of(REFERRER));
            assertThat(descriptor.size()).isEqualTo(REFERRER.length);
            assertThat(descriptor.artifactType()).isEqualTo(Content.BUNDLE);
            assertThat(descriptor.annotations()).containsEntry("name", "new");
        });
    }

    @Test
    void fullListIsLeftAlone() {
        byte[] full = index(IntStream.range(0, ReferrersReader.MOST_REFERRERS)
                .mapToObj(i -> json(descriptor(MANIFEST, Content.bytes("r" + i))))
                .toArray(String[]::new));
        fake.on(PUT, FakeRegistry.status(201)).on(TAG, FakeRegistry.bytes(200, full, "Content-Type: " + INDEX));

        assertThat(code(pushReferrer())).isEqualTo(TooMany);
        assertThat(fake.lines()).noneMatch(line -> line.equals("PUT " + TAG));
    }

    @Test
    void listThatCannotBeReadIsNotReplaced() {
        fake.on(PUT, FakeRegistry.status(201)).on(TAG, FakeRegistry.status(503));

        assertThat(code(pushReferrer())).isEqualTo(Unavailable);
        assertThat(fake.lines()).noneMatch(line -> line.equals("PUT " + TAG));
    }

    @Test
    void manifestThatRegistriesDoNotTakeIsNotSent() {
        byte[] large = image("x".repeat((int) RegistryClient.MOST_MANIFEST_BYTES));

        assertThat(code(setting.registries().pusher(Credentials.NONE).manifest(fake.repository(), MANIFEST, large)))
                .isEqualTo(TooLarge);
        assertThat(fake.requests()).isEmpty();
    }
}
