package dev.cleanroom.operator.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.operator.kube.Answer;
import dev.cleanroom.operator.kube.Api;
import dev.cleanroom.operator.kube.Api.Operation;
import dev.cleanroom.operator.kube.ObjectKey;
import dev.cleanroom.operator.kube.Resource;
import dev.cleanroom.operator.kube.RestApi;
import dev.cleanroom.operator.lab.Actor;
import dev.cleanroom.operator.lab.Lab;
import dev.cleanroom.operator.lab.LabTest;
import dev.cleanroom.operator.lab.Manifests;
import dev.cleanroom.operator.lab.Requested;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** The model's guard rails are held to those of the chart: the same short histories of a pod's state on both. */
@LabTest
class RailsModelTest {
    private static final String QUARANTINE = "/metadata/annotations/" + Api.pointer(CleanroomApi.QUARANTINE_ANNOTATION);

    /** One server of the two, as each of its users, and what it answered so far. */
    private record Side(Function<User, Api> as, String namespace, UnaryOperator<Pod> complete, List<String> answers) {
        void create(String name, String state, String order, Map<String, String> annotations) {
            Pod pod = Manifests.neverScheduled(namespace, name, "payments", state);
            pod.getMetadata().getAnnotations().put(CleanroomApi.ORDER_ANNOTATION, order);
            pod.getMetadata().getAnnotations().putAll(annotations);
            tell("create", name, as.apply(User.OPERATOR).create(key(name), complete.apply(pod)));
        }

        void move(User user, String name, String state) {
            patch(
                    user,
                    name,
                    new Operation("replace", "/metadata/labels/" + Api.pointer(CleanroomApi.STATE_LABEL), state));
        }

        void patch(User user, String name, Operation operation) {
            tell(user + " " + operation.value(), name, as.apply(user).jsonPatch(key(name), List.of(operation)));
        }

        void delete(User user, String name) {
            tell(user + " deletes", name, as.apply(user).delete(key(name), null, null));
        }

        private ObjectKey key(String name) {
            return new ObjectKey(Resource.POD, namespace, name);
        }

        private void tell(String what, String name, Answer answer) {
            String told = answer instanceof Answer.Rejected rejected ? rejected.code() + " " + rejected.reason() : "ok";
            answers.add(what + " " + name + ": " + told + ", then " + state(name));
        }

        private String state(String name) {
            return as.apply(User.OPERATOR).get(key(name)) instanceof Answer.Ok(HasMetadata pod) && pod != null
                    ? pod.getMetadata().getLabels().get(CleanroomApi.STATE_LABEL)
                    : "gone";
        }
    }

    @Test
    void theSameHistoriesOfAStateHaveTheSameAnswers(Lab lab) {
        assumeTrue(
                lab.admin().getApiResources("admissionregistration.k8s.io/v1").getResources().stream()
                        .anyMatch(resource -> resource.getKind().equals("MutatingAdmissionPolicy")),
                "this API server does not serve MutatingAdmissionPolicy v1");
        String namespace = lab.namespace(Map.of(CleanroomApi.BUILDS_LABEL, CleanroomApi.BUILDS_ENABLED));
        Map<User, Api> users = Map.of(
                User.OPERATOR, new RestApi(lab.asOperator()),
                User.TENANT,
                        new RestApi(
                                lab.as(Actor.serviceAccount(namespace, "tenant").unbounded())),
                User.KUBELET, new RestApi(lab.as(Actor.kubelet().unbounded())));
        var real = new Side(users::get, namespace, pod -> Requested.of(lab.admin(), pod), new ArrayList<>());
        var world = new World(new Admission(true), new Random(1));
        world.server().namespaces().create(Setup.NAMESPACE);
        var model = new Side(
                user -> new Session(world.server(), user),
                Setup.NAMESPACE,
                UnaryOperator.identity(),
                new ArrayList<>());
        for (Side side : List.of(real, model)) {
            onlyTheOperatorStartsABuild(side);
            aPreparingPodBecomesNoSuspect(side);
            aRequestKeepsTheBuildFromStarting(side);
            deletions(side);
        }
        assertThat(model.answers()).isEqualTo(real.answers());
    }

    private static void onlyTheOperatorStartsABuild(Side side) {
        side.create("payments-0-1", "preparing", "IsolateFirst", Map.of());
        side.move(User.TENANT, "payments-0-1", "active");
        side.move(User.KUBELET, "payments-0-1", "active");
        side.patch(
                User.KUBELET,
                "payments-0-1",
                Operation.set("/metadata/annotations/" + Api.pointer("example.com/a"), "written"));
        side.move(User.OPERATOR, "payments-0-1", "active");
        side.move(User.OPERATOR, "payments-0-1", "preparing");
        side.move(User.TENANT, "payments-0-1", "preparing");
    }

    private static void aPreparingPodBecomesNoSuspect(Side side) {
        side.create("payments-1-1", "preparing", "PreserveFirst", Map.of());
        side.move(User.OPERATOR, "payments-1-1", "suspect");
        side.move(User.TENANT, "payments-1-1", "suspect");
        side.patch(User.TENANT, "payments-1-1", Operation.set(QUARANTINE, "odd egress"));
        side.move(User.OPERATOR, "payments-1-1", "active");
        side.create("payments-2-1", "active", "PreserveFirst", Map.of());
        side.patch(User.TENANT, "payments-2-1", Operation.set(QUARANTINE, "odd egress"));
        side.create("payments-3-1", "preparing", "PreserveFirst", Map.of());
        side.move(User.TENANT, "payments-3-1", "quarantined");
    }

    private static void aRequestKeepsTheBuildFromStarting(Side side) {
        side.create(
                "payments-4-1", "preparing", "IsolateFirst", Map.of(CleanroomApi.QUARANTINE_ANNOTATION, "odd egress"));
        side.move(User.OPERATOR, "payments-4-1", "active");
        side.patch(
                User.KUBELET,
                "payments-4-1",
                Operation.set("/metadata/annotations/" + Api.pointer("example.com/a"), "written"));
    }

    private static void deletions(Side side) {
        side.create("payments-5-1", "preparing", "IsolateFirst", Map.of());
        side.delete(User.TENANT, "payments-5-1");
        side.delete(User.TENANT, "payments-1-1");
        side.delete(User.TENANT, "payments-2-1");
    }
}
