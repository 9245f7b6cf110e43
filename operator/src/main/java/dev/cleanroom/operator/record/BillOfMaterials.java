package dev.cleanroom.operator.record;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cleanroom.api.v1alpha1.BuildRecord;
import dev.cleanroom.api.v1alpha1.BuildRecordObserved;
import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.api.v1alpha1.Source;
import dev.cleanroom.operator.record.facts.Coordinates;
import dev.cleanroom.operator.record.facts.DetailEntry;
import dev.cleanroom.operator.record.facts.RecordDetail;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A record's dependencies and packages as CycloneDX 1.6 (https://cyclonedx.org/docs/1.6/json/). It has no hashes, because a record has
 * only the first digits of them, and no relations, because a record has none.
 */
public final class BillOfMaterials {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final ObjectWriter WRITER = JsonMapper.builder()
            .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
            .build()
            .writerWithDefaultPrettyPrinter();
    private static final String PREFIX = "cleanroom:";
    private static final String MAIN = "build";
    private static final Pattern UUID = Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");

    private BillOfMaterials() {}

    /**
     * The document, in printable ASCII.
     *
     * @param version of Cleanroom; empty if it is not known
     */
    public static String json(BuildRecord record, RecordInputs inputs, Optional<String> version) {
        try {
            return WRITER.writeValueAsString(of(record, inputs, version));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static ObjectNode of(BuildRecord record, RecordInputs inputs, Optional<String> version) {
        ObjectNode bom = JSON.objectNode()
                .put("$schema", "http://cyclonedx.org/schema/bom-1.6.schema.json")
                .put("bomFormat", "CycloneDX")
                .put("specVersion", "1.6");
        String uid = record.getMetadata().getUid();
        if (uid != null && UUID.matcher(uid).matches()) {
            bom.put("serialNumber", "urn:uuid:" + uid);
        }
        bom.put("version", 1);
        bom.set("metadata", metadata(record, inputs, version));
        bom.set("components", inputs.detail().map(BillOfMaterials::components).orElseGet(JSON::arrayNode));
        if (!inputs.gaps().isEmpty()) {
            bom.putArray("compositions")
                    .addObject()
                    .put("aggregate", "incomplete")
                    .putArray("assemblies")
                    .add(MAIN);
        }
        return bom;
    }

    private static ObjectNode metadata(BuildRecord record, RecordInputs inputs, Optional<String> version) {
        Optional<BuildRecordObserved> observed = Optional.ofNullable(record.getObserved());
        ObjectNode metadata = JSON.objectNode();
        observed.map(BuildRecordObserved::finishTime).ifPresent(time -> metadata.put("timestamp", time));
        ObjectNode tool = metadata.putObject("tools").putArray("components").addObject();
        tool.put("type", "application").put("name", "Cleanroom");
        version.ifPresent(known -> tool.put("version", known));
        metadata.set("component", main(record, observed.map(BuildRecordObserved::source)));
        ArrayNode properties = metadata.putArray("properties");
        String outcome = inputs.gaps().isEmpty() ? "Complete" : "Incomplete";
        property(properties, "inputs", outcome);
        inputs.gaps().forEach(gap -> property(properties, "inputs:incomplete", "the record " + gap));
        property(properties, "namespace", record.getMetadata().getNamespace());
        property(properties, "record", record.getMetadata().getName());
        return metadata;
    }

    private static ObjectNode main(BuildRecord record, Optional<Source> source) {
        Map<String, String> labels = record.getMetadata().getLabels();
        String environment = labels == null ? null : labels.get(CleanroomApi.ENVIRONMENT_LABEL);
        ObjectNode main = JSON.objectNode()
                .put("type", "application")
                .put("bom-ref", MAIN)
                .put("name", environment == null ? record.getMetadata().getName() : environment);
        source.map(Source::revision).ifPresent(revision -> main.put("version", revision));
        source.map(Source::repository)
                .ifPresent(repository -> property(main.putArray("properties"), "repository", repository));
        return main;
    }

    private static ArrayNode components(RecordDetail detail) {
        Map<Coordinates, SortedSet<Property>> found = new TreeMap<>();
        for (DetailEntry.Dependency each : detail.dependencies()) {
            SortedSet<Property> of = found.computeIfAbsent(Coordinates.of(each), unused -> new TreeSet<>());
            add(of, "lockfile", each.lockfile());
            add(of, "source", each.source());
            add(of, "installCode", Boolean.TRUE.equals(each.installCode()) ? "true" : null);
        }
        for (DetailEntry.Package each : detail.packages()) {
            SortedSet<Property> of = found.computeIfAbsent(Coordinates.of(each), unused -> new TreeSet<>());
            add(of, "path", each.packageFolder());
            add(of, "installCode", each.installCode() == null ? null : "true");
        }
        ArrayNode components = JSON.arrayNode();
        found.forEach((at, properties) ->
                components.add(component("component-" + (components.size() + 1), at, List.copyOf(properties))));
        return components;
    }

    private static ObjectNode component(String reference, Coordinates at, List<Property> properties) {
        ObjectNode component = JSON.objectNode().put("type", "library").put("bom-ref", reference);
        at.namespace().ifPresent(group -> component.put("group", group));
        component.put("name", at.shortName());
        if (!at.version().isEmpty()) {
            component.put("version", at.version());
        }
        at.purl().ifPresent(purl -> component.put("purl", purl));
        if (!properties.isEmpty()) {
            ArrayNode all = component.putArray("properties");
            properties.forEach(each -> property(all, each.name(), each.value()));
        }
        return component;
    }

    private record Property(String name, String value) implements Comparable<Property> {
        @Override
        public int compareTo(Property other) {
            int byName = name.compareTo(other.name);
            return byName != 0 ? byName : value.compareTo(other.value);
        }
    }

    private static void add(SortedSet<Property> properties, String name, @Nullable String value) {
        if (value != null) {
            properties.add(new Property(name, value));
        }
    }

    private static void property(ArrayNode properties, String name, String value) {
        properties.addObject().put("name", PREFIX + name).put("value", value);
    }
}
