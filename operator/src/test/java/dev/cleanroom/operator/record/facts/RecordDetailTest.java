package dev.cleanroom.operator.record.facts;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.operator.record.TestRecord;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

class RecordDetailTest {
    private static String packed(String lines) {
        return Base64.getEncoder().encodeToString(compressed(lines));
    }

    private static byte[] compressed(String lines) {
        var bytes = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(bytes)) {
            gzip.write(lines.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static RecordDetail read(String lines) {
        RecordDetail.Decoded decoded = RecordDetail.decode(packed(lines));
        assertThat(decoded).isInstanceOf(RecordDetail.Read.class);
        return ((RecordDetail.Read) decoded).detail();
    }

    private static void assertUnreadable(String content, String why) {
        assertThat(RecordDetail.decode(content)).isEqualTo(new RecordDetail.Unreadable(why));
    }

    @Test
    void whatWasWrittenIsRead() {
        var lockfile = new DetailEntry.File("package-lock.json", 1L, "bb00000000000001", "npm", 345);
        var dependency = TestRecord.npm("ua-parser-js", "0.7.29", "https://registry.example.com", "55", true);
        String content = DetailLists.of(List.of(lockfile, TestRecord.ESBUILD, dependency))
                .content();
        assertThat(RecordDetail.decode(content))
                .isEqualTo(new RecordDetail.Read(
                        new RecordDetail(List.of(lockfile), List.of(dependency), List.of(TestRecord.ESBUILD))));
    }

    @Test
    void linesOfKindsThatAreNotKnownAreIgnored() {
        RecordDetail detail =
                read("{\"artifact\":\"a.jar\"}\n\n[]\n{\"file\":\"pom.xml\",\"sha256\":\"00\",\"more\":1}\n");
        assertThat(detail.files()).extracting(DetailEntry.File::file).containsExactly("pom.xml");
        assertThat(detail.dependencies()).isEmpty();
        assertThat(detail.packages()).isEmpty();
    }

    @Test
    void valuesOfOtherTypesAreTakenAsTextOrLeftOut() {
        RecordDetail detail = read("{\"dependency\":7,\"version\":{},\"installCode\":\"no\"}\n"
                + "{\"package\":\"p\",\"hooks\":{\"a\":\"b\"},\"native\":-1}\n");
        assertThat(detail.dependencies())
                .containsExactly(new DetailEntry.Dependency("7", null, null, null, null, false, null));
        assertThat(detail.packages())
                .containsExactly(new DetailEntry.Package("p", null, null, null, null, null, List.of("b"), 0));
    }

    @Test
    void textsAreBoundedAndStayOnTheirLine() {
        String name = "a\\u001b[2J\\nb\\u202e" + "x".repeat(2_000);
        assertThat(read("{\"file\":\"" + name + "\"}\n").files())
                .singleElement()
                .satisfies(file -> assertThat(file.file())
                        .startsWith("a [2J b x")
                        .endsWith("...")
                        .hasSize(1_003));
    }

    @Test
    void aContentThatIsTooLongIsNotInflated() {
        assertThat(RecordDetail.decode("A".repeat((DetailLists.LONGEST + 2) / 3 * 4 + 4)))
                .isEqualTo(new RecordDetail.Unreadable("is longer than 128 KiB"));
        assertUnreadable("A".repeat((DetailLists.LONGEST + 2) / 3 * 4), "is not gzip, or was cut");
    }

    @Test
    void aBombIsNotInflatedWhole() {
        String line = "{}" + " ".repeat(1_021) + "\n";
        assertThat(RecordDetail.decode(packed(line.repeat(RecordDetail.LONGEST / line.length()))))
                .isInstanceOf(RecordDetail.Read.class);
        assertUnreadable(
                packed(line.repeat(RecordDetail.LONGEST / line.length()) + "\n"),
                "is longer than 16 MiB when it is inflated");
    }

    @Test
    void aLineThatIsTooLongMakesAllUnreadable() {
        String most = "{}" + " ".repeat(RecordDetail.LONGEST_LINE - 2);
        assertThat(read(most + "\n" + most).files()).isEmpty();
        assertUnreadable(packed("{}\n" + most + " \n"), "has a line of more than 8192 bytes");
        assertUnreadable(packed(most + " "), "has a line of more than 8192 bytes");
    }

    @Test
    void whatIsNotTheFormatIsUnreadable() {
        byte[] whole = compressed("{\"file\":\"pom.xml\"}\n".repeat(100));
        assertUnreadable("no base64!", "is not base64");
        assertUnreadable("", "is not gzip, or was cut");
        assertUnreadable("H4sIAAAAAAAA", "is not gzip, or was cut");
        assertUnreadable(
                Base64.getEncoder().encodeToString(Arrays.copyOf(whole, whole.length - 9)), "is not gzip, or was cut");
        assertUnreadable(packed("{\"file\":\"pom.xml\""), "has a line that is not JSON");
        assertUnreadable(packed("[".repeat(5_000)), "has a line that is not JSON");
    }
}
