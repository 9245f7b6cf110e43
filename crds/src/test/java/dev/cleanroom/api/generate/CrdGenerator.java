package dev.cleanroom.api.generate;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.crdv2.generator.CRDGenerator;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.CustomResource;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;

/** One kind's definition: what the client's generator reads from the types, then what it cannot ({@link SchemaRefinement}). */
final class CrdGenerator {
    private static final String HEADER = """
            # Generated from the types in crds/src/main/java by `make generate`: change them, not this file.
            """;

    static ObjectNode definition(Class<? extends CustomResource<?, ?>> kind) {
        var definition = Yaml.parse(generated(kind));
        definition.withObject("/metadata").remove("annotations");
        orderColumns(kind, (ObjectNode) definition.at("/spec/versions/0"));
        var schema = (ObjectNode) definition.at("/spec/versions/0/schema/openAPIV3Schema");
        SchemaRefinement.refineRoot(kind, schema);
        return definition;
    }

    static String fileName(Class<? extends CustomResource<?, ?>> kind) {
        return HasMetadata.getFullResourceName(kind) + ".yaml";
    }

    static String file(Class<? extends CustomResource<?, ?>> kind) {
        return HEADER + Yaml.write(definition(kind));
    }

    /** The generator sorts columns by path; people read them in the order the type declares. */
    private static void orderColumns(Class<? extends CustomResource<?, ?>> kind, ObjectNode version) {
        var byName = new HashMap<String, JsonNode>();
        version.get("additionalPrinterColumns")
                .forEach(c -> byName.put(c.get("name").asText(), c));
        var columns = version.putArray("additionalPrinterColumns");
        for (var column : kind.getAnnotationsByType(AdditionalPrinterColumn.class)) {
            columns.add(byName.get(column.name()));
        }
    }

    private static String generated(Class<? extends CustomResource<?, ?>> kind) {
        var out = new ByteArrayOutputStream();
        new CRDGenerator()
                .customResourceClasses(kind)
                .forCRDVersions("v1")
                .withParallelGenerationEnabled(false)
                .withOutput(new InMemory(out))
                .generate();
        return out.toString(StandardCharsets.UTF_8);
    }

    private record InMemory(ByteArrayOutputStream out) implements CRDGenerator.CRDOutput<ByteArrayOutputStream> {
        @Override
        public ByteArrayOutputStream outputFor(String crdName) {
            return out;
        }

        @Override
        public void close() {}
    }

    private CrdGenerator() {}
}
