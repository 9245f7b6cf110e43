package dev.cleanroom.operator.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cleanroom.api.v1alpha1.BuildRecordInputs.Reading;
import dev.cleanroom.api.v1alpha1.BuildRecordObserved.Detail;
import dev.cleanroom.api.v1alpha1.BuildRecordObserved.Outcome;
import dev.cleanroom.operator.cli.RecordCalls.Called;
import dev.cleanroom.operator.lab.Actor;
import dev.cleanroom.operator.lab.Environments;
import dev.cleanroom.operator.lab.Lab;
import dev.cleanroom.operator.lab.LabTest;
import dev.cleanroom.operator.lab.Terminal;
import dev.cleanroom.operator.record.TestRecord;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.rbac.RoleBindingBuilder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The commands about records with an account that has the role view in one namespace, against a real API server. */
@LabTest
@Timeout(180)
class RecordCommandsTest {
    private static final String FIRST = "payments-0-1-aaaaaaaa";
    private static final String SECOND = "payments-0-2-bbbbbbbb";
    private static final String THIRD = "payments-0-3-cccccccc";

    private Lab lab;
    private String namespace;
    private Path viewer;

    @BeforeEach
    void open(Lab given) {
        lab = given;
        // Closed for builds, so that no guard rail keeps a test from writing records.
        namespace = lab.namespace(Map.of());
        viewer = account(namespace, "viewer");
        lab.admin()
                .resource(new RoleBindingBuilder()
                        .withNewMetadata()
                        .withNamespace(namespace)
                        .withName("view")
                        .endMetadata()
                        .withNewRoleRef("rbac.authorization.k8s.io", "ClusterRole", "view")
                        .addNewSubject("", "ServiceAccount", "viewer", namespace)
                        .build())
                .create();
        Environments.until(
                "the right to be known",
                () -> assertThat(command("find", "nothing").err()).containsExactly("found in 0 of 0 records"));
    }

    private Path account(String in, String name) {
        lab.admin()
                .resource(new ServiceAccountBuilder()
                        .withNewMetadata()
                        .withNamespace(in)
                        .withName(name)
                        .endMetadata()
                        .build())
                .create();
        return lab.kubeconfig(in, name);
    }

    private Called command(String... arguments) {
        return as(
                viewer,
                Stream.concat(Stream.of(arguments), Stream.of("-n", namespace)).toArray(String[]::new));
    }

    private static Called as(Path kubeconfig, String... arguments) {
        return RecordCalls.call(Stream.concat(Stream.of(arguments), Stream.of("--kubeconfig", kubeconfig.toString()))
                .toArray(String[]::new));
    }

    private TestRecord store(TestRecord record) {
        lab.admin().resource(record.namespace(namespace).build()).create();
        return record;
    }

    private TestRecord first() {
        return new TestRecord(
                FIRST, TestRecord.POM, TestRecord.AXIOS, TestRecord.npm("lodash", "4.17.20", null, "22", false));
    }

    @Test
    void aRecordIsShownComparedFoundAndWrittenAsABillOfMaterials() throws IOException {
        store(first());
        TestRecord second =
                store(new TestRecord(SECOND, TestRecord.POM, TestRecord.AXIOS, TestRecord.LODASH, TestRecord.ESBUILD)
                        .asked("192.0.2.1", "cdn.example.com"));
        store(new TestRecord(THIRD).sameAs(second).asked("192.0.2.1", "cdn.example.com"));

        Called shown = command("show", SECOND);
        assertThat(shown.exitCode()).as("%s", shown.err()).isZero();
        assertThat(shown.out())
                .contains(
                        "record        " + namespace + "/" + SECOND,
                        "observed      Complete",
                        "lockfile      package-lock.json (npm, 2 dependencies)",
                        "asked for     cdn.example.com (4 times, in build)")
                .anyMatch(line -> line.startsWith("install code  pkg:npm/esbuild@0.25.1, postinstall"));

        Called compared = command("diff", FIRST, SECOND);
        assertThat(compared.exitCode()).isEqualTo(1);
        assertThat(compared.out())
                .contains(
                        "~ pkg:npm/lodash@4.17.21  was 4.17.20",
                        "+ pkg:npm/esbuild@0.25.1  install code 4400000000000001",
                        "+ cdn.example.com (4 times, in build)",
                        "+ 192.0.2.1 port 443 (once, in build)",
                        "4 differences");
        assertThat(command("diff", SECOND)).as("with the one before it").isEqualTo(compared);
        Called same = command("diff", SECOND, THIRD);
        assertThat(same.exitCode())
                .as("the third has its lists in the second: %s", same.out())
                .isZero();

        Called found = command("find", "lodash@4.17.21");
        assertThat(found.exitCode()).isZero();
        assertThat(found.out())
                .containsExactly(
                        namespace + "/" + SECOND + "  dependency  pkg:npm/lodash@4.17.21  lockfile package-lock.json",
                        namespace + "/" + THIRD + "  dependency  pkg:npm/lodash@4.17.21  lockfile package-lock.json");
        assertThat(found.err()).containsExactly("found in 2 of 3 records");
        assertThat(command("find", "axios@1.14.0"))
                .isEqualTo(new Called(1, List.of(), List.of("found in 0 of 3 records")));

        Called written = command("sbom", THIRD);
        assertThat(written.exitCode()).as("%s", written.err()).isZero();
        assertThat(new ObjectMapper().readTree(String.join("\n", written.out())).findValuesAsText("purl"))
                .containsExactly("pkg:npm/axios@1.14.1", "pkg:npm/esbuild@0.25.1", "pkg:npm/lodash@4.17.21");
    }

    @Test
    void artifactsAreComparedAndFound() {
        String artifacts = "{\"artifacts\":\"Complete\",\"count\":1,\"entries\":1}";
        String artifact =
                "{\"artifact\":\"target/app.jar\",\"size\":7,\"sha256\":\"%s\",\"format\":\"zip\",\"entries\":1,"
                        + "\"content\":\"%s\"}";
        String entry = "{\"entry\":\"A.class\",\"in\":\"target/app.jar\",\"sha256\":\"%s\",\"mode\":\"0644\"}";
        store(first().made(artifact.formatted("aa", "c1"), entry.formatted("11"), artifacts));
        store(new TestRecord(SECOND, TestRecord.AXIOS)
                .made(artifact.formatted("0011223344556677889900", "c2"), entry.formatted("12"), artifacts));
        assertThat(command("show", SECOND).out())
                .contains("artifact      target/app.jar, 7 bytes, zip 1 entries, sha256 0011223344556677889900");
        assertThat(command("diff", FIRST, SECOND).out())
                .contains(
                        "~ target/app.jar  size 7 -> 7; entries 1 -> 1",
                        "~ target/app.jar!A.class  0644 11 -> 0644 12");
        assertThat(command("find", "0011223344556677889900").out())
                .containsExactly(
                        namespace + "/" + SECOND + "  artifact  target/app.jar  sha256 0011223344556677889900");
        assertThat(command("find", "app.jar").out()).hasSize(2);
    }

    @Test
    void whatIsNotKnownIsNotTakenForAbsent() {
        store(new TestRecord(FIRST).withoutInputs());
        store(new TestRecord(SECOND, TestRecord.AXIOS).detail(new Detail("00", null, "H4sIAAAAAAAA", null)));
        store(new TestRecord(THIRD, TestRecord.AXIOS)
                .inputs(TestRecord.inputs(Reading.Partial, "TooSlow"))
                .observed(Outcome.Partial, "TooSlow", "the workspace was not read whole"));

        assertThat(command("show", FIRST).out())
                .contains(
                        "not known     the record has no inputs: the operator or the observer of that run was of an older"
                                + " version");
        String undecodable = "has a detail that cannot be used: it is not gzip, or was cut";
        assertThat(command("show", SECOND).out()).contains("not known     the record " + undecodable);

        Called compared = command("diff", FIRST, SECOND);
        assertThat(compared.exitCode()).isEqualTo(2);
        assertThat(compared.out())
                .contains("not compared whole: the record " + SECOND + " " + undecodable)
                .endsWith("no difference in what could be compared");

        Called notFound = command("find", "lodash");
        assertThat(notFound.exitCode()).isEqualTo(3);
        assertThat(notFound.err())
                .containsExactly(
                        "not searched whole: " + namespace + "/" + FIRST
                                + " has no inputs: the operator or the observer of that run was of an older version",
                        "not searched whole: " + namespace + "/" + SECOND + " " + undecodable,
                        "not searched whole: " + namespace + "/" + THIRD
                                + " has Partial inputs (TooSlow): the workspace was not read whole",
                        "found in 0 of 3 records");
        assertThat(command("find", "axios").exitCode()).isZero();

        Called written = command("sbom", THIRD);
        assertThat(written.exitCode()).isEqualTo(3);
        assertThat(written.err())
                .containsExactly(
                        "not complete: the record has Partial inputs (TooSlow): the workspace was not read whole");
        assertThat(written.out()).anyMatch(line -> line.contains("\"aggregate\" : \"incomplete\""));
    }

    @Test
    void aRecordThatIsNotThereIsNamedWithTheCommandThatListsThem() {
        String list = "kubectl get record -n " + namespace;
        for (List<String> command : List.of(List.of("show", FIRST), List.of("diff", FIRST), List.of("sbom", FIRST))) {
            assertThat(command(command.toArray(String[]::new)))
                    .isEqualTo(new Called(
                            2,
                            List.of(),
                            List.of("there is no record " + FIRST + " in namespace " + namespace + "; list them: "
                                    + list)));
        }
        store(first());
        String ofEnvironment = list + " -l cleanroom.dev/environment=payments";
        assertThat(command("diff", FIRST).err())
                .containsExactly("no record of the environment payments is older than " + FIRST + "; list them: "
                        + ofEnvironment);
        Terminal administrator =
                new Terminal(lab.cluster(), Actor.user(lab.unique("person")).unbounded());
        for (String command : List.of(list, ofEnvironment)) {
            assertThat(administrator.type(command).output()).as(command).contains(FIRST);
        }
    }

    @Test
    void aMissingRightIsNamed() {
        Path stranger = account(namespace, "stranger");
        String needs =
                ": your account needs the verbs get and list on buildrecords.cleanroom.dev there, which the roles view"
                        + " and cleanroom-responder have";
        assertThat(as(stranger, "show", FIRST, "-n", namespace))
                .isEqualTo(new Called(
                        2,
                        List.of(),
                        List.of("you may not get buildrecords.cleanroom.dev in namespace " + namespace + needs)));
        assertThat(as(stranger, "find", "axios", "-n", namespace).err())
                .containsExactly("you may not list buildrecords.cleanroom.dev in namespace " + namespace + needs);
        assertThat(as(viewer, "find", "axios", "-A").err())
                .containsExactly("you may not list buildrecords.cleanroom.dev in all namespaces" + needs);
    }

    /** More than a page of them, some with their lists in a record of a page long before. */
    @Test
    void allRecordsOfTheClusterAreSearched() {
        TestRecord lists = store(new TestRecord("a-0-1-aaaaaaaa", TestRecord.ESBUILD));
        for (int run = 0; run < 120; run++) {
            store(new TestRecord("b-0-%d-aaaaaaaa".formatted(run + 100)).withoutInputs());
        }
        store(new TestRecord("c-0-1-aaaaaaaa").sameAs(lists));
        String here = namespace + "/";
        Called found = command("find", "esbuild");
        assertThat(found.out())
                .extracting(line -> line.substring(0, line.indexOf(' ')))
                .containsExactly(here + "a-0-1-aaaaaaaa", here + "c-0-1-aaaaaaaa");
        assertThat(found.err())
                .hasSize(12)
                .endsWith("and 110 more records that could not be searched whole", "found in 2 of 122 records");

        Path administrator = lab.operatorKubeconfig();
        assertThat(as(administrator, "find", "esbuild", "-A").out())
                .filteredOn(line -> line.startsWith(here))
                .hasSize(2);
    }
}
