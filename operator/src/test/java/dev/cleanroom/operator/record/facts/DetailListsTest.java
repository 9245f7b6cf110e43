package dev.cleanroom.operator.record.facts;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.operator.kube.ContentHash;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;

class DetailListsTest {
    private static final DetailEntry.File FILE = new DetailEntry.File("pom.xml", 12L, "00", null, null);
    private static final DetailEntry.Package INSTALLS = new DetailEntry.Package(
            "node_modules/esbuild", "npm", "esbuild", "0.25.1", "11", "22", List.of("postinstall"), 1);
    private static final DetailEntry.Dependency DEPENDENCY =
            new DetailEntry.Dependency("lodash", "npm", "4.17.21", null, "33", null, "package-lock.json");

    @Test
    void listsAreLinesOfJsonInTheirOrder() throws IOException {
        DetailLists lists = DetailLists.of(List.of(fetched("b", 1), INSTALLS, DEPENDENCY, fetched("a", 1), FILE));
        assertThat(lines(lists))
                .containsExactly(
                        "{\"file\":\"pom.xml\",\"size\":12,\"sha256\":\"00\"}",
                        "{\"package\":\"node_modules/esbuild\",\"ecosystem\":\"npm\",\"name\":\"esbuild\",\"version\":\"0.25.1\","
                                + "\"sha256\":\"11\",\"installCode\":\"22\",\"hooks\":[\"postinstall\"],\"native\":1}",
                        "{\"dependency\":\"lodash\",\"ecosystem\":\"npm\",\"version\":\"4.17.21\",\"integrity\":\"33\","
                                + "\"lockfile\":\"package-lock.json\"}",
                        "{\"package\":\"node_modules/a\",\"sha256\":\"1\"}",
                        "{\"package\":\"node_modules/b\",\"sha256\":\"1\"}");
        assertThat(lists.omitted()).isZero();
    }

    /** Records with equal lists must find each other. */
    @Test
    void equalListsHaveEqualDigests() {
        DetailLists one = DetailLists.of(List.of(fetched("a", 1), fetched("b", 2)));
        DetailLists other = DetailLists.of(List.of(fetched("b", 2), fetched("a", 1)));
        assertThat(one).isEqualTo(other);
        assertThat(DetailLists.of(List.of(fetched("a", 1))).sha256()).isNotEqualTo(one.sha256());
    }

    @Test
    void whatDoesNotFitIsLeftOutAndCounted() throws IOException {
        var random = new Random(17);
        List<DetailEntry.Package> many = IntStream.range(0, 20_000)
                .mapToObj(n -> fetched("p" + n, random.nextLong()))
                .toList();
        List<DetailEntry> all = new ArrayList<>(many);
        all.addAll(List.of(DEPENDENCY, FILE));
        DetailLists lists = DetailLists.of(all);
        assertThat(Base64.getDecoder().decode(lists.content()))
                .hasSizeBetween(DetailLists.LONGEST - 64, DetailLists.LONGEST);
        assertThat(lists.omitted()).isBetween(5_000, 19_000);
        assertThat(lines(lists))
                .hasSize(20_002 - lists.omitted())
                .startsWith("{\"file\":\"pom.xml\",\"size\":12,\"sha256\":\"00\"}");
        // The last one by its text.
        List<DetailEntry> one =
                all.stream().filter(each -> !each.equals(many.get(9_999))).toList();
        assertThat(DetailLists.of(one).sha256())
                .as("what is left out is in the digest")
                .isNotEqualTo(lists.sha256());
    }

    private static DetailEntry.Package fetched(String name, long digest) {
        return new DetailEntry.Package(
                "node_modules/" + name, null, null, null, Long.toHexString(digest), null, List.of(), null);
    }

    private static List<String> lines(DetailLists lists) throws IOException {
        try (var gzip =
                new GZIPInputStream(new ByteArrayInputStream(Base64.getDecoder().decode(lists.content())))) {
            return new String(gzip.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
        }
    }

    /** Results first, then entries of artifacts, then those of archives within them. */
    @Test
    void listsOfOutputsHaveALimitOfTheirOwn() {
        var result = new OutputEntry.Result("z", "x.sarif", "scan", "00", "error", null, 1);
        List<OutputEntry> entries = new ArrayList<>();
        for (int n = 0; n < 8_000; n++) {
            String sha256 = ContentHash.ofText("entry " + n).substring(0, 16);
            entries.add(new OutputEntry.Entry("a" + n, "app.war!b.jar", 1L, sha256, "0644", "file"));
        }
        entries.add(new OutputEntry.Entry("z", "app.war", 1L, "00", "0644", "file"));
        entries.add(result);
        DetailLists lists = DetailLists.ofOutputs(entries);
        assertThat(Base64.getDecoder().decode(lists.content()))
                .hasSizeBetween(DetailLists.LONGEST_OUTPUTS * 9 / 10, DetailLists.LONGEST_OUTPUTS);
        OutputLists read = OutputLists.decode(lists.content());
        assertThat(read.results()).containsExactly(result);
        assertThat(read.entries().getFirst().entry()).isEqualTo("z");
        assertThat(lists.omitted())
                .isPositive()
                .isEqualTo(8_002 - 1 - read.entries().size());
        String tooLong = "A".repeat((DetailLists.LONGEST_OUTPUTS + 2) / 3 * 4 + 1);
        assertThat(OutputLists.decode(tooLong).unreadable()).contains("is longer than 64 KiB");
    }
}
