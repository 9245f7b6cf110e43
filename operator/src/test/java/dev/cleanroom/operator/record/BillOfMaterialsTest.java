package dev.cleanroom.operator.record;

import static dev.cleanroom.operator.record.TestRecord.AXIOS;
import static dev.cleanroom.operator.record.TestRecord.ESBUILD;
import static dev.cleanroom.operator.record.TestRecord.LODASH;
import static dev.cleanroom.operator.record.TestRecord.POM;
import static dev.cleanroom.operator.record.TestRecord.npm;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.cleanroom.api.v1alpha1.BuildRecordInputs.Reading;
import dev.cleanroom.api.v1alpha1.BuildRecordObserved.Outcome;
import dev.cleanroom.operator.record.facts.DetailEntry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.cyclonedx.Version;
import org.cyclonedx.exception.ParseException;
import org.cyclonedx.model.Bom;
import org.cyclonedx.model.Component;
import org.cyclonedx.model.Property;
import org.cyclonedx.parsers.JsonParser;
import org.junit.jupiter.api.Test;

class BillOfMaterialsTest {
    private static final JsonParser PARSER = new JsonParser();

    private static String json(TestRecord record) {
        return BillOfMaterials.json(record.build(), record.read(), Optional.of("0.1.0"));
    }

    /** What the library of CycloneDX reads, which finds no mistake in it. */
    private static Bom read(TestRecord record) {
        byte[] json = json(record).getBytes(StandardCharsets.UTF_8);
        try {
            assertThat(PARSER.validate(json, Version.VERSION_16)).isEmpty();
            return PARSER.parse(json);
        } catch (IOException | ParseException e) {
            throw new AssertionError(e);
        }
    }

    private static List<String> values(List<Property> properties, String name) {
        return properties.stream()
                .filter(each -> each.getName().equals(name))
                .map(Property::getValue)
                .toList();
    }

    @Test
    void aRecordIsADocumentOfCycloneDx() {
        Bom bom = read(new TestRecord("payments-0-1-5f0c2a11", POM, AXIOS, LODASH, ESBUILD));
        assertThat(bom.getSpecVersion()).isEqualTo("1.6");
        assertThat(bom.getSerialNumber()).isEqualTo("urn:uuid:5f0c2a11-7d3e-4c2b-9a41-0d6f1e2b3c4d");
        assertThat(bom.getMetadata().getTimestamp()).isEqualTo(Instant.parse("2026-11-30T16:10:00Z"));
        assertThat(bom.getMetadata().getToolChoice().getComponents())
                .extracting(Component::getName, Component::getVersion)
                .containsExactly(tuple("Cleanroom", "0.1.0"));
        Component main = bom.getMetadata().getComponent();
        assertThat(main.getName()).isEqualTo("payments");
        assertThat(main.getVersion()).isEqualTo("4f1c2d");
        assertThat(values(main.getProperties(), "cleanroom:repository"))
                .containsExactly("https://git.example.com/payments.git");
        assertThat(bom.getComponents())
                .extracting(Component::getPurl)
                .containsExactly("pkg:npm/axios@1.14.1", "pkg:npm/esbuild@0.25.1", "pkg:npm/lodash@4.17.21");
        assertThat(bom.getComponents())
                .allSatisfy(each -> assertThat(each.getHashes()).isNullOrEmpty());
        assertThat(values(bom.getMetadata().getProperties(), "cleanroom:inputs"))
                .containsExactly("Complete");
        assertThat(values(bom.getMetadata().getProperties(), "cleanroom:record"))
                .containsExactly("payments-0-1-5f0c2a11");
        assertThat(bom.getCompositions()).isNullOrEmpty();
    }

    @Test
    void aComponentHasItsGroupAndWhereItWasFound() {
        Bom bom = read(new TestRecord(
                "payments-0-1-5f0c2a11",
                npm("@angular/core", "17.0.0", "https://registry.example.com", "11", true),
                TestRecord.fetched("@angular/core", "17.0.0", "22", "33"),
                new DetailEntry.Dependency("com.example:lib", "maven", "1.0", null, null, null, "pom.xml"),
                new DetailEntry.Package("vendor/tool", null, null, null, "44", null, null, null)));
        assertThat(bom.getComponents())
                .extracting(Component::getGroup, Component::getName, Component::getVersion, Component::getPurl)
                .containsExactly(
                        tuple(null, "vendor/tool", null, null),
                        tuple("com.example", "lib", "1.0", "pkg:maven/com.example/lib@1.0"),
                        tuple("@angular", "core", "17.0.0", "pkg:npm/%40angular/core@17.0.0"));
        assertThat(bom.getComponents().getLast().getProperties())
                .extracting(each -> each.getName() + "=" + each.getValue())
                .containsExactly(
                        "cleanroom:installCode=true",
                        "cleanroom:lockfile=package-lock.json",
                        "cleanroom:path=node_modules/@angular/core",
                        "cleanroom:source=https://registry.example.com");
    }

    @Test
    void whatIsMissingIsSaid() {
        Bom bom = read(
                new TestRecord("payments-0-1-5f0c2a11", AXIOS).inputs(TestRecord.inputs(Reading.Partial, "TooSlow")));
        assertThat(values(bom.getMetadata().getProperties(), "cleanroom:inputs"))
                .containsExactly("Incomplete");
        assertThat(values(bom.getMetadata().getProperties(), "cleanroom:inputs:incomplete"))
                .containsExactly("the record has Partial inputs (TooSlow): the workspace was not read whole");
        assertThat(bom.getCompositions()).singleElement().satisfies(each -> {
            assertThat(each.getAggregate().getAggregateName()).isEqualTo("incomplete");
            assertThat(each.getAssemblies()).hasSize(1);
        });
        assertThat(bom.getComponents()).hasSize(1);
    }

    @Test
    void aRunThatWasNotObservedHasNoComponents() {
        Bom bom = read(new TestRecord("payments-0-1-5f0c2a11")
                .withoutInputs()
                .observed(Outcome.Unobserved, "NoReport", "the observer left no report"));
        assertThat(bom.getComponents()).isNullOrEmpty();
        assertThat(bom.getCompositions()).hasSize(1);
    }

    /** Names, versions and paths are the build's own. */
    @Test
    void hostileTextsStayInTheirStrings() {
        String hostile = "\"}],\"x\":[{\u001b[2J\n\u202e<script>&\u00e4";
        TestRecord record = new TestRecord(
                "payments-0-1-5f0c2a11",
                new DetailEntry.Dependency(hostile, "npm", hostile, hostile, hostile, true, hostile),
                new DetailEntry.Dependency("../../x", "golang", "", null, null, true, null),
                new DetailEntry.Package("//", "maven", "a:b:c:d", null, null, hostile, List.of(hostile), 1));
        assertThat(json(record)).matches("[ -~\n]*");
        assertThat(read(record).getComponents()).hasSize(3);
    }
}
