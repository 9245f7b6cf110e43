package dev.cleanroom.operator.crd;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import dev.cleanroom.operator.lab.Lab;
import dev.cleanroom.operator.lab.LabTest;
import dev.cleanroom.operator.lab.Repository;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.StatusCause;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.FieldValidateable.Validation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Every file under {@code crds/cases} is created on a real API server, as a dry run. A {@code valid-} file must be
 * accepted, an {@code invalid-} file refused with exactly the answers in its {@code # message: field: text} lines. Of a
 * file with two documents the first is stored, and the second is the change that is tried.
 */
@LabTest
class CrdCasesTest {
    private static final Path CASES = Repository.root().resolve("crds/cases");
    private static final String MESSAGE = "# message: ";
    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());
    /** The API server's note that it left rules out because of another error. */
    private static final String NOT_CHECKED = "some validation rules were not checked";

    private static final Set<String> OF_THE_CLUSTER = Set.of("BuildEnvironmentClass", "TrustPolicy");

    private static final int LONGEST_TEXT = 32_768;
    private static final int LONGEST_EXPRESSION = 4_096;
    private static final int LONGEST_KEY = 4_096;
    private static final String PEM = "-----BEGIN PUBLIC KEY-----%s-----END PUBLIC KEY-----";

    @TestFactory
    Stream<DynamicTest> everyCase(Lab lab) throws IOException {
        // Not open for builds: what is answered here is the definition's, and not a guard rail's.
        String namespace = lab.namespace(Map.of());
        List<Path> files;
        try (Stream<Path> found = Files.walk(CASES)) {
            files = found.filter(Files::isRegularFile).sorted().toList();
        }
        assertThat(files).isNotEmpty();
        return files.stream()
                .map(file -> DynamicTest.dynamicTest(
                        CASES.relativize(file).toString(), () -> check(lab.admin(), namespace, file)));
    }

    /** Too long for files. */
    @TestFactory
    Stream<DynamicTest> textsOverTheGreatestLength(Lab lab) {
        String namespace = lab.namespace(Map.of());
        return Stream.concat(
                        Stream.of(
                                        "spec.command[0]",
                                        "spec.args[0]",
                                        "spec.env[0].value",
                                        "spec.prepare[0].command[0]",
                                        "spec.prepare[0].args[0]",
                                        "spec.prepare[0].env[0].value")
                                .map(path -> new LongText("buildenvironment", path, LONGEST_TEXT, "%s")),
                        Stream.of(
                                new LongText("trustpolicy", "spec.attestations[0].cel", LONGEST_EXPRESSION, "%s"),
                                new LongText("trustpolicy", "spec.authorities[0].key.pem", LONGEST_KEY, PEM)))
                .map(text -> DynamicTest.dynamicTest(text.path(), () -> {
                    assertThat(answers(lab.admin(), namespace, text.of(text.most())))
                            .isEmpty();
                    assertThat(answers(lab.admin(), namespace, text.of(text.most() + 1)))
                            .containsExactly(
                                    text.path() + ": Too long: may not be more than " + text.most() + " bytes");
                }));
    }

    /** @param shape what is valid around any number of letters */
    private record LongText(String folder, String path, int most, String shape) {
        /** The folder's full case with a text of this length. */
        ObjectNode of(int length) throws IOException {
            ObjectNode full = (ObjectNode) YAML.readTree(
                    CASES.resolve(folder).resolve("valid-full.yaml").toFile());
            String pointer = "/" + path.replace("]", "").replaceAll("[.\\[]", "/");
            String letters = "a".repeat(length - shape.formatted("").length());
            return with(full, pointer, shape.formatted(letters));
        }
    }

    private static void check(KubernetesClient client, String namespace, Path file) throws IOException {
        String name = file.getFileName().toString();
        assertThat(name).as("a case is valid-*.yaml or invalid-*.yaml").matches("(in)?valid-.+[.]yaml");
        List<String> lines = Files.readAllLines(file);
        List<String> expected = lines.stream()
                .filter(line -> line.startsWith(MESSAGE))
                .map(line -> line.substring(MESSAGE.length()))
                .toList();
        assertThat(expected.isEmpty()).as("only an invalid case has messages").isEqualTo(name.startsWith("valid-"));
        List<ObjectNode> documents;
        try (MappingIterator<ObjectNode> read = YAML.readerFor(ObjectNode.class).readValues(file.toFile())) {
            documents = read.readAll();
        }
        assertThat(documents)
                .hasSizeBetween(1, 2)
                .allSatisfy(document -> assertThat(file.getParent().getFileName())
                        .as("the folder of the kind")
                        .hasToString(document.get("kind").asText().toLowerCase(Locale.ROOT)));
        var answers = documents.size() == 1
                ? answers(client, namespace, documents.getFirst())
                : answersToChange(client, namespace, documents.getFirst(), documents.getLast());
        assertThat(answers).containsExactlyInAnyOrderElementsOf(expected);
    }

    /** What the API server says against the resource, as {@code field: message}; empty when it accepts it. */
    private static List<String> answers(KubernetesClient client, String namespace, ObjectNode resource) {
        var tried = client.resource(generic(resource, namespace)).dryRun().fieldValidation(Validation.STRICT);
        return answers(tried::create);
    }

    private static List<String> answersToChange(
            KubernetesClient client, String namespace, ObjectNode stored, ObjectNode changed) {
        var before = client.resource(generic(stored, namespace));
        before.create();
        try {
            var tried = client.resource(generic(changed, namespace)).dryRun().fieldValidation(Validation.STRICT);
            return answers(tried::update);
        } finally {
            before.delete();
        }
    }

    private static GenericKubernetesResource generic(ObjectNode resource, String namespace) {
        GenericKubernetesResource generic = YAML.convertValue(resource, GenericKubernetesResource.class);
        if (!OF_THE_CLUSTER.contains(generic.getKind())) {
            generic.getMetadata().setNamespace(namespace);
        }
        return generic;
    }

    private static List<String> answers(Runnable write) {
        try {
            write.run();
            return List.of();
        } catch (KubernetesClientException refused) {
            assertThat(refused.getCode()).as(refused.getMessage()).isEqualTo(422);
            return refused.getStatus().getDetails().getCauses().stream()
                    .filter(cause -> !cause.getMessage().contains(NOT_CHECKED))
                    .map(CrdCasesTest::answer)
                    .toList();
        }
    }

    private static String answer(StatusCause cause) {
        return cause.getField() + ": " + cause.getMessage();
    }

    private static ObjectNode with(ObjectNode resource, String pointer, String text) {
        ObjectNode copy = resource.deepCopy();
        var parent = copy.at(pointer.substring(0, pointer.lastIndexOf('/')));
        String last = pointer.substring(pointer.lastIndexOf('/') + 1);
        if (parent instanceof ObjectNode object) {
            object.put(last, text);
        } else {
            ((ArrayNode) parent).set(Integer.parseInt(last), text);
        }
        return copy;
    }
}
