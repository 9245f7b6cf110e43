package dev.cleanroom.operator.fuzz;

import dev.cleanroom.operator.record.RecordTarget;
import dev.cleanroom.operator.trust.policy.PolicyTarget;
import dev.cleanroom.operator.trust.registry.RegistryTarget;
import dev.cleanroom.operator.trust.sigstore.SigstoreTarget;
import java.util.List;
import java.util.stream.Stream;

/** A parser of bytes that come from a registry, a pod or a tenant, and what must be true of it whatever they are. */
public interface FuzzTarget {
    /** As {@code -Dfuzz.targets} names it. */
    String name();

    /** Returns where all that must be true is true; what it throws is a finding. */
    void run(byte[] input) throws Exception;

    /** Inputs to start from, right ones among them. */
    List<byte[]> seeds();

    static List<FuzzTarget> all() {
        return Stream.<FuzzTarget[]>of(
                        SigstoreTarget.values(), RegistryTarget.values(), PolicyTarget.values(), RecordTarget.values())
                .flatMap(Stream::of)
                .toList();
    }

    static FuzzTarget named(String name) {
        return all().stream()
                .filter(target -> target.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no target " + name));
    }
}
