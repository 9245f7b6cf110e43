package dev.cleanroom.operator.bench;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.api.v1alpha1.BuildRecord;
import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.operator.pod.Names;
import dev.cleanroom.operator.record.RunObservation;
import dev.cleanroom.operator.record.SampleRuns;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;

/** The environments of a few namespaces: created by the team's account, counted and removed by the administrator. */
final class Fleet {
    private static final Duration SETTLE_TIMEOUT = Duration.ofMinutes(15);

    /**
     * What is there.
     *
     * @param unsettled environments that are not Ready or say that they are still being changed
     * @param crowded environments with more than one pod
     */
    record Census(int environments, int ready, int unsettled, int pods, int crowded) {
        boolean settled(int wanted) {
            return ready == wanted && unsettled == 0;
        }
    }

    private final Account team;
    private final Account admin;
    private final List<String> namespaces;

    Fleet(Account team, Account admin, List<String> namespaces) {
        this.team = team;
        this.admin = admin;
        this.namespaces = namespaces;
    }

    /** Environments are dealt out to the namespaces in turn. */
    String namespace(int number) {
        return namespaces.get(number % namespaces.size());
    }

    static String name(int number) {
        return "bench-%05d".formatted(number);
    }

    void create(int count, String spec) {
        String json = Specs.json("NAME", spec);
        InFlight.each(
                count, i -> team.post(Paths.environments(namespace(i)), json.replace("\"NAME\"", '"' + name(i) + '"')));
    }

    /** Gives each environment records, each with lists of its own, as the operator would. */
    void record(Account operator, int each, SampleRuns run) {
        RunObservation observed = run.read();
        for (String namespace : namespaces) {
            List<BuildEnvironment> environments = new ArrayList<>();
            admin.each(
                    Paths.environments(namespace),
                    environment ->
                            environments.add(Serialization.unmarshal(environment.toString(), BuildEnvironment.class)));
            InFlight.each(environments.size() * each, i -> {
                BuildEnvironment environment = environments.get(i / each);
                BuildRecord record = SampleRuns.record(environment, observed, i % each);
                operator.post(Paths.records(namespace), Serialization.asJson(record));
            });
        }
    }

    Census census() {
        int[] counts = new int[3];
        Map<String, Integer> pods = new HashMap<>();
        for (String namespace : namespaces) {
            admin.each(Paths.environments(namespace), environment -> {
                counts[0]++;
                boolean ready = isTrue(environment, "Ready");
                counts[1] += ready ? 1 : 0;
                counts[2] += ready && !isTrue(environment, "Reconciling") ? 0 : 1;
            });
            admin.eachMetadata(
                    Paths.pods(namespace),
                    pod -> pods.merge(
                            namespace + "/"
                                    + pod.path("metadata")
                                            .path("labels")
                                            .path(CleanroomApi.ENVIRONMENT_LABEL)
                                            .asText(),
                            1,
                            Integer::sum));
        }
        return new Census(
                counts[0],
                counts[1],
                counts[2],
                pods.values().stream().mapToInt(Integer::intValue).sum(),
                (int) pods.values().stream().filter(n -> n > 1).count());
    }

    /** Waits until so many are Ready and none is being changed. */
    Census awaitSettled(int count) {
        return Awaitility.await(count + " environments to settle")
                .atMost(SETTLE_TIMEOUT)
                .pollDelay(Duration.ZERO)
                // A look at thousands is work for the API server too.
                .pollInterval(Duration.ofSeconds(1 + count / 500))
                .until(this::census, census -> census.settled(count));
    }

    /** Deletes the environments; returns when the garbage collector has taken all that was theirs. */
    void empty() {
        namespaces.forEach(namespace -> admin.delete(Paths.environments(namespace)));
        Awaitility.await("the environments to go")
                .atMost(SETTLE_TIMEOUT)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(250))
                .until(() -> namespaces.stream().allMatch(this::isEmpty));
    }

    private boolean isEmpty(String namespace) {
        return admin.isEmpty(Paths.environments(namespace))
                && admin.isEmpty(Paths.pods(namespace))
                && onlyDenyAll(namespace);
    }

    private static boolean isOfTheNamespace(String policy) {
        return policy.equals(Names.DENY_ALL) || policy.equals(Names.BEACON);
    }

    private boolean onlyDenyAll(String namespace) {
        int[] others = new int[1];
        admin.eachMetadata(
                Paths.policies(namespace),
                policy -> others[0] +=
                        isOfTheNamespace(policy.path("metadata").path("name").asText()) ? 0 : 1);
        return others[0] == 0;
    }

    private static boolean isTrue(JsonNode environment, String type) {
        for (JsonNode condition : environment.path("status").path("conditions")) {
            if (condition.path("type").asText().equals(type)) {
                return condition.path("status").asText().equals("True");
            }
        }
        return false;
    }
}
