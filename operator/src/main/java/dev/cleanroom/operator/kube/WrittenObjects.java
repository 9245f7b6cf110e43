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
 * Objects as people write them, in YAML, bound exactly as those that the API server has. Not by the client's own reading of
 * files: that passes over what comes after a first document in JSON, and a policy that is not read decides nothing.
 */
public final class WrittenObjects {
    /** Of one text: a ConfigMap has at most 1 MiB. */
    public static final int MOST_BYTES = 16 << 20;

    private final KubernetesSerialization serialization = TolerantSerialization.create();

    /** One object, not yet bound. */
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
         * @throws IllegalArgumentException when what no schema of ours is about, such as metadata, is not what it should be;
         *     of a spec, the object tells
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

        /** API version, kind and name, as far as they are there. */
        @Override
        public String toString() {
            String name = content.get("metadata") instanceof Map<?, ?> metadata ? text(metadata, "name") : "";
            return String.join(" ", text(content, "apiVersion"), text(content, "kind"), name)
                    .strip();
        }
    }

    /**
     * Every object, in order; those of a List one by one, as {@code kubectl get -o yaml} writes several.
     *
     * @throws IllegalArgumentException when it is not YAML, or holds something else than objects
     */
    public List<Written> read(byte[] yaml) {
        if (yaml.length > MOST_BYTES) {
            throw new IllegalArgumentException("it has more than " + MOST_BYTES + " bytes");
        }
        var settings = LoadSettings.builder().setCodePointLimit(MOST_BYTES).build();
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
            return List.of(); // nothing between two separators
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
                "it holds something that is no object: each has apiVersion, kind and metadata");
    }

    /** Neither reader has a limit of its own, and an alias may lead back to what it is in. */
    private static IllegalArgumentException tooDeep(StackOverflowError e) {
        return new IllegalArgumentException("it is nested too deep, or holds itself", e);
    }

    private static String text(Map<?, ?> object, String field) {
        return object.get(field) instanceof String text ? text : "";
    }

    /** The library's own message shows the lines around it, which may be a key. */
    private static String problem(YamlEngineException e) {
        if (!(e instanceof MarkedYamlEngineException marked)) {
            return String.valueOf(e.getMessage());
        }
        Optional<Mark> mark = marked.getProblemMark();
        return mark.map(at -> "line " + (at.getLine() + 1) + ": ").orElse("") + marked.getProblem();
    }
}
