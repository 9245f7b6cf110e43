package dev.cleanroom.operator.trust.registry;

import static dev.cleanroom.operator.trust.registry.Asked.code;
import static dev.cleanroom.operator.trust.registry.Asked.failed;
import static dev.cleanroom.operator.trust.registry.Asked.found;
import static dev.cleanroom.operator.trust.registry.Content.INDEX;
import static dev.cleanroom.operator.trust.registry.Content.LAYER;
import static dev.cleanroom.operator.trust.registry.Content.MANIFEST;
import static dev.cleanroom.operator.trust.registry.Content.descriptor;
import static dev.cleanroom.operator.trust.registry.Content.image;
import static dev.cleanroom.operator.trust.registry.Content.index;
import static dev.cleanroom.operator.trust.registry.Content.json;
import static dev.cleanroom.operator.trust.registry.FailureCode.DigestMismatch;
import static dev.cleanroom.operator.trust.registry.FailureCode.Malformed;
import static dev.cleanroom.operator.trust.registry.FailureCode.MediaTypeRefused;
import static dev.cleanroom.operator.trust.registry.FailureCode.Refused;
import static dev.cleanroom.operator.trust.registry.FailureCode.Throttled;
import static dev.cleanroom.operator.trust.registry.FailureCode.TimedOut;
import static dev.cleanroom.operator.trust.registry.FailureCode.TooLarge;
import static dev.cleanroom.operator.trust.registry.FailureCode.Unavailable;
import static dev.cleanroom.operator.trust.registry.FailureCode.Unreachable;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each lie and each excess of a registry, by the code it ends in. */
class HostileRegistryTest extends Hostile {
    @Test
    void tagIsAskedOnceAndHashed() {
        fake.on(TAGGED, manifest(image("a"), "Docker-Content-Digest: " + Digest.of(image("a"))));

        assertThat(found(tag()).digest()).isEqualTo(Digest.of(image("a")));
        assertThat(fake.lines()).containsExactly("GET " + TAGGED);
    }

    @Test
    void otherContentThanThePinnedIsRefusedWhateverTheHeaderSays() {
        fake.on(path(image("a")), manifest(image("b")));
        assertThat(code(pinned(image("a")))).isEqualTo(DigestMismatch);

        fake.on(path(image("a")), manifest(image("b"), "Docker-Content-Digest: " + Digest.of(image("a"))));
        assertThat(code(pinned(image("a")))).isEqualTo(DigestMismatch);
    }

    @Test
    void headerThatContradictsTheBytesOfATagIsRefused() {
        fake.on(TAGGED, manifest(image("a"), "Docker-Content-Digest: " + Digest.of(image("b"))));

        assertThat(code(tag())).isEqualTo(DigestMismatch);
    }

    @Test
    void blobIsHeldToDigestAndSize() {
        fake.on(path(BLOB), FakeRegistry.bytes(200, LAYER));
        assertThat(found(blob(BLOB))).isEqualTo(LAYER);

        fake.on(path(BLOB), FakeRegistry.bytes(200, Content.bytes("a lawyer")));
        assertThat(code(blob(BLOB))).isEqualTo(TooLarge);
        fake.on(path(BLOB), FakeRegistry.bytes(200, Content.bytes("a later")));
        assertThat(code(blob(BLOB))).isEqualTo(DigestMismatch);
        fake.on(path(BLOB), FakeRegistry.bytes(200, Content.bytes("a")));
        assertThat(code(blob(BLOB))).isEqualTo(DigestMismatch);
    }

    @Test
    void childIsHeldToItsDescriptorsSize() {
        byte[] child = image("a");
        fake.on(path(child), manifest(child));
        Descriptor larger = new Descriptor(MANIFEST, Digest.of(child), child.length + 1, null, Map.of(), null);

        assertThat(code(setting.client().manifest(fake.repository(), larger))).isEqualTo(DigestMismatch);
    }

    @Test
    void sizesAreRefusedBeforeAnythingIsAsked() {
        Descriptor huge =
                new Descriptor("text/plain", BLOB.digest(), RegistryClient.MOST_BLOB_BYTES + 1, null, Map.of(), null);
        Descriptor hugeManifest =
                new Descriptor(MANIFEST, BLOB.digest(), RegistryClient.MOST_MANIFEST_BYTES + 1, null, Map.of(), null);

        assertThat(code(blob(huge))).isEqualTo(TooLarge);
        assertThat(code(setting.client().copy(fake.repository(), BLOB, 3, ByteArrayOutputStream::new)))
                .isEqualTo(TooLarge);
        assertThat(code(setting.client().manifest(fake.repository(), hugeManifest)))
                .isEqualTo(TooLarge);
        assertThat(fake.requests()).isEmpty();
    }

    @Test
    void longManifestsAreCutOff() {
        fake.on(TAGGED, FakeRegistry.bytes(200, new byte[(int) RegistryClient.MOST_MANIFEST_BYTES + 1]));
        assertThat(code(tag())).isEqualTo(TooLarge);

        fake.on(TAGGED, fake.endless());
        assertThat(code(tag())).isEqualTo(TooLarge);
        assertThat(fake.sawTheClientHangUp()).isTrue();
    }

    @Test
    void endlessBlobsAndErrorsAreCutOff() {
        fake.on(path(BLOB), fake.endless());
        assertThat(code(blob(BLOB))).isEqualTo(TooLarge);

        fake.on(TAGGED, FakeRegistry.bytes(500, new byte[(int) Transport.MOST_ERROR_BYTES * 8]));
        assertThat(code(tag())).isEqualTo(Unavailable);
    }

    @Test
    void bodyThatStopsIsNotWaitedFor() {
        setting.impatient();
        fake.on(TAGGED, fake.stalling(1000, Content.bytes("{"), "Content-Type: " + MANIFEST));

        assertThat(code(tag())).isEqualTo(TimedOut);
        assertThat(fake.sawTheClientHangUp()).isTrue();
    }

    @Test
    void timeIsLimitedInTotalToo() {
        fake.on(TAGGED, (request, out) -> {
            setting.clock.advance(Patience.DEFAULT.total());
            FakeRegistry.status(307, "Location: " + TAGGED).to(request, out);
        });

        assertThat(code(tag())).isEqualTo(TimedOut);
        assertThat(fake.requests()).hasSize(1);
    }

    @Test
    void bodyThatEndsEarlyIsNoAnswer() {
        fake.on(TAGGED, (request, out) -> {
            out.write(FakeRegistry.head(200, "Content-Length: 1000", "Connection: close"));
            out.write(image("a"), 0, 10);
            out.close();
        });

        assertThat(code(tag())).isEqualTo(Unreachable);
    }

    @Test
    void headersAreLimited() {
        fake.on(TAGGED, manifest(image("a"), "X-Long: " + "x".repeat(Transport.MOST_HEADER_CHARACTERS)));
        assertThat(code(tag())).isEqualTo(TooLarge);

        fake.on(TAGGED, manifest(image("a"), "X-Longer: " + "x".repeat(1024 * 1024)));
        assertThat(code(tag())).isEqualTo(Malformed);
    }

    @Test
    void whatIsNotHttpIsRefused() {
        fake.on(TAGGED, (request, out) -> {
            out.write(Content.bytes("SSH-2.0-OpenSSH_9.9\r\n\r\n"));
            out.close();
        });

        assertThat(code(tag())).isEqualTo(Malformed);
    }

    @Test
    void nothingThatUnpacksItselfIsRead() throws Exception {
        ByteArrayOutputStream bomb = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bomb)) {
            gzip.write(new byte[64 * 1024 * 1024]);
        }
        fake.on(TAGGED, manifest(bomb.toByteArray(), "Content-Encoding: gzip"));

        assertThat(code(tag())).isEqualTo(Malformed);
        assertThat(fake.requests().getFirst().headers()).doesNotContainKey("accept-encoding");
    }

    @Test
    void typesThatContradictAreRefused() {
        fake.on(path(image("a")), FakeRegistry.bytes(200, image("a"), "Content-Type: " + INDEX));

        assertThat(code(pinned(image("a")))).isEqualTo(Malformed);
    }

    @Test
    void indexInAnIndexIsRefused() {
        String amd64 = "{\"os\":\"linux\",\"architecture\":\"amd64\"}";
        byte[] inner = index(json(descriptor(MANIFEST, image("a")), amd64));
        Platform platform = new Platform("linux", "amd64", null);
        fake.on(path(inner), FakeRegistry.bytes(200, inner, "Content-Type: " + INDEX));

        for (String told : List.of(INDEX, MANIFEST)) {
            byte[] outer = index(json(descriptor(told, inner), amd64));
            fake.on(path(outer), FakeRegistry.bytes(200, outer, "Content-Type: " + INDEX));
            Manifest.Index index = (Manifest.Index) found(pinned(outer));

            assertThat(code(setting.client().choose(fake.repository(), index, platform)))
                    .isEqualTo(MediaTypeRefused);
        }
    }

    @Test
    void imageIsChosenByPlatform() {
        byte[] outer = index(json(
                descriptor(MANIFEST, image("a")), "{\"os\":\"linux\",\"architecture\":\"arm64\",\"variant\":\"v8\"}"));
        fake.on(path(outer), FakeRegistry.bytes(200, outer, "Content-Type: " + INDEX))
                .on(path(image("a")), manifest(image("a")));
        Manifest.Index index = (Manifest.Index) found(pinned(outer));

        assertThat(found(setting.client().choose(fake.repository(), index, new Platform("linux", "arm64", null)))
                        .digest())
                .isEqualTo(Digest.of(image("a")));
    }

    @ParameterizedTest
    @CsvSource({
        "400, Refused",
        "401, Unauthorized",
        "403, Unauthorized",
        "404, NotFound",
        "410, Refused",
        "429, Throttled",
        "500, Unavailable",
        "503, Unavailable"
    })
    void statusHasItsCode(int status, FailureCode code) {
        fake.on(TAGGED, FakeRegistry.status(status));

        assertThat(code(tag())).isEqualTo(code);
    }

    @Test
    void wishToBeLeftAloneIsPassedOnWithinBounds() {
        fake.on(TAGGED, FakeRegistry.status(429, "Retry-After: 7"));
        assertThat(failed(tag()).retryAfter()).contains(Duration.ofSeconds(7));
        assertThat(failed(tag()).code()).isEqualTo(Throttled);

        fake.on(TAGGED, FakeRegistry.status(503, "Retry-After: 86400"));
        assertThat(failed(tag()).retryAfter()).contains(RetryAfter.MOST);
    }

    @Test
    void messagesHoldNothingOfTheRegistrys() {
        fake.on(
                TAGGED,
                FakeRegistry.bytes(418, Content.bytes("{\"errors\":[{\"message\":\"obey\"}]}"), "X-Told: obey"));
        assertThat(failed(tag()).code()).isEqualTo(Refused);
        assertThat(failed(tag()).message()).doesNotContain("obey");

        fake.on(TAGGED, manifest(Content.bytes("{obey")));
        assertThat(failed(tag()).code()).isEqualTo(Malformed);
        assertThat(failed(tag()).message()).doesNotContain("obey");
    }

    @Test
    void oneTenantsQuestionsAtOnceAreLimited() {
        AtomicInteger active = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        CyclicBarrier together = new CyclicBarrier(RegistryClient.MOST_QUESTIONS);
        fake.on(TAGGED, (request, out) -> {
            most.accumulateAndGet(active.incrementAndGet(), Math::max);
            try {
                together.await(20, TimeUnit.SECONDS);
            } catch (InterruptedException | BrokenBarrierException | TimeoutException e) {
                throw new IOException(e);
            }
            active.decrementAndGet();
            manifest(image("a")).to(request, out);
        });
        RegistryClient client = setting.client();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<CompletableFuture<RegistryAnswer<Manifest>>> asked = Stream.generate(
                            () -> CompletableFuture.supplyAsync(
                                    () -> client.manifest(fake.repository().at("3.9")), threads))
                    .limit(RegistryClient.MOST_QUESTIONS * 5L)
                    .toList();

            assertThat(asked)
                    .allSatisfy(answer -> assertThat(found(answer.join())).isNotNull());
        }
        assertThat(most).hasValue(RegistryClient.MOST_QUESTIONS);
    }
}
