package dev.cleanroom.operator.environment.decide;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentClass;
import dev.cleanroom.api.v1alpha1.Phase;
import dev.cleanroom.operator.environment.model.SpecHash;
import dev.cleanroom.operator.environment.model.Surroundings.DenyAll;
import dev.cleanroom.operator.environment.resources.IdentityAccount;
import dev.cleanroom.operator.kube.plan.Plan;
import dev.cleanroom.operator.network.EgressPolicy;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One case, read from its files: {@code in-environment.yaml}, and where they say something {@code in-class.yaml},
 * {@code in-pods.yaml} (one document a pod) and {@code in-surroundings.yaml}. {@code $SPEC} in any of them is the hash of the
 * environment's spec.
 */
final class GoldenCase {
    private static final int MOST_ROUNDS = 8;
    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

    private final Path folder;
    private final List<String> files = new ArrayList<>(List.of("out-plan.yaml"));
    private final World world;
    private final PlanYaml yaml;

    GoldenCase(Path folder) throws IOException {
        this.folder = folder;
        String environment = read("in-environment.yaml").orElseThrow();
        String hash = SpecHash.of(
                Serialization.unmarshal(environment, BuildEnvironment.class).getSpec());
        world = new World(Serialization.unmarshal(environment.replace("$SPEC", hash), BuildEnvironment.class));
        world.progressHeld = true;
        read("in-class.yaml")
                .ifPresent(text -> world.buildClass = Serialization.unmarshal(text, BuildEnvironmentClass.class));
        for (String pod : read("in-pods.yaml").orElse("").replace("$SPEC", hash).split("(?m)^---$")) {
            if (!pod.isBlank()) {
                world.add(Serialization.unmarshal(pod, Pod.class));
            }
        }
        JsonNode around = YAML.readTree(read("in-surroundings.yaml").orElse("{}"));
        world.namespaceOpen = around.path("namespaceOpen").asBoolean(true);
        world.registryDown = around.path("registryDown").asBoolean();
        world.denyAll = DenyAll.valueOf(around.path("denyAll").asText("STORED"));
        world.beacon = world.denyAll != DenyAll.ABSENT;
        if (around.has("canaries")) {
            world.canaries = YAML.convertValue(around.get("canaries"), new TypeReference<List<String>>() {});
        }
        world.evidenceBudget = world.denyAll != DenyAll.ABSENT;
        if (around.path("egressPolicy").asText().equals("stored")) {
            world.egressPolicy = EgressPolicy.build(world.environment, Phase.Build, "cleanroom-system");
        }
        if (around.path("account").asText().equals("stored")) {
            world.account = IdentityAccount.build(world.environment);
        }
        if (around.has("now")) {
            world.now = Instant.parse(around.get("now").asText());
        }
        yaml = new PlanYaml(hash, around.path("wholeBodies").asBoolean());
    }

    /** The files that make the case, {@code out-plan.yaml} included. */
    List<String> files() {
        return files;
    }

    /** Every plan that is wanted, one after the other, each carried out before the next; the last wants no write. */
    String plans() {
        List<JsonNode> plans = new ArrayList<>();
        for (int round = 0; round < MOST_ROUNDS; round++) {
            Plan plan = EnvironmentDecision.decide(world.observed(), world.now);
            plans.add(yaml.of(plan));
            if (plan.isEmpty()) {
                return yaml.write(plans);
            }
            plan.writes().forEach(world::apply);
        }
        throw new AssertionError("not settled after " + MOST_ROUNDS + " rounds: " + yaml.write(plans));
    }

    private Optional<String> read(String name) throws IOException {
        Path file = folder.resolve(name);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        files.add(name);
        return Optional.of(Files.readString(file));
    }
}
