package dev.cleanroom.operator.record;

import dev.cleanroom.api.v1alpha1.BuildRecord;
import dev.cleanroom.api.v1alpha1.BuildRecordInputs;
import dev.cleanroom.api.v1alpha1.BuildRecordInputs.Lockfile;
import dev.cleanroom.api.v1alpha1.BuildRecordInputs.StepChange;
import dev.cleanroom.api.v1alpha1.BuildRecordObserved;
import dev.cleanroom.api.v1alpha1.BuildRecordObserved.Dependencies;
import dev.cleanroom.api.v1alpha1.BuildRecordObserved.Ecosystem;
import dev.cleanroom.api.v1alpha1.BuildRecordObserved.Network;
import dev.cleanroom.api.v1alpha1.BuildRecordObserved.Observation;
import dev.cleanroom.api.v1alpha1.BuildRecordObserved.Outcome;
import dev.cleanroom.api.v1alpha1.BuildRecordObserved.RecordedImage;
import dev.cleanroom.api.v1alpha1.BuildRecordOutputs;
import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.api.v1alpha1.Finding;
import dev.cleanroom.api.v1alpha1.Source;
import dev.cleanroom.operator.pod.UntrustedText;
import dev.cleanroom.operator.record.facts.Coordinates;
import dev.cleanroom.operator.record.facts.RecordDetail;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A record on one screen: a title and a text a line, and of long lists the first few. */
public final class RecordPage {
    static final int MOST_LISTED = 10;
    static final int LONGEST_IN_A_LIST = 200;

    /** Messages have commands, which must be whole. */
    private static final int LONGEST = 2_000;

    private static final String FORMAT = "%-13s %s";

    private final List<String> lines = new ArrayList<>();

    private RecordPage() {}

    public static List<String> of(BuildRecord record, RecordInputs inputs) {
        RecordPage page = new RecordPage();
        page.record(record);
        Optional<BuildRecordObserved> observed = Optional.ofNullable(record.getObserved());
        observed.ifPresent(page::run);
        page.judgement(record);
        observed.map(BuildRecordObserved::inputs).ifPresent(page::inputs);
        observed.map(BuildRecordObserved::dependencies).ifPresent(page::dependencies);
        inputs.detail().ifPresent(page::installCode);
        observed.map(BuildRecordObserved::outputs).ifPresent(page::outputs);
        RecordArtifacts made = RecordArtifacts.of(record);
        page.made(made);
        observed.map(BuildRecordObserved::network).ifPresent(page::network);
        if (observed.map(each -> each.observation().outcome()).orElse(Outcome.Partial) != Outcome.Unobserved) {
            Stream.concat(inputs.gaps().stream(), made.gaps().stream())
                    .forEach(gap -> page.add("not known", "the record " + gap));
        }
        return List.copyOf(page.lines);
    }

    private void record(BuildRecord record) {
        add(
                "record",
                record.getMetadata().getNamespace() + "/" + record.getMetadata().getName());
        Map<String, String> labels = record.getMetadata().getLabels();
        if (labels != null && labels.containsKey(CleanroomApi.ENVIRONMENT_LABEL)) {
            add("environment", labels.get(CleanroomApi.ENVIRONMENT_LABEL));
        }
    }

    private void run(BuildRecordObserved observed) {
        Observation observation = observed.observation();
        add(
                "pod",
                observed.pod().name() + ", "
                        + (observed.exitCode() == null
                                ? "ended by something else"
                                : "exit code " + observed.exitCode()));
        add(
                "time",
                joined(
                        ", ",
                        after("pod ", observed.startTime()),
                        after("build ", observed.buildStartTime()),
                        after("ended ", observed.finishTime())));
        Source source = observed.source();
        if (source != null) {
            add("source", joined(" ", source.repository(), source.revision()));
        }
        add(
                "observed",
                observation.outcome() + after(" (", observation.reason(), ")") + after(": ", observation.message()));
        list("image", stream(observed.images()).map(RecordPage::image));
    }

    private void judgement(BuildRecord record) {
        if (record.getVerdict() == null) {
            return;
        }
        add(
                "verdict",
                record.getVerdict()
                        + after(", compared with ", record.getComparedWith())
                        + after(": ", record.getVerdictMessage()));
        List<Finding> findings = stream(record.getFindings()).toList();
        findings.stream().limit(MOST_LISTED).forEach(each -> {
            add("finding", joined(", ", String.valueOf(each.severity()), each.key()));
            add("", UntrustedText.bounded(after("", each.detail()), LONGEST));
        });
        int more = findings.size() + number(record.getFindingsOmitted()) - Math.min(MOST_LISTED, findings.size());
        if (more > 0) {
            add("finding", "and " + more + " more");
        }
    }

    private static String image(RecordedImage image) {
        return image.image()
                + (image.signers() == null || image.signers().isEmpty()
                        ? ""
                        : ", signed by " + String.join(", ", image.signers()));
    }

    private void inputs(BuildRecordInputs inputs) {
        add(
                "inputs",
                joined(
                        ", ",
                        inputs.outcome() + after(" (", inputs.reason(), ")"),
                        inputs.files() == null ? null : inputs.files() + " files",
                        inputs.bytes() == null ? null : inputs.bytes() + " bytes",
                        after("sha256 ", inputs.sha256())));
        list("step", stream(inputs.changes()).map(RecordPage::change));
        list("lockfile", stream(inputs.lockfiles()).map(RecordPage::lockfile));
        int unread = number(inputs.unreadFiles());
        list("unread", stream(inputs.unread()).map(each -> each.path() + after(" (", each.reason(), ")")), unread);
    }

    private static String change(StepChange change) {
        return change.step() + ": added " + number(change.added()) + ", changed " + number(change.changed())
                + ", removed " + number(change.removed()) + " files";
    }

    private static String lockfile(Lockfile lockfile) {
        return lockfile.path() + " ("
                + joined(", ", lockfile.format(), number(lockfile.dependencies()) + " dependencies") + ")";
    }

    private void dependencies(Dependencies dependencies) {
        String ecosystems = stream(dependencies.ecosystems())
                .map((Ecosystem each) -> each.ecosystem() + " " + number(each.count()))
                .collect(Collectors.joining(", "));
        add(
                "dependencies",
                number(dependencies.count()) + (ecosystems.isEmpty() ? "" : " (" + ecosystems + ")") + "; "
                        + number(dependencies.packages()) + " fetched packages, "
                        + number(dependencies.withInstallCode()) + " with install code");
    }

    private void installCode(RecordDetail detail) {
        list(
                "install code",
                detail.packages().stream()
                        .filter(each -> each.installCode() != null)
                        .map(each -> joined(
                                ", ",
                                Coordinates.of(each).toString(),
                                each.hooks() == null ? null : String.join(" ", each.hooks()),
                                number(each.nativeFiles()) == 0 ? null : each.nativeFiles() + " native files",
                                each.packageFolder())));
    }

    private void outputs(BuildRecordOutputs outputs) {
        add(
                "build",
                "added " + number(outputs.added()) + ", changed " + number(outputs.changed()) + ", removed "
                        + number(outputs.removed()) + " files" + after("; not all was read (", outputs.reason(), ")"));
        list(
                "input changed",
                stream(outputs.changedInputs()).map(each -> each.path() + after(" (", each.change(), ")")),
                number(outputs.changed()) + number(outputs.removed()));
        list(
                "file added",
                stream(outputs.newFiles())
                        .map(each -> each.path()
                                + after(
                                        " (",
                                        joined(
                                                ", ",
                                                "file".equals(each.type()) ? null : each.type(),
                                                each.executable() == null ? null : "executable",
                                                each.nativeCode() == null ? null : "machine code"),
                                        ")")),
                outputs.newFiles() == null ? 0 : number(outputs.added()));
    }

    private void made(RecordArtifacts made) {
        list(
                "artifact",
                made.artifacts().stream()
                        .map(each -> joined(
                                ", ",
                                each.path(),
                                each.size() == null ? null : each.size() + " bytes",
                                "file".equals(each.format())
                                        ? null
                                        : joined(" ", each.format(), number(each.entries()) + " entries"),
                                after("sha256 ", each.sha256()),
                                each.problems() == null ? null : String.join(" ", each.problems()))),
                made.artifactsRead().map(read -> number(read.count())).orElse(0));
        list(
                "scanner",
                made.scanners().stream()
                        .map(each -> joined(
                                ", ",
                                joined(" ", each.tool(), each.version()),
                                each.results() == null ? null : each.results() + " results",
                                each.problem(),
                                each.path())),
                made.scannersRead().map(read -> number(read.count())).orElse(0));
    }

    private void network(Network network) {
        list("asked for", Denied.listed(network).map(Denied.Listed::text), number(network.denied()));
    }

    private void list(String title, Stream<String> texts) {
        list(title, texts, 0);
    }

    /** @param all how many there are, if the record lists only some */
    private void list(String title, Stream<String> texts, int all) {
        List<String> every = texts.toList();
        every.stream().limit(MOST_LISTED).forEach(text -> add(title, UntrustedText.bounded(text, LONGEST_IN_A_LIST)));
        int shown = Math.min(MOST_LISTED, every.size());
        int more = Math.max(all, every.size()) - shown;
        if (more > 0) {
            add(title, (shown == 0 ? "" : "and ") + more + " more");
        }
    }

    private void add(String title, String text) {
        lines.add(FORMAT.formatted(title, UntrustedText.bounded(text, LONGEST)));
    }

    private static int number(@Nullable Integer count) {
        return count == null ? 0 : count;
    }

    private static String after(String before, @Nullable String text) {
        return after(before, text, "");
    }

    private static String after(String before, @Nullable String text, String end) {
        return text == null || text.isEmpty() ? "" : before + text + end;
    }

    private static String joined(String separator, @Nullable String... texts) {
        return Stream.of(texts).filter(text -> text != null && !text.isEmpty()).collect(Collectors.joining(separator));
    }

    private static <T> Stream<T> stream(@Nullable List<T> list) {
        return list == null ? Stream.of() : list.stream();
    }
}
