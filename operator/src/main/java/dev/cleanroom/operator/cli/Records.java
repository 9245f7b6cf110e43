package dev.cleanroom.operator.cli;

import dev.cleanroom.api.v1alpha1.BuildRecord;
import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.operator.check.Cluster;
import dev.cleanroom.operator.check.Lookup;
import dev.cleanroom.operator.kube.Resource;
import dev.cleanroom.operator.record.RecordInputs;
import io.fabric8.kubernetes.api.model.KubernetesResourceList;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** The records of a cluster, for commands that people run. */
final class Records {
    /** A record has up to 170 KiB. */
    private static final long PAGE = 50;

    private static final Comparator<BuildRecord> AGE = Comparator.comparing(
                    (BuildRecord record) -> record.getMetadata().getCreationTimestamp())
            .thenComparing(record -> record.getMetadata().getName());

    private final Cluster cluster;

    Records(Cluster cluster) {
        this.cluster = cluster;
    }

    /** A command cannot be carried out; its message is for the person who ran it. */
    static final class Refused extends Exception {
        private static final long serialVersionUID = 1L;

        private Refused(String message) {
            super(message);
        }

        private static Refused denied(Lookup.Denied<?> denied) {
            return new Refused("you may not " + denied.right()
                    + ": your account needs the verbs get and list on buildrecords.cleanroom.dev there, which the roles"
                    + " view and cleanroom-responder have");
        }
    }

    BuildRecord get(String namespace, String name) throws Refused {
        return switch (cluster.get(Resource.BUILD_RECORD, namespace, name, BuildRecord.class)) {
            case Lookup.Found<BuildRecord>(BuildRecord record) -> record;
            case Lookup.Absent<BuildRecord> _ ->
                throw new Refused("there is no record " + name + " in namespace " + namespace
                        + "; list them: kubectl get record -n " + namespace);
            case Lookup.Denied<BuildRecord> denied -> throw Refused.denied(denied);
        };
    }

    /** The record of the known-good run with which it was compared; if there is none, the one before it. */
    BuildRecord reference(BuildRecord record) throws Refused {
        String comparedWith = record.getComparedWith();
        return comparedWith == null ? before(record) : get(record.getMetadata().getNamespace(), comparedWith);
    }

    /** The newest record of the same environment that is older. */
    private BuildRecord before(BuildRecord record) throws Refused {
        String namespace = record.getMetadata().getNamespace();
        Map<String, String> labels = record.getMetadata().getLabels();
        String environment = labels == null ? null : labels.get(CleanroomApi.ENVIRONMENT_LABEL);
        if (environment == null) {
            throw new Refused("the record " + record.getMetadata().getName() + " has no label "
                    + CleanroomApi.ENVIRONMENT_LABEL + ", so name the record to compare it with");
        }
        var found = cluster.list(
                Resource.BUILD_RECORD,
                namespace,
                Map.of(CleanroomApi.ENVIRONMENT_LABEL, environment),
                BuildRecord.class);
        return switch (found) {
            case Lookup.Found<List<BuildRecord>>(List<BuildRecord> all) ->
                all.stream()
                        .filter(each -> AGE.compare(each, record) < 0)
                        .max(AGE)
                        .orElseThrow(() -> new Refused("no record of the environment " + environment
                                + " is older than " + record.getMetadata().getName()
                                + "; list them: kubectl get record -n "
                                + namespace + " -l " + CleanroomApi.ENVIRONMENT_LABEL + "=" + environment));
            case Lookup.Absent<List<BuildRecord>> _ -> throw notServed();
            case Lookup.Denied<List<BuildRecord>> denied -> throw Refused.denied(denied);
        };
    }

    RecordInputs inputs(BuildRecord record) {
        return RecordInputs.of(record, name -> optional(record.getMetadata().getNamespace(), name));
    }

    /** @param namespace empty for all of them */
    void forEach(Optional<String> namespace, BiConsumer<BuildRecord, RecordInputs> consumer) throws Refused {
        Map<String, BuildRecord> near = Map.of();
        String next = "";
        do {
            KubernetesResourceList<BuildRecord> page = page(namespace, next);
            Map<String, BuildRecord> here = new HashMap<>();
            page.getItems()
                    .forEach(each -> here.put(
                            key(
                                    each.getMetadata().getNamespace(),
                                    each.getMetadata().getName()),
                            each));
            Map<String, BuildRecord> known = new HashMap<>(near);
            known.putAll(here);
            for (BuildRecord record : page.getItems()) {
                String in = record.getMetadata().getNamespace();
                consumer.accept(
                        record,
                        RecordInputs.of(
                                record,
                                name -> Optional.ofNullable(known.get(key(in, name)))
                                        .or(() -> optional(in, name))));
            }
            // A record often names the one before it, and its page is at hand.
            near = here;
            next = next(page);
        } while (!next.isEmpty());
    }

    private KubernetesResourceList<BuildRecord> page(Optional<String> namespace, String next) throws Refused {
        var options = new ListOptionsBuilder().withLimit(PAGE);
        if (!next.isEmpty()) {
            options.withContinue(next);
        }
        return switch (cluster.page(Resource.BUILD_RECORD, namespace, options.build(), BuildRecord.class)) {
            case Lookup.Found<KubernetesResourceList<BuildRecord>>(var page) -> page;
            case Lookup.Absent<KubernetesResourceList<BuildRecord>> _ -> throw notServed();
            case Lookup.Denied<KubernetesResourceList<BuildRecord>> denied -> throw Refused.denied(denied);
        };
    }

    private static String next(KubernetesResourceList<BuildRecord> page) {
        @Nullable String next = page.getMetadata() == null ? null : page.getMetadata().getContinue();
        return next == null ? "" : next;
    }

    private Optional<BuildRecord> optional(String namespace, String name) {
        return cluster.get(Resource.BUILD_RECORD, namespace, name, BuildRecord.class)
                        instanceof Lookup.Found<BuildRecord>(BuildRecord record)
                ? Optional.of(record)
                : Optional.empty();
    }

    private static Refused notServed() {
        return new Refused(
                "this cluster serves no BuildRecords: the chart is not installed, or is of an older version");
    }

    private static String key(String namespace, String name) {
        return namespace + "/" + name;
    }
}
