package dev.cleanroom.operator.record;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.operator.kube.ContentHash;
import dev.cleanroom.operator.record.facts.DetailEntry;
import dev.cleanroom.operator.record.facts.RecordDetail;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SoughtTest {
    private static final String INTEGRITY = "sha512-AbC+/z==";

    private static final RecordDetail DETAIL = new RecordDetail(
            List.of(new DetailEntry.File("services/api/pom.xml", 1L, "aa00000000000001", null, null)),
            List.of(
                    TestRecord.npm(
                            "axios",
                            "1.14.1",
                            "https://registry.example.com",
                            ContentHash.ofText(INTEGRITY).substring(0, 16),
                            false),
                    new DetailEntry.Dependency(
                            "org.apache.logging.log4j:log4j-core", "maven", "2.14.1", null, null, null, "pom.xml"),
                    new DetailEntry.Dependency("flask-login", "pypi", "0.6.3", null, null, null, null)),
            List.of(TestRecord.fetched("axios", "1.14.1", "3300000000000001", "4400000000000001")));

    private static List<String> found(String text) {
        return new Sought(text).in(DETAIL);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"axios", "Axios", " axios@1.14.1 ", "axios:1.14.1", "pkg:npm/axios", "pkg:npm/axios@1.14.1"})
    void aDependencyAndItsPackageAreFoundAsPeopleWriteThem(String text) {
        assertThat(found(text))
                .containsExactly(
                        "dependency  pkg:npm/axios@1.14.1  source https://registry.example.com  lockfile package-lock.json",
                        "package  pkg:npm/axios@1.14.1  path node_modules/axios  install code 4400000000000001");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "org.apache.logging.log4j:log4j-core",
                "org.apache.logging.log4j:log4j-core:2.14.1",
                "log4j-core",
                "log4j-core@2.14.1",
                "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1"
            })
    void anArtifactOfMavenIsFoundWithItsGroupAndWithoutIt(String text) {
        assertThat(found(text))
                .containsExactly("dependency  pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1  lockfile pom.xml");
    }

    @ParameterizedTest
    @ValueSource(strings = {"flask-login", "Flask_Login", "flask_login==0.6.3"})
    void aPackageOfPythonIsFoundByEachOfItsNames(String text) {
        assertThat(found(text)).containsExactly("dependency  pkg:pypi/flask-login@0.6.3");
    }

    @ParameterizedTest
    @ValueSource(strings = {"services/api/pom.xml", "pom.xml", "api/pom.xml"})
    void aFileIsFoundByTheEndOfItsPath(String text) {
        assertThat(found(text)).containsExactly("file  services/api/pom.xml  sha256 aa00000000000001");
    }

    @Test
    void aDigestIsFoundByItsFirstDigits() {
        String digest = "aa00000000000001" + "f".repeat(48);
        assertThat(found(digest)).hasSize(1);
        assertThat(found("sha256:" + digest)).hasSize(1);
        assertThat(found("3300000000000001")).singleElement().asString().startsWith("package  ");
        assertThat(found("4400000000000001")).singleElement().asString().startsWith("package  ");
        assertThat(found("aa0000000000000"))
                .as("fewer digits than a record has")
                .isEmpty();
    }

    @Test
    void theHashOfALockfileIsFoundAsItIsWrittenThere() {
        assertThat(found(INTEGRITY)).singleElement().asString().startsWith("dependency  pkg:npm/axios@1.14.1");
        assertThat(found(INTEGRITY.toLowerCase(Locale.ROOT))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"axio", "axios@1.14.0", "axios@", "xios", "om.xml", "pkg:npm/", "@1.14.1"})
    void anotherNameIsNotFound(String text) {
        assertThat(found(text)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"target/app.jar", "app.jar", "sha256:00112233445566778899", "0011223344556677"})
    void anArtifactIsFoundByItsPathAndDigest(String text) {
        assertThat(foundInArtifacts(text)).containsExactly("artifact  target/app.jar  sha256 00112233445566778899");
    }

    @ParameterizedTest
    @ValueSource(strings = {"com/example/a.class", "A.class", "aabbccddeeff0011", "aabbccddeeff00112233"})
    void anEntryOfAnArtifactIsFoundByItsPathAndDigest(String text) {
        assertThat(foundInArtifacts(text))
                .containsExactly("entry  target/app.jar!com/example/A.class  sha256 aabbccddeeff0011");
    }

    @ParameterizedTest
    @ValueSource(strings = {"pp.jar", "00112233445566778800", "00112233", "class"})
    void whatIsSimilarToAnArtifactIsNotFound(String text) {
        assertThat(foundInArtifacts(text)).isEmpty();
    }

    private static List<String> foundInArtifacts(String text) {
        TestRecord record = new TestRecord("payments-0-1-5f0c2a11")
                .made(
                        "{\"artifact\":\"target/app.jar\",\"sha256\":\"00112233445566778899\",\"format\":\"zip\"}",
                        "{\"entry\":\"com/example/A.class\",\"in\":\"target/app.jar\",\"sha256\":\"aabbccddeeff001122\"}",
                        "{\"artifacts\":\"Complete\",\"count\":1,\"entries\":1}");
        return new Sought(text).in(RecordArtifacts.of(record.build()));
    }
}
