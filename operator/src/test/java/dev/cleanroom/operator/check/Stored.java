package dev.cleanroom.operator.check;

import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Objects as an API server would have answered them. */
final class Stored {
    static final Target TARGET = new Target("cleanroom-system", "cleanroom-operator", Optional.empty());

    private Stored() {}

    static <T> T of(Class<T> type, String yaml) {
        return Serialization.unmarshal(yaml, type);
    }

    static <T> Lookup<T> found(Class<T> type, String yaml) {
        return new Lookup.Found<>(of(type, yaml));
    }

    static <T> Lookup<List<T>> list(Class<T> type, String... yaml) {
        return new Lookup.Found<>(Stream.of(yaml).map(one -> of(type, one)).toList());
    }

    static <T> Lookup<T> denied() {
        return new Lookup.Denied<>("list things");
    }

    static List<String> lines(Finding... findings) {
        return lines(List.of(findings));
    }

    static List<String> lines(List<Finding> findings) {
        return findings.stream().flatMap(finding -> finding.lines().stream()).toList();
    }
}
