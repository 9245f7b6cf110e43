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
import static dev.cleanroom.operator.trust.registry.FailureCode.AddressRefused;
import static dev.cleanroom.operator.trust.registry.FailureCode.CaBundleMalformed;
import static dev.cleanroom.operator.trust.registry.FailureCode.DigestMismatch;
import static dev.cleanroom.operator.trust.registry.FailureCode.Malformed;
import static dev.cleanroom.operator.trust.registry.FailureCode.MediaTypeRefused;
import static dev.cleanroom.operator.trust.registry.FailureCode.PlainHttpRefused;
import static dev.cleanroom.operator.trust.registry.FailureCode.RedirectRefused;
import static dev.cleanroom.operator.trust.registry.FailureCode.Refused;
import static dev.cleanroom.operator.trust.registry.FailureCode.Throttled;
import static dev.cleanroom.operator.trust.registry.FailureCode.TimedOut;
import static dev.cleanroom.operator.trust.registry.FailureCode.TlsFailed;
import static dev.cleanroom.operator.trust.registry.FailureCode.TooLarge;
import static dev.cleanroom.operator.trust.registry.FailureCode.Unavailable;
import static dev.cleanroom.operator.trust.registry.FailureCode.Unreachable;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each lie and each excess of a registry, by the code it ends in. */
class HostileRegistryTest {
    private static final String TAGGED = "/v2/builders/maven/manifests/3.9";
    private static final Descriptor BLOB = descriptor("text/plain", LAYER);

    private final FakeRegistry fake = new FakeRegistry();
    private final Setting setting = Setting.with(fake);

    @AfterEach
    void end() {
        setting.close();
        fake.close();
    }

    private Outcome<Manifest> tag() {
        return setting.client().manifest(fake.repository().at("3.9"));
    }

    private Outcome<Manifest> pinned(byte[] manifest) {
        return setting.client().manifest(fake.repository().at(Digest.of(manifest)));
    }

    private Outcome<byte[]> blob(Descriptor descriptor) {
        return setting.client().blob(fake.repository(), descriptor);
    }

    private static String path(byte[] manifest) {
        return "/v2/builders/maven/manifests/" + Digest.of(manifest);
    }

    private static String path(Descriptor blob) {
        return "/v2/builders/maven/blobs/" + blob.digest();
    }

    private static FakeRegistry.Reply manifest(byte[] bytes, String... headers) {
        String[] all = List.of(List.of("Content-Type: " + MANIFEST), List.of(headers)).stream()
                .flatMap(List::stream)
                .toArray(String[]::new);
        return FakeRegistry.bytes(200, bytes, all);
    }

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
    void nobodyThereIsUnreachable() {
        fake.close();

        assertThat(code(tag())).isEqualTo(Unreachable);
    }

    @Test
    void redirectsAreLimited() {
        fake.on(TAGGED, FakeRegistry.status(307, "Location: " + TAGGED));

        assertThat(code(tag())).isEqualTo(RedirectRefused);
        assertThat(fake.requests()).hasSize(Session.MOST_REDIRECTS + 1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "file:///etc/passwd",
                "ftp://a.example.com/",
                "http:///x",
                "//",
                "http://u:p@a.example.com/",
                "http://a b/"
            })
    void redirectToNoHttpAddressIsRefused(String location) {
        fake.on(path(BLOB), FakeRegistry.status(307, "Location: " + location));

        assertThat(code(blob(BLOB))).isEqualTo(RedirectRefused);
    }

    @Test
    void redirectWithoutALocationIsRefused() {
        fake.on(path(BLOB), FakeRegistry.status(302));

        assertThat(code(blob(BLOB))).isEqualTo(RedirectRefused);
    }

    @Test
    void redirectToAnotherHostIsFollowedForContent() {
        try (FakeRegistry storage = new FakeRegistry()) {
            setting.host(storage.host(), Setting.HERE);
            fake.on(path(BLOB), FakeRegistry.status(307, "Location: http://" + storage.host() + "/a?signature=b"));
            storage.on("/a", FakeRegistry.bytes(200, LAYER));

            assertThat(found(blob(BLOB))).isEqualTo(LAYER);
            assertThat(storage.lines()).containsExactly("GET /a?signature=b");
        }
    }

    @Test
    void redirectToPlainHttpOrInternalAddressesIsRefused() {
        try (FakeRegistry internal = new FakeRegistry()) {
            setting.host(internal.host(), new HostOptions(true, false, List.of(), null));
            fake.on(path(BLOB), FakeRegistry.status(307, "Location: http://" + internal.host() + "/latest/meta-data"));
            assertThat(code(blob(BLOB))).isEqualTo(AddressRefused);

            fake.on(path(BLOB), FakeRegistry.status(307, "Location: https://169.254.169.254/latest/meta-data"));
            assertThat(code(blob(BLOB))).isEqualTo(AddressRefused);

            fake.on(path(BLOB), FakeRegistry.status(307, "Location: http://169.254.169.254/latest/meta-data"));
            assertThat(code(blob(BLOB))).isEqualTo(PlainHttpRefused);
            assertThat(internal.requests()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"169.254.169.254", "127.0.0.1", "::1", "fe80::1", "100.100.100.200", "64:ff9b::a9fe:a9fe"})
    void nameThatLeadsInsideIsRefusedWherever(String address) {
        Registries registries = setting.registries(
                host -> new InetAddress[] {InetAddress.ofLiteral("192.0.2.1"), InetAddress.ofLiteral(address)});
        ImageReference reference = found(ImageReference.parse("registry.example.com/maven:1"));

        assertThat(code(registries.client(Credentials.NONE).manifest(reference)))
                .isEqualTo(AddressRefused);
    }

    @Test
    void addressInTheReferenceIsCheckedToo() {
        for (String host : List.of("127.0.0.1:1", "[::1]:1", "169.254.169.254", "localhost", "0.0.0.0:1")) {
            ImageReference reference = found(ImageReference.parse(host + "/maven:1"));

            assertThat(code(setting.client().manifest(reference))).as(host).isEqualTo(AddressRefused);
        }
    }

    @Test
    void nameWithoutAnAddressIsUnreachable() {
        Registries registries = setting.registries(host -> {
            throw new UnknownHostException(host);
        });

        assertThat(code(registries
                        .client(Credentials.NONE)
                        .manifest(found(ImageReference.parse("registry.example.com/maven:1")))))
                .isEqualTo(Unreachable);
    }

    @Test
    void serverWithoutTlsIsNotSpokenToInTheClear() {
        setting.host(fake.host(), new HostOptions(false, true, List.of(), null));

        assertThat(code(tag())).isEqualTo(TlsFailed);
        assertThat(fake.requests()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"no certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"})
    void caBundleThatCannotBeReadIsNoOther(String bundle) {
        setting.host(fake.host(), new HostOptions(false, true, List.of(), bundle));

        assertThat(code(tag())).isEqualTo(CaBundleMalformed);
        assertThat(fake.requests()).isEmpty();
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
            List<CompletableFuture<Outcome<Manifest>>> asked = Stream.generate(() -> CompletableFuture.supplyAsync(
                            () -> client.manifest(fake.repository().at("3.9")), threads))
                    .limit(RegistryClient.MOST_QUESTIONS * 5L)
                    .toList();

            assertThat(asked)
                    .allSatisfy(answer -> assertThat(found(answer.join())).isNotNull());
        }
        assertThat(most).hasValue(RegistryClient.MOST_QUESTIONS);
    }
}
