package dev.cleanroom.operator.e2e;

import static dev.cleanroom.operator.lab.BuildEnvironmentAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cleanroom.operator.e2e.WrongFields.Wrong;
import dev.cleanroom.operator.lab.Environments;
import dev.cleanroom.operator.lab.Lab;
import dev.cleanroom.operator.lab.LabTest;
import dev.cleanroom.operator.lab.Manifests;
import dev.cleanroom.operator.lab.OperatorProcess;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinitionBuilder;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaPropsBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.FieldValidateable;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.assertj.core.api.SoftAssertions;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Wrong fields: refused by the API server, or, let in by another version's CRD, told in a condition. Never more. */
@LabTest
@Timeout(300)
class PoisonTest {
    private static final long SEED = 20261124;
    private static final int BAD = 200;
    private static final int GOOD = 50;
    private static final String ENVIRONMENTS = "buildenvironments.cleanroom.dev";
    private static final String CLASSES = "buildenvironmentclasses.cleanroom.dev";

    @Test
    void theApiServerRefusesEachWrongFieldWithItsPath(Lab lab) {
        String namespace = lab.namespace();
        create(lab, namespace, "right", WrongFields.right());
        SoftAssertions all = new SoftAssertions();
        List<Wrong> wrongs = wrongFields();
        for (int i = 0; i < BAD; i++) {
            Wrong wrong = wrongs.get(i);
            String name = "bad-" + i;
            KubernetesClientException refused = catchThrowableOfType(
                    KubernetesClientException.class, () -> create(lab, namespace, name, wrong.spec()));
            all.assertThat(refused)
                    .as("%s (%s)", wrong.path(), wrong.what())
                    .isNotNull()
                    .satisfies(e -> assertThat(e.getCode()).isIn(400, 422))
                    .hasMessageContaining(wrong.path());
        }
        all.assertAll();
    }

    @Test
    void whatALooserCrdLetInIsToldWithItsPathAndTheRestGoesOn(Lab lab) {
        loosenEnvironments(lab);
        String namespace = lab.namespace();
        Environments environments = lab.environments(namespace);
        List<Wrong> wrongs = wrongFields();
        // Half of it is there when the operator lists, the other half comes while it watches.
        for (int i = 0; i < BAD / 2; i++) {
            create(lab, namespace, "bad-" + i, wrongs.get(i).spec());
        }
        OperatorProcess operator =
                lab.operator(lab.operatorKubeconfig(), "--leader-elect=false", "--namespaces", namespace);
        for (int i = 0; i < GOOD; i++) {
            environments.create(Manifests.task("good-" + i, "standard"));
            for (int j = BAD / 2 + 2 * i; j < BAD / 2 + 2 * i + 2; j++) {
                create(lab, namespace, "bad-" + j, wrongs.get(j).spec());
            }
        }

        for (int i = 0; i < GOOD; i++) {
            environments.awaitCondition("good-" + i, "Ready", "True", "Running");
        }
        SoftAssertions all = new SoftAssertions();
        for (int i = 0; i < BAD; i++) {
            Wrong wrong = wrongs.get(i);
            String name = "bad-" + i;
            all.assertThatCode(() -> environments.await(
                            name,
                            environment -> assertThat(environment)
                                    .hasCondition("Stalled", "True", "Unreadable")
                                    .hasCondition("Ready", "False", "Unreadable")
                                    .hasMessage("Stalled", wrong.path())))
                    .as("%s (%s)", wrong.path(), wrong.what())
                    .doesNotThrowAnyException();
        }
        all.assertAll();
        assertThat(lab.admin().pods().inNamespace(namespace).list().getItems())
                .as("pods, of the good ones only")
                .hasSize(GOOD);
        assertThat(operator.isAlive()).isTrue();
        assertThat(operator.get("/readyz").orElseThrow().statusCode()).isEqualTo(200);
    }

    /** JSON merged into a right spec, and the reason it is told with. */
    private static final Map<String, String> MEANINGLESS = Map.ofEntries(
            Map.entry("{'resources': {'limits': {'cpu': 'lots'}}}", "Unreadable"),
            Map.entry("{'workspace': {'size': 'big'}}", "Unreadable"),
            Map.entry("{'workspace': {'size': null}}", "Unreadable"),
            Map.entry("{'tmp': {'size': ''}}", "Unreadable"),
            Map.entry("{'tmp': {'size': '-1Gi'}}", "WriteRefused"),
            Map.entry("{'maxLifetime': 'soon'}", "Unreadable"),
            Map.entry("{'ttlAfterFinished': 'later'}", "Unreadable"),
            Map.entry("{'egress': [{'name': 'a', 'cidr': 'nonsense', 'ports': [443]}]}", "WriteRefused"),
            Map.entry("{'egress': [{'name': 'a', 'cidr': '192.0.2.0/24', 'ports': [70000]}]}", "WriteRefused"),
            Map.entry("{'egress': [{'name': 'a', 'ports': [443]}]}", "WriteRefused"),
            Map.entry("{'egress': [{'cidr': '192.0.2.0/24'}]}", "Unreadable"),
            Map.entry("{'egress': [null]}", "Unreadable"),
            Map.entry("{'image': null}", "Unreadable"),
            Map.entry("{'image': ''}", "ReferenceMalformed"),
            Map.entry("{'command': null}", "Unreadable"),
            Map.entry("{'className': 'not a name!'}", "ClassNotFound"),
            Map.entry("{'secrets': [{'mountPath': '/a'}]}", "Unreadable"),
            Map.entry("{'env': [{'name': 'A=', 'value': 'x'}]}", "WriteRefused"),
            Map.entry("{'env': [{'value': 'x'}]}", "Unreadable"),
            Map.entry(
                    "{'prepare': [{'name': 'UPPER', 'image': '" + Manifests.IMAGE + "', 'command': ['a']}]}",
                    "WriteRefused"),
            Map.entry("{'prepare': [{}]}", "Unreadable"));

    @Test
    void whatHasTheRightTypeAndNoMeaningIsToldToo(Lab lab) throws IOException {
        loosenEnvironments(lab);
        String namespace = lab.namespace();
        Environments environments = lab.environments(namespace);
        OperatorProcess operator =
                lab.operator(lab.operatorKubeconfig(), "--leader-elect=false", "--namespaces", namespace);
        Map<String, String> names = new TreeMap<>();
        for (String merged : MEANINGLESS.keySet()) {
            ObjectNode spec = WrongFields.right();
            // The default class allows none, and says so before anything else.
            spec.remove("identity");
            new ObjectMapper()
                    .readTree(merged.replace('\'', '"'))
                    .properties()
                    .forEach(field -> spec.set(field.getKey(), field.getValue()));
            names.put(merged, "bad-" + names.size());
            create(lab, namespace, names.get(merged), spec);
        }
        environments.create(Manifests.task("good", "standard"));

        environments.awaitCondition("good", "Ready", "True", "Running");
        SoftAssertions all = new SoftAssertions();
        names.forEach((merged, name) -> all.assertThatCode(() -> Environments.within(Duration.ofSeconds(5), merged)
                        .untilAsserted(() -> assertThat(environments.withoutSpec(name))
                                .hasCondition("Stalled", "True", MEANINGLESS.get(merged))))
                .as(merged)
                .doesNotThrowAnyException());
        all.assertAll();
        assertThat(lab.admin().pods().inNamespace(namespace).list().getItems()).hasSize(1);
        assertThat(operator.isAlive()).isTrue();
    }

    @Test
    void whatIsCorrectedIsBuilt(Lab lab) {
        loosenEnvironments(lab);
        String namespace = lab.namespace();
        Environments environments = lab.environments(namespace);
        lab.operator(lab.operatorKubeconfig(), "--leader-elect=false", "--namespaces", namespace);
        environments.create(Manifests.task("payments", "standard"));
        environments.awaitCondition("payments", "Ready", "True", "Running");

        environments.merge("payments", "{\"spec\": {\"retries\": \"often\"}}");
        environments.awaitCondition("payments", "Stalled", "True", "Unreadable");
        assertThat(environments.podNames("payments"))
                .as("the pod that runs already")
                .containsExactly("payments-0-1");

        environments.merge("payments", "{\"spec\": {\"retries\": 3}}");
        environments.awaitCondition("payments", "Ready", "True", "Running");
        assertThat(environments.podNames("payments")).containsExactly("payments-0-1");
    }

    @Test
    void aClassThatIsNotUnderstoodIsToldAndItsEnvironmentsWait(Lab lab) {
        loosen(lab, CLASSES);
        String namespace = lab.namespace();
        Environments environments = lab.environments(namespace);
        String name = lab.buildClass(Map.of());
        awaitAccepted(() -> lab.admin()
                .genericKubernetesResources("cleanroom.dev/v1alpha1", "BuildEnvironmentClass")
                .withName(name)
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\": {\"limits\": \"many\"}}"));
        OperatorProcess operator =
                lab.operator(lab.operatorKubeconfig(), "--leader-elect=false", "--namespaces", namespace);
        environments.create(Manifests.task("payments", name));
        environments.create(Manifests.task("other", "standard"));

        environments.awaitCondition("other", "Ready", "True", "Running");
        environments.awaitCondition("payments", "Stalled", "True", "ClassUnreadable");
        assertThat(environments.podNames("payments")).isEmpty();
        assertThat(operator.isAlive()).isTrue();
    }

    private static List<Wrong> wrongFields() {
        System.out.println("seed " + SEED);
        WrongFields generator = new WrongFields(SEED);
        List<Wrong> wrongs = new ArrayList<>();
        for (int i = 0; i < BAD; i++) {
            wrongs.add(generator.next());
        }
        return wrongs;
    }

    /** As kubectl does: unknown fields are an error, where the schema knows all. */
    private static void create(Lab lab, String namespace, String name, JsonNode spec) {
        String json =
                "{\"apiVersion\":\"cleanroom.dev/v1alpha1\",\"kind\":\"BuildEnvironment\",\"metadata\":{\"name\":\""
                        + name + "\"},\"spec\":" + spec + "}";
        lab.admin()
                .genericKubernetesResources("cleanroom.dev/v1alpha1", "BuildEnvironment")
                .inNamespace(namespace)
                .resource(Serialization.unmarshal(json, GenericKubernetesResource.class))
                .fieldValidation(FieldValidateable.Validation.STRICT)
                .create();
    }

    /** Makes a CRD take any spec, as one of another version may, until the test ends. */
    private static void loosen(Lab lab, String crd) {
        assumeFalse(lab.cluster().isOwn(), "the CRDs of a cluster of somebody's own are left as they are");
        CustomResourceDefinition shipped = definition(lab, crd);
        edit(lab, crd, anySpec());
        lab.onClose(() -> edit(
                lab,
                crd,
                shipped.getSpec()
                        .getVersions()
                        .getFirst()
                        .getSchema()
                        .getOpenAPIV3Schema()
                        .getProperties()
                        .get("spec")));
    }

    private static void loosenEnvironments(Lab lab) {
        loosen(lab, ENVIRONMENTS);
        String probe = lab.namespace();
        awaitAccepted(() -> create(lab, probe, "probe", WrongFields.right().put("unknown", "x")));
    }

    /** A changed CRD is served a moment later. */
    private static void awaitAccepted(ThrowingRunnable write) {
        Environments.within(Duration.ofSeconds(30), "the API server to take any spec")
                .ignoreExceptionsInstanceOf(KubernetesClientException.class)
                .untilAsserted(write);
    }

    private static JSONSchemaProps anySpec() {
        return new JSONSchemaPropsBuilder()
                .withXKubernetesPreserveUnknownFields(true)
                .build();
    }

    private static CustomResourceDefinition definition(Lab lab, String crd) {
        return lab.admin()
                .apiextensions()
                .v1()
                .customResourceDefinitions()
                .withName(crd)
                .get();
    }

    private static void edit(Lab lab, String crd, JSONSchemaProps spec) {
        lab.admin()
                .apiextensions()
                .v1()
                .customResourceDefinitions()
                .withName(crd)
                .edit(found -> new CustomResourceDefinitionBuilder(found)
                        .editSpec()
                        .editFirstVersion()
                        .editSchema()
                        .editOpenAPIV3Schema()
                        .addToProperties("spec", spec)
                        .endOpenAPIV3Schema()
                        .endSchema()
                        .endVersion()
                        .endSpec()
                        .build());
    }
}
