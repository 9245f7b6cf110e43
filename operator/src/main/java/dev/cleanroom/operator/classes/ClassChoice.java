package dev.cleanroom.operator.classes;

import dev.cleanroom.api.v1alpha1.BuildEnvironmentClass;
import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.api.v1alpha1.Reasons;
import io.fabric8.kubernetes.api.model.LabelSelector;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Which class an environment uses: the one that it names, otherwise the one default class. */
public sealed interface ClassChoice {

    record Chosen(BuildEnvironmentClass buildClass) implements ClassChoice {

        /** Whether the class is for a namespace with these labels. */
        public boolean allows(Map<String, String> namespaceLabels) {
            LabelSelector allowed = buildClass.getSpec().allowedNamespaces();
            return allowed == null || Selectors.matches(allowed, namespaceLabels);
        }
    }

    record None(String reason, String message) implements ClassChoice {}

    static ClassChoice of(@Nullable String className, List<BuildEnvironmentClass> classes) {
        if (className == null) {
            return readable(theDefault(classes));
        }
        Optional<BuildEnvironmentClass> named = classes.stream()
                .filter(c -> c.getMetadata().getName().equals(className))
                .findFirst();
        return readable(named.<ClassChoice>map(Chosen::new)
                .orElseGet(() -> new None(
                        Reasons.CLASS_NOT_FOUND,
                        "spec.className: class " + className
                                + " does not exist; to list the classes: kubectl get benvclass")));
    }

    static boolean isDefault(BuildEnvironmentClass buildClass) {
        Map<String, String> annotations = buildClass.getMetadata().getAnnotations();
        return annotations != null && "true".equals(annotations.get(CleanroomApi.DEFAULT_CLASS_ANNOTATION));
    }

    private static ClassChoice theDefault(List<BuildEnvironmentClass> classes) {
        List<BuildEnvironmentClass> defaults =
                classes.stream().filter(ClassChoice::isDefault).toList();
        return switch (defaults.size()) {
            case 0 ->
                new None(
                        Reasons.NO_DEFAULT_CLASS,
                        "spec.className is empty, and no class is marked as default; name a class, or mark one as"
                                + " default: kubectl annotate benvclass NAME " + CleanroomApi.DEFAULT_CLASS_ANNOTATION
                                + "=true");
            case 1 -> new Chosen(defaults.getFirst());
            default ->
                new None(
                        Reasons.SEVERAL_DEFAULT_CLASSES,
                        "spec.className is empty, and several classes are marked as default ("
                                + defaults.stream()
                                        .map(c -> c.getMetadata().getName())
                                        .sorted()
                                        .collect(Collectors.joining(", "))
                                + "); name a class, or remove the annotation " + CleanroomApi.DEFAULT_CLASS_ANNOTATION
                                + " from all but one");
        };
    }

    private static ClassChoice readable(ClassChoice choice) {
        if (choice instanceof Chosen(BuildEnvironmentClass buildClass)
                && (buildClass.unreadable() != null || buildClass.getSpec() == null)) {
            return new None(
                    Reasons.CLASS_UNREADABLE,
                    "class " + buildClass.getMetadata().getName() + " cannot be read: " + buildClass.unreadable()
                            + "; correct the field, or upgrade the operator to the version of the CRD");
        }
        return choice;
    }
}
