package dev.cleanroom.operator.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.cleanroom.api.v1alpha1.Reasons;
import dev.cleanroom.operator.kube.Resource;
import dev.cleanroom.operator.kube.plan.Result;
import dev.cleanroom.operator.lab.Chart;
import dev.cleanroom.operator.trust.ImageDecision;
import dev.cleanroom.operator.trust.registry.FailureCode;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The chart's alerts ask for what the operator serves, and each has a section for the person it calls. */
class AlertsTest {
    private static final Pattern METRIC = Pattern.compile("cleanroom_\\w+");
    private static final Pattern MATCHER = Pattern.compile("(\\w+)(?:=|!=|=~)\"([^\"]*)\"");
    private static final Pattern LABEL_IN_TEXT = Pattern.compile("\\{\\{ \\$labels\\.(\\w+) }}");
    private static final Pattern GROUPED = Pattern.compile("by \\(([^)]*)\\)");

    record Alert(
            String alert,
            String expr,
            @JsonProperty("for") @Nullable String pending,
            Map<String, String> labels,
            Map<String, String> annotations) {}

    @Test
    void everyMetricOfAnAlertIsServed() {
        String scrape = ServedMetrics.scrape();
        for (Alert alert : alerts()) {
            assertThat(METRIC.matcher(alert.expr()).results().map(found -> found.group()))
                    .as(alert.alert())
                    .isNotEmpty()
                    .allSatisfy(metric -> assertThat(scrape).contains("\n" + metric + "{"));
        }
    }

    /** A series that nothing ever counts makes an alert that never fires. */
    @Test
    void everyLabelAndValueThatAnAlertSelectsExists() {
        for (Alert alert : alerts()) {
            Set<String> labels = ServedMetrics.families().stream()
                    .filter(metric -> alert.expr().contains(metric.name()))
                    .flatMap(metric -> metric.labels().stream())
                    .collect(Collectors.toSet());
            MATCHER.matcher(alert.expr()).results().forEach(found -> {
                assertThat(labels).as(alert.alert()).contains(found.group(1));
                assertThat(values(found.group(1)))
                        .as("%s: values of %s", alert.alert(), found.group(1))
                        .containsAll(Arrays.asList(found.group(2).split("[|]")));
            });
            assertThat(labels).as(alert.alert()).containsAll(grouped(alert));
        }
    }

    @Test
    void everyAlertSaysWhatHappenedAndHowUrgentItIs() {
        for (Alert alert : alerts()) {
            assertThat(alert.labels())
                    .as(alert.alert())
                    .hasEntrySatisfying(
                            "severity", severity -> assertThat(severity).isIn("critical", "warning"));
            for (String text : List.of("summary", "description")) {
                assertThat(alert.annotations().get(text))
                        .as("%s of %s", text, alert.alert())
                        .isNotBlank();
            }
            // Aggregation keeps the labels it names and no other, so others would be blank.
            String texts = String.join(" ", alert.annotations().values());
            assertThat(grouped(alert))
                    .as(alert.alert())
                    .containsAll(LABEL_IN_TEXT
                            .matcher(texts)
                            .results()
                            .map(found -> found.group(1))
                            .toList());
        }
    }

    @Test
    void everyAlertHasASectionInTheOperatingPageWithItsSeverityAndACommand() {
        for (Alert alert : alerts()) {
            assertThat(OperatingPage.sections())
                    .as("docs/operating.md")
                    .hasEntrySatisfying(
                            alert.alert().toLowerCase(Locale.ROOT),
                            section -> assertThat(section)
                                    .contains("Severity: " + alert.labels().get("severity"), "```sh"));
        }
    }

    @Test
    void theOperatingPageExplainsNoAlertThatDoesNotExist() {
        List<String> names = alerts().stream()
                .map(alert -> alert.alert().toLowerCase(Locale.ROOT))
                .toList();
        assertThat(OperatingPage.sections().keySet().stream().filter(anchor -> anchor.matches("cleanroom[a-z]+")))
                .containsExactlyInAnyOrderElementsOf(names);
    }

    private static Set<String> grouped(Alert alert) {
        return GROUPED.matcher(alert.expr())
                .results()
                .flatMap(found -> Arrays.stream(found.group(1).split(", *")))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** Every value that the operator can give a label. */
    private static Set<String> values(String label) {
        return switch (label) {
            case "kind" -> Arrays.stream(Resource.values()).map(Resource::kind).collect(Collectors.toSet());
            case "verb" -> Set.of("create", "apply", "patch", "confirm", "delete", "apply-status");
            case "result" -> named(Result.class);
            case "code" -> Arrays.stream(FailureCode.values()).map(Enum::name).collect(Collectors.toSet());
            case "outcome" -> {
                Set<String> outcomes = new HashSet<>(named(ImageDecision.class));
                outcomes.addAll(Set.of(Reasons.ENFORCED, Reasons.POLICY_NOT_ENFORCED, Reasons.GATE_UNREACHABLE));
                outcomes.add("error");
                yield outcomes;
            }
            default -> Set.of();
        };
    }

    private static Set<String> named(Class<?> sealed) {
        return Stream.of(sealed.getPermittedSubclasses())
                .map(Class::getSimpleName)
                .collect(Collectors.toSet());
    }

    private static List<Alert> alerts() {
        try (InputStream file = Files.newInputStream(Chart.directory().resolve("files/alerts.yaml"))) {
            return List.of(Serialization.unmarshal(file, Alert[].class));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
