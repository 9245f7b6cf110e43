package dev.cleanroom.operator.record;

import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentStatus;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentStatus.AcceptedBy;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentStatus.ImageStatus;
import dev.cleanroom.api.v1alpha1.BuildRecord;
import dev.cleanroom.api.v1alpha1.BuildRecordInputs.Reading;
import dev.cleanroom.api.v1alpha1.BuildRecordObserved;
import dev.cleanroom.api.v1alpha1.BuildRecordObserved.Detail;
import dev.cleanroom.api.v1alpha1.BuildRecordObserved.Outcome;
import dev.cleanroom.api.v1alpha1.BuildRecordObserved.OutputsDetail;
import dev.cleanroom.api.v1alpha1.BuildRecordObserved.RecordedImage;
import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.api.v1alpha1.OnExit;
import dev.cleanroom.api.v1alpha1.Verdict;
import dev.cleanroom.operator.pod.BuildPod;
import dev.cleanroom.operator.pod.IncidentNames;
import dev.cleanroom.operator.pod.Names;
import dev.cleanroom.operator.record.facts.DetailLists;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Builds the record of one ended run. */
public final class RecordOfRun {
    private static final int MOST_IMAGES = 32;
    private static final int MOST_SIGNERS = 16;

    private RecordOfRun() {}

    /**
     * How a run ended, and what was observed of it.
     *
     * @param sameAs the record that has the same lists; empty if this one must have them
     */
    public record Ended(
            BuildPod pod,
            @Nullable Integer exitCode,
            Instant seen,
            RunObservation observation,
            Optional<String> sameAs) {}

    /** A pod has one record, as it has one incident: the name is computed from the pod. */
    public static String name(BuildPod pod) {
        return IncidentNames.incident(pod.id().name(), pod.id().precondition().uid());
    }

    public static BuildRecord build(BuildEnvironment environment, Ended run) {
        BuildPod pod = run.pod();
        Optional<DetailLists> lists = run.observation().inputs().flatMap(RunInputs::lists);
        RunArtifacts made = run.observation().artifacts();
        var record = new BuildRecord();
        record.setMetadata(new ObjectMetaBuilder()
                .withNamespace(environment.getMetadata().getNamespace())
                .withName(name(pod))
                .addToLabels(
                        CleanroomApi.ENVIRONMENT_LABEL,
                        environment.getMetadata().getName())
                .addToLabels(isKnownGood(run) ? Map.of(CleanroomApi.KNOWN_GOOD_LABEL, "true") : Map.of())
                .addToAnnotations(annotations(lists, run.sameAs()))
                .withOwnerReferences(Names.owner(environment))
                .build());
        record.setObserved(new BuildRecordObserved(
                new BuildRecordObserved.Pod(
                        pod.id().name(), pod.id().precondition().uid()),
                run.observation().observation(),
                pod.specHash(),
                environment.getSpec().source(),
                images(environment, pod),
                pod.times().started().map(Instant::toString).orElse(null),
                pod.times().buildStarted().map(Instant::toString).orElse(null),
                run.seen().toString(),
                run.exitCode(),
                run.observation().inputs().map(RunInputs::inputs).orElse(null),
                run.observation().inputs().map(RunInputs::dependencies).orElse(null),
                lists.map(each -> detail(each, run.sameAs())).orElse(null),
                run.observation().inputs().flatMap(RunInputs::outputs).orElse(null),
                made.artifacts().isEmpty() ? null : made.artifacts(),
                made.artifactsRead().orElse(null),
                made.scanners().isEmpty() ? null : made.scanners(),
                made.scannersRead().orElse(null),
                made.lists().map(RecordOfRun::outputsDetail).orElse(null),
                run.observation().network().orElse(null)));
        if (run.observation().observation().outcome() == Outcome.Unobserved
                && environment.getSpec().onExit() != OnExit.Replace) {
            record.setVerdict(Verdict.Unobserved);
        }
        run.observation().judged().ifPresent(judged -> judge(record, judged));
        return record;
    }

    /** Whether later runs are compared with this one. Of a run without inputs there is nothing to compare. */
    public static boolean isKnownGood(Ended run) {
        return run.exitCode() != null
                && run.exitCode() == 0
                && run.observation().observation().outcome() == Outcome.Complete
                && run.observation()
                        .inputs()
                        .filter(inputs -> inputs.inputs().outcome() == Reading.Complete)
                        .isPresent()
                && run.observation().judged().filter(JudgedRun::isGood).isPresent();
    }

    private static void judge(BuildRecord record, JudgedRun judged) {
        int omitted = judged.count() - judged.findings().size();
        record.setVerdict(judged.verdict());
        record.setVerdictMessage(judged.message().orElse(null));
        record.setFindings(judged.findings().isEmpty() ? null : judged.findings());
        record.setFindingsOmitted(omitted == 0 ? null : omitted);
        record.setFindingsSummary(judged.summary());
        record.setComparedWith(judged.comparedWith().orElse(null));
        record.setNewDependencies(judged.newDependencies().orElse(null));
    }

    private static Detail detail(DetailLists lists, Optional<String> sameAs) {
        return new Detail(
                lists.sha256(),
                sameAs.orElse(null),
                sameAs.isPresent() ? null : lists.content(),
                lists.omitted() == 0 ? null : lists.omitted());
    }

    private static OutputsDetail outputsDetail(DetailLists lists) {
        return new OutputsDetail(lists.sha256(), lists.content(), lists.omitted() == 0 ? null : lists.omitted());
    }

    /** What the operator must know of a record without reading it. */
    private static Map<String, String> annotations(Optional<DetailLists> lists, Optional<String> sameAs) {
        return sameAs.map(record -> Map.of(CleanroomApi.DETAIL_RECORD_ANNOTATION, record))
                .or(() -> lists.map(each -> Map.of(CleanroomApi.DETAIL_ANNOTATION, each.sha256())))
                .orElse(Map.of());
    }

    private static List<RecordedImage> images(BuildEnvironment environment, BuildPod pod) {
        return pod.origin().images().stream()
                .filter(image -> !image.isEmpty())
                .limit(MOST_IMAGES)
                .map(image -> new RecordedImage(image, signers(environment, image)))
                .toList();
    }

    private static Stream<String> signers(AcceptedBy policy) {
        return policy.signers() == null ? Stream.of() : policy.signers().stream();
    }

    private static @Nullable List<String> signers(BuildEnvironment environment, String image) {
        return Optional.ofNullable(environment.getStatus())
                .map(BuildEnvironmentStatus::image)
                .filter(verified -> verified.digest() != null && image.endsWith("@" + verified.digest()))
                .map(ImageStatus::policies)
                .map(policies -> policies.stream()
                        .flatMap(RecordOfRun::signers)
                        .distinct()
                        .limit(MOST_SIGNERS)
                        .toList())
                .orElse(null);
    }
}
