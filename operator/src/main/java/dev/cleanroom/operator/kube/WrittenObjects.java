package dev.cleanroom.operator.kube;

import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.ByteArrayInputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * Reads objects that people wrote in YAML, and binds them exactly as those from the API server. It does not use the
 * client's own reader for files, because that ignores everything after a first document in JSON, and a policy that is
 * not read decides nothing.
 */
public final class WrittenObjects {
    /** The largest text that is read. A ConfigMap has at most 1 MiB. */
    public static final int MOST_BYTES = 16 << 20;

    /** The most aliases of lists and maps: each stands for all that it names, which may contain more of them. */
    private static final int MOST_ALIASES = 50;

    private final KubernetesSerialization serialization = TolerantSerialization.create();

    /** One object that is not bound yet. */
    public final class Written {
        private final Map<?, ?> content;

        private Written(Map<?, ?> content) {
            this.content = content;
        }

        public boolean is(Resource kind) {
            return text(content, "apiVersion").equals(kind.apiVersion())
                    && text(content, "kind").equals(kind.kind());
        }

        /**
         * @throws IllegalArgumentException if a field outside our schemas, such as metadata, cannot be bound; an object
         *     has the errors of its own spec
         */
        public <R> R as(Class<R> type) {
            try {
                return serialization.convertValue(content, type);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException("its metadata or data cannot be read", e);
            } catch (StackOverflowError e) {
                throw tooDeep(e);
            }
        }

        /** The API version, kind and name, as far as the object has them. */
        @Override
        public String toString() {
            String name = content.get("metadata") instanceof Map<?, ?> metadata ? text(metadata, "name") : "";
            return String.join(" ", text(content, "apiVersion"), text(content, "kind"), name)
                    .strip();
        }
    }

    /**
     * Reads every object, in order. The items of a List, which {@code kubectl get -o yaml} prints, are separate
     * objects.
     *
     * @throws IllegalArgumentException if it is not YAML, or contains something that is not an object
     */
    public List<Written> read(byte[] yaml) {
        if (yaml.length > MOST_BYTES) {
            throw new IllegalArgumentException("it has more than " + MOST_BYTES + " bytes");
        }
        var settings = LoadSettings.builder()
                .setCodePointLimit(MOST_BYTES)
                .setMaxAliasesForCollections(MOST_ALIASES)
                .build();
        List<Written> objects = new ArrayList<>();
        try {
            for (Object document : new Load(settings).loadAllFromInputStream(new ByteArrayInputStream(yaml))) {
                objects.addAll(objects(document));
            }
        } catch (YamlEngineException e) {
            throw new IllegalArgumentException("it is not YAML: " + problem(e), e);
        } catch (StackOverflowError e) {
            throw tooDeep(e);
        }
        return objects;
    }

    private List<Written> objects(Object document) {
        if (document == null) {
            return List.of(); // an empty document between two separators
        }
        if (document instanceof Map<?, ?> list
                && text(list, "kind").equals("List")
                && list.get("items") instanceof List<?> items) {
            return items.stream().map(this::object).toList();
        }
        return List.of(object(document));
    }

    private Written object(Object document) {
        if (document instanceof Map<?, ?> content && content.containsKey("kind")) {
            return new Written(content);
        }
        throw new IllegalArgumentException(
                "it contains something that is not an object: an object has apiVersion, kind and metadata");
    }

    /** Neither parser limits the depth, and an alias may refer to a node that contains it. */
    private static IllegalArgumentException tooDeep(StackOverflowError e) {
        return new IllegalArgumentException("it is nested too deeply, or contains itself", e);
    }

    private static String text(Map<?, ?> object, String field) {
        return object.get(field) instanceof String text ? text : "";
    }

    /** The library's own message quotes the lines around the error, which may contain a private key. */
    private static String problem(YamlEngineException e) {
        if (!(e instanceof MarkedYamlEngineException marked)) {
            return String.valueOf(e.getMessage());
        }
        Optional<Mark> mark = marked.getProblemMark();
        return mark.map(at -> "line " + (at.getLine() + 1) + ": ").orElse("") + marked.getProblem();
    }
}
