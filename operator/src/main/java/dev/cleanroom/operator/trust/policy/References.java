package dev.cleanroom.operator.trust.policy;

import dev.cleanroom.api.v1alpha1.TrustPolicySpec;
import dev.cleanroom.api.v1alpha1.TrustPolicySpec.ConfigMapKey;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What a policy names outside itself. */
public final class References {
    private References() {}

    /** In the order of the authorities; none where the spec could not be read. */
    public static List<ConfigMapKey> of(@Nullable TrustPolicySpec spec) {
        return spec == null || spec.authorities() == null
                ? List.of()
                : spec.authorities().stream()
                        .flatMap(References::of)
                        .filter(Objects::nonNull)
                        .toList();
    }

    private static Stream<@Nullable ConfigMapKey> of(TrustPolicySpec.Authority authority) {
        return Stream.of(
                authority.key() == null ? null : authority.key().configMapRef(),
                authority.keyless() == null
                        ? null
                        : authority.keyless().trustRoot().configMapRef());
    }
}
