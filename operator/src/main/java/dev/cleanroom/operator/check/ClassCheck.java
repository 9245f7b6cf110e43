package dev.cleanroom.operator.check;

import dev.cleanroom.api.v1alpha1.BuildEnvironmentClass;
import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.api.v1alpha1.PullSecret;
import dev.cleanroom.operator.classes.ClassChoice;
import dev.cleanroom.operator.trust.PullSecretSource;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.Namespace;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Checks the class that environments without className get. */
final class ClassCheck {
    private static final String WHAT = "default class";
    private static final Pattern LABEL = Pattern.compile("[-A-Za-z0-9_./]*");

    private ClassCheck() {}

    static Finding theDefault(Lookup<List<BuildEnvironmentClass>> classes, Target target) {
        return switch (classes) {
            case Lookup.Denied<List<BuildEnvironmentClass>> denied -> Finding.denied(WHAT, denied);
            case Lookup.Absent<List<BuildEnvironmentClass>> _ -> theDefault(List.of(), target);
            case Lookup.Found<List<BuildEnvironmentClass>>(var all) -> theDefault(all, target);
        };
    }

    private static Finding theDefault(List<BuildEnvironmentClass> all, Target target) {
        if (ClassChoice.of(null, all) instanceof ClassChoice.Chosen(BuildEnvironmentClass chosen)) {
            var status = chosen.getStatus();
            var judged = Judged.of(chosen, status == null ? null : status.conditions());
            String name = chosen.getMetadata().getName();
            return judged.isReady()
                    ? Finding.ok(WHAT + ": " + name)
                    : Finding.missing(WHAT + " " + name, judged.message(), judged.remedy("benvclass/" + name));
        }
        List<String> defaults =
                names(all.stream().filter(ClassChoice::isDefault).toList());
        return switch (defaults.size()) {
            case 0 -> none(names(all), target);
            case 1 ->
                Finding.missing(
                        WHAT,
                        defaults.getFirst() + " cannot be parsed: "
                                + all.stream()
                                        .filter(ClassChoice::isDefault)
                                        .map(BuildEnvironmentClass::unreadable)
                                        .collect(Collectors.joining()),
                        "kubectl edit benvclass/" + defaults.getFirst());
            default ->
                Finding.missing(
                        WHAT,
                        "several classes are marked as default (" + String.join(", ", defaults)
                                + "), so environments without className get none; this keeps " + defaults.getFirst(),
                        "kubectl annotate benvclass " + String.join(" ", defaults.subList(1, defaults.size())) + " "
                                + CleanroomApi.DEFAULT_CLASS_ANNOTATION + "-");
        };
    }

    private static Finding none(List<String> names, Target target) {
        return names.isEmpty()
                ? Finding.missing(WHAT, "no BuildEnvironmentClass exists", target.upgrade())
                : Finding.missing(
                        WHAT,
                        "no class is marked as default (found: " + String.join(", ", names) + ")",
                        "kubectl annotate --overwrite benvclass " + names.getFirst() + " "
                                + CleanroomApi.DEFAULT_CLASS_ANNOTATION + "=true");
    }

    private static List<String> names(List<BuildEnvironmentClass> classes) {
        return classes.stream().map(it -> it.getMetadata().getName()).sorted().toList();
    }

    /**
     * The Secrets in the operator's namespace that classes lend to verification; empty if the classes could not be
     * read.
     */
    static SortedSet<String> lentSecrets(Lookup<List<BuildEnvironmentClass>> classes) {
        SortedSet<String> names = new TreeSet<>();
        if (classes instanceof Lookup.Found<List<BuildEnvironmentClass>>(var all)) {
            all.stream()
                    .map(BuildEnvironmentClass::getSpec)
                    .filter(spec -> spec != null && spec.verificationPullSecrets() != null)
                    .flatMap(spec -> spec.verificationPullSecrets().stream())
                    .map(PullSecret::name)
                    .forEach(names::add);
        }
        return names;
    }

    /** @param mayGet whether the operator may get it */
    static Finding lent(String secret, Lookup<Boolean> mayGet, Target target) {
        String what = "verification pull secret " + secret;
        return switch (mayGet) {
            case Lookup.Denied<Boolean> denied -> Finding.denied(what + ": whether the operator may read it", denied);
            case Lookup.Found<Boolean>(Boolean may) when may -> Finding.ok(what + ": the operator may read it");
            default ->
                Finding.missing(
                        what,
                        "the operator may not read it, so images of environments with the classes that list it"
                                + " cannot be"
                                + " verified; allow it with this command, or list it in the chart's"
                                + " verificationPullSecrets",
                        PullSecretSource.InCluster.letReadLent(secret, target.operatorNamespace()));
        };
    }

    /** Empty if the namespace or the default class does not exist: another finding says so. */
    static List<Finding> allows(Lookup<List<BuildEnvironmentClass>> classes, Lookup<Namespace> namespace) {
        String what = WHAT + " for the namespace";
        if (classes instanceof Lookup.Denied<List<BuildEnvironmentClass>> denied) {
            return List.of(Finding.denied(what, denied));
        }
        if (namespace instanceof Lookup.Denied<Namespace> denied) {
            return List.of(Finding.denied(what, denied));
        }
        return classes instanceof Lookup.Found<List<BuildEnvironmentClass>>(var all)
                        && ClassChoice.of(null, all) instanceof ClassChoice.Chosen chosen
                        && namespace instanceof Lookup.Found<Namespace>(Namespace found)
                ? List.of(allows(chosen, found))
                : List.of();
    }

    private static Finding allows(ClassChoice.Chosen chosen, Namespace namespace) {
        String name = namespace.getMetadata().getName();
        String className = chosen.buildClass().getMetadata().getName();
        String what = WHAT + " " + className + " for namespace " + name;
        return chosen.allows(NamespaceCheck.labels(namespace))
                ? Finding.ok(what)
                : Finding.missing(
                        what,
                        "the class's allowedNamespaces does not select the labels of the namespace",
                        remedy(name, className, chosen.buildClass().getSpec().allowedNamespaces()));
    }

    private static String remedy(String namespace, String className, @Nullable LabelSelector selector) {
        Map<String, String> equal =
                selector == null || selector.getMatchLabels() == null ? Map.of() : selector.getMatchLabels();
        boolean enough = selector != null
                && (selector.getMatchExpressions() == null
                        || selector.getMatchExpressions().isEmpty())
                && !equal.isEmpty()
                // The class need not contain valid labels, and they must not mean anything else to a shell.
                && equal.entrySet().stream()
                        .allMatch(label ->
                                LABEL.matcher(label.getKey() + label.getValue()).matches());
        return enough
                ? "kubectl label --overwrite namespace " + namespace + " "
                        + equal.entrySet().stream()
                                .map(label -> label.getKey() + "=" + label.getValue())
                                .sorted()
                                .collect(Collectors.joining(" "))
                : "kubectl edit benvclass/" + className;
    }
}
