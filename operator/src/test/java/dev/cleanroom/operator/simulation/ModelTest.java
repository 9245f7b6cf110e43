package dev.cleanroom.operator.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentStatus;
import dev.cleanroom.operator.kube.Answer;
import dev.cleanroom.operator.kube.Api;
import dev.cleanroom.operator.kube.Api.Operation;
import dev.cleanroom.operator.kube.Clients;
import dev.cleanroom.operator.kube.ObjectKey;
import dev.cleanroom.operator.kube.Resource;
import dev.cleanroom.operator.kube.RestApi;
import dev.cleanroom.operator.lab.Lab;
import dev.cleanroom.operator.lab.LabTest;
import dev.cleanroom.operator.network.DenyAllPolicy;
import dev.cleanroom.operator.pod.Names;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.BooleanSupplier;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** The model is held to the real API server: the same short histories on both, and the same answers by code and reason. */
@LabTest
class ModelTest {
    private static final String OTHER = "00000000-0000-4000-8000-00000000beef";

    /** One server of the two, and what it answered so far. */
    private record Side(Api api, String namespace, Runnable collect, List<String> answers) {
        HasMetadata create(HasMetadata object, Resource resource) {
            object.getMetadata().setNamespace(namespace);
            return tell("create", api.create(key(resource, object.getMetadata().getName()), object));
        }

        HasMetadata patch(Resource resource, String name, Operation... operations) {
            return tell("patch", api.jsonPatch(key(resource, name), List.of(operations)));
        }

        void delete(Resource resource, String name, String uid, String resourceVersion) {
            tell("delete", api.delete(key(resource, name), uid, resourceVersion));
        }

        HasMetadata get(Resource resource, String name) {
            return tell("get", api.get(key(resource, name)));
        }

        ObjectKey key(Resource resource, String name) {
            return new ObjectKey(resource, namespace, name);
        }

        HasMetadata tell(String verb, Answer answer) {
            answers.add(verb + " "
                    + switch (answer) {
                        case Answer.Ok ok -> "ok";
                        case Answer.Rejected rejected -> rejected.code() + " " + rejected.reason();
                    });
            return answer instanceof Answer.Ok ok ? ok.object() : null;
        }

        void awaitGone(Resource resource, String name) {
            BooleanSupplier gone = () -> {
                collect.run();
                return api.get(key(resource, name)) instanceof Answer.Rejected rejected && rejected.notFound();
            };
            Awaitility.await().until(gone::getAsBoolean);
            answers.add("gone");
        }
    }

    @Test
    void theSameHistoriesHaveTheSameAnswers(Lab lab) {
        try (KubernetesClient client = Clients.forWriting(lab.cluster().adminConfig())) {
            // Not open for builds: what answers here is the API server's own, and not a guard rail.
            var real = new Side(new RestApi(client), lab.namespace(Map.of()), () -> {}, new ArrayList<>());
            var world = new World(new Admission(false), new Random(1));
            world.server().namespaces().create(Setup.NAMESPACE);
            var collectors = new Collectors(world);
            var model = new Side(
                    new Session(world.server(), User.OPERATOR),
                    Setup.NAMESPACE,
                    () -> {
                        while (collectors.stepAny()) {}
                    },
                    new ArrayList<>());
            for (Side side : List.of(real, model)) {
                history(side);
            }
            assertThat(model.answers()).isEqualTo(real.answers());
        }
    }

    private static void history(Side side) {
        preconditions(side);
        tests(side);
        applied(side);
        status(side);
        finalizers(side);
        collection(side);
    }

    private static void preconditions(Side side) {
        HasMetadata made = side.create(account("a", null), Resource.SERVICE_ACCOUNT);
        side.create(account("a", null), Resource.SERVICE_ACCOUNT);
        side.get(Resource.SERVICE_ACCOUNT, "nobody");
        String uid = made.getMetadata().getUid();
        String version = made.getMetadata().getResourceVersion();
        Operation change = Operation.set("/metadata/annotations", Map.of("example.com/a", "1"));
        side.patch(Resource.SERVICE_ACCOUNT, "nobody", change);
        side.patch(Resource.SERVICE_ACCOUNT, "a", uid(uid), version(version), change);
        side.patch(Resource.SERVICE_ACCOUNT, "a", uid(uid), version(version), value("2"));
        side.delete(Resource.SERVICE_ACCOUNT, "a", uid, version);
        side.delete(Resource.SERVICE_ACCOUNT, "a", OTHER, null);
        side.delete(Resource.SERVICE_ACCOUNT, "nobody", null, null);
        HasMetadata now = side.get(Resource.SERVICE_ACCOUNT, "a");
        side.patch(
                Resource.SERVICE_ACCOUNT,
                "a",
                uid(OTHER),
                version(now.getMetadata().getResourceVersion()),
                value("3"));
        side.patch(Resource.SERVICE_ACCOUNT, "a", uid(OTHER), version(version), value("3"));
        side.delete(Resource.SERVICE_ACCOUNT, "a", uid, now.getMetadata().getResourceVersion());
        side.get(Resource.SERVICE_ACCOUNT, "a");
    }

    private static Operation uid(String uid) {
        return Operation.set("/metadata/uid", uid);
    }

    private static Operation version(String version) {
        return Operation.set("/metadata/resourceVersion", version);
    }

    private static Operation value(String value) {
        return Operation.set("/metadata/annotations/example.com~1a", value);
    }

    private static void tests(Side side) {
        side.create(account("b", null), Resource.SERVICE_ACCOUNT);
        side.patch(
                Resource.SERVICE_ACCOUNT,
                "b",
                new Operation("test", "/metadata/name", "b"),
                Operation.set("/metadata/annotations", Map.of("example.com/a", "1")));
        side.patch(Resource.SERVICE_ACCOUNT, "b", new Operation("test", "/metadata/name", "c"), value("2"));
        side.patch(
                Resource.SERVICE_ACCOUNT,
                "b",
                new Operation("test", "/metadata/annotations/example.com~1absent", "x"),
                value("2"));
        side.patch(
                Resource.SERVICE_ACCOUNT,
                "b",
                new Operation("replace", "/metadata/annotations/example.com~1absent", "x"));
        side.patch(
                Resource.SERVICE_ACCOUNT, "b", new Operation("replace", "/metadata/annotations/example.com~1a", "x"));
    }

    private static void applied(Side side) {
        ServiceAccount account = account("c", null);
        account.getMetadata().setNamespace(side.namespace());
        ObjectKey key = side.key(Resource.SERVICE_ACCOUNT, "c");
        HasMetadata made = side.tell("apply", side.api().apply(key, account));
        HasMetadata again = side.tell("apply", side.api().apply(key, account));
        side.answers()
                .add("the same "
                        + made.getMetadata().getUid().equals(again.getMetadata().getUid()));
    }

    private static void status(Side side) {
        HasMetadata made = side.create(environment("e"), Resource.BUILD_ENVIRONMENT);
        String version = made.getMetadata().getResourceVersion();
        side.tell("status", side.api().applyStatus(side.key(Resource.BUILD_ENVIRONMENT, "e"), told(side, made, 1)));
        HasMetadata stale = told(side, made, 2);
        stale.getMetadata().setResourceVersion(version);
        side.tell("status", side.api().applyStatus(side.key(Resource.BUILD_ENVIRONMENT, "e"), stale));
        HasMetadata now = side.get(Resource.BUILD_ENVIRONMENT, "e");
        HasMetadata another = told(side, now, 3);
        another.getMetadata().setUid(OTHER);
        side.tell("status", side.api().applyStatus(side.key(Resource.BUILD_ENVIRONMENT, "e"), another));
        HasMetadata nobody = told(side, now, 3);
        nobody.getMetadata().setName("nobody");
        side.tell("status", side.api().applyStatus(side.key(Resource.BUILD_ENVIRONMENT, "nobody"), nobody));
        BuildEnvironment last = (BuildEnvironment) side.get(Resource.BUILD_ENVIRONMENT, "e");
        side.answers()
                .add("generation " + last.getMetadata().getGeneration() + ", replicas "
                        + last.getStatus().replicas());
    }

    private static BuildEnvironment told(Side side, HasMetadata seen, int replicas) {
        var fresh = new BuildEnvironment();
        fresh.setMetadata(new ObjectMetaBuilder()
                .withName(seen.getMetadata().getName())
                .withNamespace(side.namespace())
                .withUid(seen.getMetadata().getUid())
                .withResourceVersion(seen.getMetadata().getResourceVersion())
                .build());
        fresh.setStatus(new BuildEnvironmentStatus(
                1L, null, null, null, replicas, null, null, null, null, null, null, null, null, null));
        return fresh;
    }

    private static void finalizers(Side side) {
        NetworkPolicy policy = DenyAllPolicy.build(side.namespace());
        side.create(policy, Resource.NETWORK_POLICY);
        side.delete(Resource.NETWORK_POLICY, Names.DENY_ALL, null, null);
        HasMetadata leaving = side.get(Resource.NETWORK_POLICY, Names.DENY_ALL);
        side.answers().add("leaving " + (leaving.getMetadata().getDeletionTimestamp() != null));
        side.create(DenyAllPolicy.build(side.namespace()), Resource.NETWORK_POLICY);
        side.patch(Resource.NETWORK_POLICY, Names.DENY_ALL, Operation.set("/metadata/finalizers", List.of()));
        side.get(Resource.NETWORK_POLICY, Names.DENY_ALL);
    }

    private static void collection(Side side) {
        HasMetadata owner = side.create(account("owner", null), Resource.SERVICE_ACCOUNT);
        side.create(account("kept", owner), Resource.SERVICE_ACCOUNT);
        side.delete(Resource.SERVICE_ACCOUNT, "owner", owner.getMetadata().getUid(), null);
        side.create(account("owner", null), Resource.SERVICE_ACCOUNT);
        // Another of the owner's name is no owner.
        side.awaitGone(Resource.SERVICE_ACCOUNT, "kept");
        side.get(Resource.SERVICE_ACCOUNT, "owner");
    }

    private static ServiceAccount account(String name, HasMetadata owner) {
        var account = new ServiceAccountBuilder().withNewMetadata().withName(name);
        if (owner != null) {
            account.addNewOwnerReference()
                    .withApiVersion("v1")
                    .withKind("ServiceAccount")
                    .withName(owner.getMetadata().getName())
                    .withUid(owner.getMetadata().getUid())
                    .endOwnerReference();
        }
        return account.endMetadata().build();
    }

    private static BuildEnvironment environment(String name) {
        return new Setup(
                        false,
                        dev.cleanroom.api.v1alpha1.ResponseOrder.IsolateFirst,
                        dev.cleanroom.api.v1alpha1.Rebuild.Automatic,
                        false,
                        false,
                        false,
                        false,
                        false)
                .build(name, 0, 0);
    }
}
