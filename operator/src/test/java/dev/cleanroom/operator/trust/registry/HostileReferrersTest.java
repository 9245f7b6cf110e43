package dev.cleanroom.operator.trust.registry;

import static dev.cleanroom.operator.trust.registry.Asked.code;
import static dev.cleanroom.operator.trust.registry.Asked.found;
import static dev.cleanroom.operator.trust.registry.Content.BUNDLE;
import static dev.cleanroom.operator.trust.registry.Content.INDEX;
import static dev.cleanroom.operator.trust.registry.Content.MANIFEST;
import static dev.cleanroom.operator.trust.registry.Content.bytes;
import static dev.cleanroom.operator.trust.registry.Content.descriptor;
import static dev.cleanroom.operator.trust.registry.Content.image;
import static dev.cleanroom.operator.trust.registry.Content.index;
import static dev.cleanroom.operator.trust.registry.Content.json;
import static dev.cleanroom.operator.trust.registry.FailureCode.Malformed;
import static dev.cleanroom.operator.trust.registry.FailureCode.RedirectRefused;
import static dev.cleanroom.operator.trust.registry.FailureCode.TooLarge;
import static dev.cleanroom.operator.trust.registry.FailureCode.TooMany;
import static dev.cleanroom.operator.trust.registry.FailureCode.Unauthorized;
import static dev.cleanroom.operator.trust.registry.FailureCode.Unavailable;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Lists of referrers: where they are found, and what a registry or whoever may push can do to them. */
class HostileReferrersTest extends Hostile {
    private static final Digest SUBJECT = Digest.of(image("subject"));
    private static final String API = "/v2/builders/maven/referrers/" + SUBJECT;
    private static final String TAG = "/v2/builders/maven/manifests/" + SUBJECT.referrersTag();

    private RegistryAnswer<Referrers> ask() {
        return setting.client().referrers(fake.repository(), SUBJECT);
    }

    private static Descriptor named(int number) {
        return descriptor(MANIFEST, bytes("referrer " + number));
    }

    private static String[] named(int from, int to) {
        return IntStream.range(from, to).mapToObj(i -> json(named(i))).toArray(String[]::new);
    }

    private static FakeRegistry.Reply list(byte[] index, String... headers) {
        String[] all = new String[headers.length + 1];
        all[0] = "Content-Type: " + INDEX;
        System.arraycopy(headers, 0, all, 1, headers.length);
        return FakeRegistry.bytes(200, index, all);
    }

    private static String next(String target) {
        return "Link: <" + target + ">; rel=\"next\"";
    }

    @Test
    void pagesAreReadInOrder() {
        fake.on(API, (request, out) -> {
            boolean second = request.target().endsWith("?last=2");
            list(second ? index(named(1, 4)) : index(named(0, 2)), second ? "X: y" : next(API + "?last=2"))
                    .to(request, out);
        });

        Referrers found = found(ask());

        assertThat(found.descriptors()).containsExactly(named(0), named(1), named(2), named(3));
        assertThat(found.incomplete()).isNull();
        assertThat(fake.lines()).containsExactly("GET " + API, "GET " + API + "?last=2");
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 404, 405, 501})
    void tagServesWhereThereIsNoApi(int status) {
        fake.on(API, FakeRegistry.status(status)).on(TAG, list(index(named(0, 1))));

        assertThat(found(ask()).descriptors()).containsExactly(named(0));
    }

    @Test
    void tagServesWhereTheApiHasNothing() {
        fake.on(API, list(index())).on(TAG, list(index(named(0, 1))));

        assertThat(found(ask()).descriptors()).containsExactly(named(0));
    }

    @Test
    void nothingAnywhereIsNothing() {
        assertThat(found(ask())).isEqualTo(new Referrers(List.of(), 0, null));
    }

    @Test
    void wrongArtifactTypesHideNothing() {
        String wrong = "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d,\"artifactType\":\"%s\"}"
                .formatted(MANIFEST, named(0).digest(), named(0).size(), Content.EMPTY);
        fake.on(TAG, list(index(wrong)));

        assertThat(found(ask()).descriptors())
                .singleElement()
                .satisfies(descriptor -> assertThat(descriptor.artifactType()).isEqualTo(Content.EMPTY));
        assertThat(fake.lines()).noneMatch(line -> line.contains("artifactType"));
    }

    @Test
    void badEntriesDoNotHideGoodOnes() {
        String sha512 = "{\"mediaType\":\"%s\",\"digest\":\"sha512:00\",\"size\":1}".formatted(BUNDLE);
        fake.on(API, list(index("7", json(named(0)), "{}", sha512, json(named(1)))));

        Referrers found = found(ask());

        assertThat(found.descriptors()).containsExactly(named(0), named(1));
        assertThat(found.malformed()).isEqualTo(3);
    }

    @Test
    void countIsLimitedAndSaid() {
        fake.on(API, list(index(named(0, ReferrersReader.MOST_REFERRERS + 1))));

        Referrers found = found(ask());

        assertThat(found.descriptors()).hasSize(ReferrersReader.MOST_REFERRERS).startsWith(named(0));
        assertThat(found.incomplete()).isEqualTo(TooMany);
    }

    /** Pages of 1,000 up to the count given. */
    private void pages(int count, String last) {
        fake.on(API, (request, out) -> {
            int from = (fake.requests().size() - 1) * 1_000;
            String[] page = named(from, Math.min(from + 1_000, count));
            if (from + 1_000 >= count && !last.isEmpty()) {
                page[page.length - 1] = last;
            }
            list(index(page), from + 1_000 < count ? next(API + "?last=" + from) : "X: y")
                    .to(request, out);
        });
    }

    @Test
    void listIsReadNoFurtherThanTheLimit() {
        pages(ReferrersReader.MOST_LISTED + 1_000, "");

        assertThat(found(ask()).incomplete()).isEqualTo(TooMany);
        assertThat(fake.requests()).hasSize(ReferrersReader.MOST_LISTED / 1_000);
    }

    @Test
    void thoseThatAreKeptAreTheOnesThatAreWanted() {
        String wanted = "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":1,\"annotations\":{\"wanted\":\"yes\"}}"
                .formatted(MANIFEST, Digest.of(bytes("the one")));
        pages(ReferrersReader.MOST_LISTED, wanted);

        Referrers found = found(setting.client()
                .referrers(
                        fake.repository(),
                        SUBJECT,
                        Comparator.comparing(referrer -> referrer.annotations().isEmpty())));

        assertThat(found.descriptors()).hasSize(ReferrersReader.MOST_REFERRERS);
        assertThat(found.descriptors().getFirst().digest()).isEqualTo(Digest.of(bytes("the one")));
        assertThat(found.descriptors().get(1)).as("the others as they came").isEqualTo(named(0));
        assertThat(found.incomplete()).isEqualTo(TooMany);
    }

    @Test
    void pagesAreLimitedAndItIsSaid() {
        fake.on(API, (request, out) -> {
            int page = fake.requests().size();
            list(index(named(page, page + 1)), next(API + "?last=" + page)).to(request, out);
        });

        Referrers found = found(ask());

        assertThat(found.descriptors()).hasSize(ReferrersReader.MOST_PAGES);
        assertThat(found.incomplete()).isEqualTo(TooMany);
        assertThat(fake.requests()).hasSize(ReferrersReader.MOST_PAGES);
    }

    @Test
    void bytesOfAllPagesAreLimitedAndItIsSaid() {
        String padding = "{\"padding\":\"" + "x".repeat((int) ReferrersReader.MOST_PAGE_BYTES / 2) + "\"}";
        fake.on(API, (request, out) -> {
            int page = fake.requests().size();
            list(index(json(named(page)), padding), next(API + "?last=" + page)).to(request, out);
        });

        Referrers found = found(ask());

        assertThat(found.descriptors()).hasSize(7).startsWith(named(1));
        assertThat(found.incomplete()).isEqualTo(TooLarge);
    }

    @Test
    void firstPageThatIsTooLargeIsNoList() {
        fake.on(API, fake.endless("Content-Type: " + INDEX));

        assertThat(code(ask())).isEqualTo(TooLarge);
        assertThat(fake.sawTheClientHangUp()).isTrue();
    }

    @Test
    void pagesThatLeadBackAreRefused() {
        fake.on(API, list(index(named(0, 1)), next(API)));

        assertThat(code(ask())).isEqualTo(Malformed);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://127.0.0.1/x",
                "http://169.254.169.254/latest/meta-data",
                "/v2/builders/gradle/referrers/x",
                "/v2/builders/maven/manifests/3.9",
                "file:///etc/passwd",
                "http://u:p@127.0.0.1/"
            })
    void nextPageElsewhereIsRefused(String target) {
        fake.on(API, list(index(named(0, 1)), next(target)));

        assertThat(code(ask())).isEqualTo(RedirectRefused);
        assertThat(fake.requests()).hasSize(1);
    }

    @Test
    void pageForPeopleIsNoEmptyList() {
        fake.on(API, FakeRegistry.bytes(200, bytes("<html>"), "Content-Type: text/html"));
        assertThat(code(ask())).isEqualTo(Malformed);

        fake.on(API, FakeRegistry.bytes(200, index(), "Content-Type: application/json"));
        assertThat(code(ask())).isEqualTo(Malformed);

        fake.on(API, list(image("not an index")));
        assertThat(code(ask())).isEqualTo(Malformed);
    }

    @Test
    void troubleIsNoEmptyList() {
        fake.on(API, FakeRegistry.status(503));
        assertThat(code(ask())).isEqualTo(Unavailable);

        fake.on(API, FakeRegistry.status(403));
        assertThat(code(ask())).isEqualTo(Unauthorized);

        fake.on(API, FakeRegistry.status(404)).on(TAG, FakeRegistry.status(500));
        assertThat(code(ask())).isEqualTo(Unavailable);
    }

    @Test
    void troubleOnALaterPageIsNoShorterList() {
        fake.on(
                API,
                (request, out) -> (request.target().contains("?")
                                ? FakeRegistry.status(404)
                                : list(index(named(0, 1)), next(API + "?last=1")))
                        .to(request, out));

        assertThat(code(ask())).isEqualTo(FailureCode.NotFound);
    }

    @Test
    void redirectElsewhereThatKnowsNothingLeavesTheTag() {
        try (FakeRegistry elsewhere = new FakeRegistry()) {
            setting.host(elsewhere.host(), Setting.HERE);
            fake.on(API, FakeRegistry.status(303, "Location: http://" + elsewhere.host() + "/packages"))
                    .on(TAG, list(index(named(0, 1))));

            assertThat(found(ask()).descriptors()).containsExactly(named(0));
        }
    }
}
