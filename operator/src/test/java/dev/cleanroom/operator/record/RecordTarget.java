package dev.cleanroom.operator.record;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.api.v1alpha1.BuildRecordObserved.Detail;
import dev.cleanroom.api.v1alpha1.BuildRecordObserved.OutputsDetail;
import dev.cleanroom.operator.fuzz.FuzzTarget;
import dev.cleanroom.operator.record.facts.RecordDetail;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;

/** What a record has of a build, whose names, versions and paths the build chose. */
public enum RecordTarget implements FuzzTarget {
    /** The lines of a detail: whatever they are, nothing leaves its line, and what they list can be printed. */
    RECORD_DETAIL("""
            {"file":"pom.xml","size":1234,"sha256":"aa00000000000001"}
            {"dependency":"@angular/core","ecosystem":"npm","version":"17.0.0","integrity":"11","installCode":true}
            {"package":"node_modules/esbuild","ecosystem":"npm","name":"esbuild","installCode":"22","hooks":["postinstall"]}
            """, """
            {"dependency":"org.apache.logging.log4j:log4j-core","ecosystem":"maven","version":"2.14.1"}
            {"entry":"a/B.class","in":"app.jar!lib.jar","size":1,"sha256":"22","mode":"0644","type":"link"}
            {"result":"rule","in":"x.sarif","tool":"scan","fingerprint":"33","level":"error","severity":"9.1","count":1}
            {"dependency":"github.com/BurntSushi/toml","ecosystem":"golang","version":"v1.6.0","source":"\\u001b\\n"}
            """) {
        @Override
        public void run(byte[] input) throws IOException {
            assertThat(RecordDetail.decode(Base64.getEncoder().encodeToString(input)))
                    .isNotNull();
            var bytes = new ByteArrayOutputStream();
            try (var gzip = new GZIPOutputStream(bytes)) {
                gzip.write(input);
            }
            String content = Base64.getEncoder().encodeToString(bytes.toByteArray());
            TestRecord record = new TestRecord("payments-0-1-5f0c2a11")
                    .detail(new Detail("00", null, content, null))
                    .made(ARTIFACT)
                    .outputsDetail(new OutputsDetail("00", content, null));
            RecordInputs inputs = record.read();
            assertThat(RecordPage.of(record.build(), inputs)).noneMatch(RecordTarget::leavesItsLine);
            assertThat(RecordComparison.of(
                                    new TestRecord("payments-0-0-5f0c2a10")
                                            .made(ARTIFACT)
                                            .side(),
                                    record.side())
                            .lines())
                    .noneMatch(RecordTarget::leavesItsLine);
            assertThat(BillOfMaterials.json(record.build(), inputs, Optional.empty()))
                    .matches("[ -~\n]*");
        }
    };

    private static final String[] ARTIFACT = {
        "{\"artifact\":\"app.jar\",\"content\":\"00\"}",
        "{\"artifacts\":\"Complete\",\"count\":1}",
        "{\"reports\":\"Complete\",\"count\":0}"
    };

    @SuppressWarnings("ImmutableEnumChecker") // a list that cannot be changed
    private final List<String> seeds;

    RecordTarget(String... seeds) {
        this.seeds = List.of(seeds);
    }

    @Override
    public List<byte[]> seeds() {
        return seeds.stream().map(seed -> seed.getBytes(StandardCharsets.UTF_8)).toList();
    }

    private static boolean leavesItsLine(String line) {
        return line.chars().anyMatch(each -> each < ' ');
    }
}
