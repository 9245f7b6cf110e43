package dev.cleanroom.operator.environment.decide;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.api.v1alpha1.BuildEnvironmentClassSpec;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentStatus.LastRun;
import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.api.v1alpha1.OnExit;
import dev.cleanroom.operator.environment.model.Incident;
import dev.cleanroom.operator.kube.Conditions;
import dev.cleanroom.operator.pod.BuildPod;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The annotation that asks a task for one more run: each value is answered once, by whichever operator comes next. */
class RerunTest {

    @Test
    void aFinishedTaskRunsOnceMoreForANewValue() {
        World world = finished();
        ask(world, "monday");
        assertThat(world.settle())
                .containsExactly(
                        "Delete payments-0-1 AttemptCounted",
                        "Create payments-0-2 SlotEmpty",
                        "ApplyStatus payments StatusChanged");
        assertThat(stamp(world, "payments-0-2")).isEqualTo("monday");
        assertThat(world.condition("Finished")).isEqualTo("False/NotFinished");
        world.runToEnd("payments-0-2", 0);
        assertThat(world.condition("Finished")).isEqualTo("True/Succeeded");
        assertThat(lastRun(world).rerun()).isEqualTo("monday");
        assertThat(world.settle()).as("it is answered").isEmpty();

        ask(world, "tuesday");
        assertThat(world.settle()).contains("Create payments-0-3 SlotEmpty");
    }

    @Test
    void anAnsweredValueStartsNoRunWhenItsPodIsGone() {
        World world = finished();
        ask(world, "monday");
        world.settle();
        world.runToEnd("payments-0-2", 0);
        world.pods.clear();
        assertThat(world.settle()).isEmpty();
    }

    @Test
    void removingTheAnnotationOrRepeatingItsValueStartsNoRun() {
        World world = finished();
        ask(world, "monday");
        world.settle();
        world.runToEnd("payments-0-2", 0);
        for (Map<String, String> annotations : List.of(
                Map.<String, String>of(),
                Map.of(CleanroomApi.RERUN_ANNOTATION, ""),
                Map.of(CleanroomApi.RERUN_ANNOTATION, "monday"))) {
            world.environment.getMetadata().setAnnotations(annotations);
            assertThat(world.settle()).as("with %s", annotations).isEmpty();
        }
    }

    @Test
    void anAnsweredValueStaysAnsweredAfterAnEdit() {
        World world = finished();
        ask(world, "monday");
        world.settle();
        world.runToEnd("payments-0-2", 0);
        world.environment.getMetadata().setAnnotations(Map.of());
        world.spec("registry.example.com/other@sha256:" + "b".repeat(64), OnExit.Complete, 1, 0);
        world.settle();
        world.runToEnd("payments-0-3", 0);
        ask(world, "monday");
        assertThat(world.settle()).as("answered before the spec changed").isEmpty();
    }

    @Test
    void theFirstRunAnswersAValueThatWasSetAtCreation() {
        World world = new World(OnExit.Complete, 1, 0);
        ask(world, "monday");
        world.settle();
        world.runToEnd("payments-0-1", 0);
        assertThat(lastRun(world).rerun()).isEqualTo("monday");
        assertThat(world.settle()).isEmpty();
    }

    @Test
    void aValueThatIsChangedDuringARunStartsOneRunAfterIt() {
        World world = finished();
        ask(world, "monday");
        world.settle();
        ask(world, "tuesday");
        assertThat(world.settle())
                .as("its build has not started, and still it stays")
                .isEmpty();
        world.running("payments-0-2");
        world.settle();
        ask(world, "wednesday");
        assertThat(world.settle()).isEmpty();
        world.exited("payments-0-2", 0, 60);
        assertThat(world.settle())
                .containsSubsequence(
                        "ApplyStatus payments AttemptCounted",
                        "Delete payments-0-2 AttemptCounted",
                        "Create payments-0-3 SlotEmpty");
        assertThat(lastRun(world).rerun()).isEqualTo("monday");
        assertThat(world.condition("Finished")).isEqualTo("False/NotFinished");
        assertThat(stamp(world, "payments-0-3")).as("one run for both").isEqualTo("wednesday");
        world.runToEnd("payments-0-3", 0);
        assertThat(world.settle()).isEmpty();
    }

    @Test
    void aRequestThatIsWithdrawnBeforeItsBuildStartsDeletesThePod() {
        World world = finished();
        ask(world, "monday");
        world.settle();
        world.environment.getMetadata().setAnnotations(Map.of());
        assertThat(world.settle()).contains("Delete payments-0-2 ScaledDown");
        assertThat(world.condition("Finished")).isEqualTo("True/Succeeded");
    }

    /** It knew nothing of the annotation, so it answered none, whatever the value was and since when. */
    @Test
    void aValueFromBeforeAnUpgradeIsAnsweredOnce() {
        World world = finished();
        assertThat(lastRun(world).rerun()).isNull();
        ask(world, "from-before-the-upgrade");
        assertThat(world.settle()).contains("Create payments-0-2 SlotEmpty");
        world.runToEnd("payments-0-2", 0);
        assertThat(world.settle()).isEmpty();
    }

    @Test
    void aRerunStartsAtOnceAndHasAllRetriesAgain() {
        World world = new World(OnExit.Complete, 1, 1);
        world.settle();
        world.runToEnd("payments-0-1", 3);
        world.now = world.now.plusSeconds(10);
        world.settle();
        world.runToEnd("payments-0-2", 3);
        assertThat(world.condition("Finished")).isEqualTo("True/BuildFailed");

        ask(world, "monday");
        assertThat(world.settle()).as("at once").contains("Create payments-0-3 SlotEmpty");
        world.runToEnd("payments-0-3", 3);
        assertThat(world.environment.getStatus().slots().getFirst().failures()).isEqualTo(1);
        assertThat(world.environment.getStatus().slots().getFirst().rerun()).isEqualTo("monday");
        assertThat(world.condition("Finished")).isEqualTo("False/NotFinished");
        assertThat(world.settle()).as("its own failure holds it back").isEmpty();
        world.now = world.now.plusSeconds(10);
        assertThat(world.settle()).contains("Create payments-0-4 SlotEmpty");
        world.runToEnd("payments-0-4", 3);
        assertThat(world.condition("Finished")).isEqualTo("True/BuildFailed");
        assertThat(world.settle()).isEmpty();
    }

    @Test
    void theMessageOfAFailedTaskShowsHowToRunItAgain() {
        World world = new World(OnExit.Complete, 1, 0);
        world.settle();
        world.runToEnd("payments-0-1", 3);
        assertThat(Conditions.find(world.environment.getStatus().conditions(), "Stalled")
                        .orElseThrow()
                        .getMessage())
                .isEqualTo("Pod payments-0-1: the build exited with 3. It runs again when its spec changes, or with:"
                        + " kubectl annotate benv payments -n team cleanroom.dev/rerun=\"$(date +%s)\" --overwrite");
    }

    @Test
    void agentsIgnoreTheAnnotation() {
        World world = new World(OnExit.Replace, 1, 0);
        world.settle();
        world.running("payments-0-1");
        world.settle();
        ask(world, "monday");
        assertThat(world.settle()).isEmpty();
        world.runToEnd("payments-0-1", 0);
        assertThat(stamp(world, "payments-0-2")).isNull();
        assertThat(lastRun(world).rerun()).isNull();
    }

    @Test
    void aTaskThatWasAnAgentInBetweenKeepsItsAnswer() {
        World world = finished();
        ask(world, "monday");
        world.settle();
        world.runToEnd("payments-0-2", 0);
        world.spec(World.IMAGE, OnExit.Replace, 1, 0);
        world.settle();
        world.runToEnd("payments-0-3", 0);
        world.spec(World.IMAGE, OnExit.Complete, 1, 0);
        assertThat(world.settle()).noneMatch(write -> write.startsWith("Create payments"));
        assertThat(lastRun(world).rerun()).isEqualTo("monday");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {" ", "two words", "-x", "a\nb", "\u0000", "\u202e", "\uD83D\uDE00", "x,y", "{\"a\":1}", "$(date)"
            })
    void aValueWithOtherCharactersIsStoredAsItsHash(String value) {
        answersOnce(value, "sha256:[0-9a-f]{16}");
    }

    @Test
    void aLongValueIsStoredAsItsHash() {
        answersOnce("a".repeat(64), "sha256:[0-9a-f]{16}");
        answersOnce("a".repeat(200_000), "sha256:[0-9a-f]{16}");
        answersOnce("a".repeat(63), "a{63}");
    }

    private static void answersOnce(String value, String stamp) {
        World world = finished();
        ask(world, value);
        world.settle();
        assertThat(stamp(world, "payments-0-2")).matches(stamp);
        world.runToEnd("payments-0-2", 0);
        assertThat(lastRun(world).rerun()).matches(stamp);
        assertThat(world.settle()).isEmpty();
    }

    /** Where the guard rails are missing. */
    @Test
    void aPodAnnotationThatSomebodyOverwroteIsStoredAsItsHash() {
        World world = finished();
        ask(world, "monday");
        world.settle();
        var annotations =
                new HashMap<>(world.pods.get("payments-0-2").getMetadata().getAnnotations());
        annotations.put(CleanroomApi.RERUN_ANNOTATION, "x y".repeat(10_000));
        world.pods.get("payments-0-2").getMetadata().setAnnotations(annotations);
        world.runToEnd("payments-0-2", 0);
        assertThat(lastRun(world).rerun()).matches("sha256:[0-9a-f]{16}");
    }

    @Test
    void aRerunWaitsForAnOpenIncidentIfRebuildIsManual() {
        World world = finished();
        rebuild(world, "Manual");
        var slot = new BuildPod.SlotAttempt(0, 1);
        world.incidents.add(new Incident("payments-0-1-5f0c2a11", "pod-1", slot, world.now, false));
        ask(world, "monday");
        assertThat(world.settle()).noneMatch(write -> write.startsWith("Create payments"));
        assertThat(world.condition("Stalled")).isEqualTo("True/Quarantined");

        world.incidents.set(0, new Incident("payments-0-1-5f0c2a11", "pod-1", slot, world.now, true));
        assertThat(world.settle()).contains("Create payments-0-2 SlotEmpty");
    }

    private static World finished() {
        World world = new World(OnExit.Complete, 1, 0);
        world.settle();
        world.runToEnd("payments-0-1", 0);
        return world;
    }

    static void ask(World world, String value) {
        world.annotate(CleanroomApi.RERUN_ANNOTATION, value);
    }

    static void rebuild(World world, String rebuild) {
        world.buildClass.setSpec(
                Serialization.unmarshal("response: {rebuild: " + rebuild + "}", BuildEnvironmentClassSpec.class));
    }

    private static String stamp(World world, String pod) {
        return world.pods.get(pod).getMetadata().getAnnotations().get(CleanroomApi.RERUN_ANNOTATION);
    }

    private static LastRun lastRun(World world) {
        return world.environment.getStatus().lastRun();
    }
}
