package dev.cleanroom.operator.trust;

import dev.cleanroom.api.v1alpha1.TrustPolicy;
import dev.cleanroom.operator.trust.policy.ConfigMaps;
import dev.cleanroom.operator.trust.policy.PolicySet;
import dev.cleanroom.operator.trust.policy.PolicySets;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.stream.Stream;

/** Policies as a person writes them, and the set that they are together. */
public final class Policies {
    private Policies() {}

    /** @param spec YAML of the spec, in one line each field */
    public static TrustPolicy named(String name, String spec) {
        TrustPolicy policy = Serialization.unmarshal(
                "apiVersion: cleanroom.dev/v1alpha1\nkind: TrustPolicy\nmetadata: {name: " + name + ", uid: uid-of-"
                        + name + ", generation: 1}\nspec:\n" + spec.indent(2),
                TrustPolicy.class);
        return policy;
    }

    public static PolicySet set(TrustPolicy... policies) {
        return new PolicySets().of(Stream.of(policies).toList(), ConfigMaps.NONE);
    }

    /** One policy about everything below {@code builders}, signed with one key. */
    public static TrustPolicy builders(String registry, String pem, String... more) {
        return named("builders", """
                images: ["%s/builders/**"]
                authorities: [%s]
                %s
                """.formatted(registry, byKey("release", pem), String.join("\n", more)));
    }

    public static String byKey(String name, String pem) {
        return "{name: " + name + ", key: {pem: \"" + pem.strip().replace("\n", "\\n") + "\"}}";
    }
}
