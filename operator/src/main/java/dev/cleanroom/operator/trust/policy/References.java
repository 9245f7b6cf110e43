package dev.cleanroom.operator.trust.policy;

import dev.cleanroom.api.v1alpha1.TrustPolicySpec;
import dev.cleanroom.api.v1alpha1.TrustPolicySpec.ConfigMapKey;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The ConfigMaps that a policy names. */
public final class References {
    private References() {}

    /**
     * In the order of the authorities. Missing fields are skipped here, although the schema requires them:
     * {@link PolicyReader} reports them.
     */
    public static List<ConfigMapKey> of(@Nullable TrustPolicySpec spec) {
        return spec == null || spec.authorities() == null
                ? List.of()
                : spec.authorities().stream()
                        .filter(Objects::nonNull)
                        .flatMap(References::of)
                        .filter(Objects::nonNull)
                        .filter(reference -> reference.name() != null && reference.key() != null)
                        .toList();
    }

    private static Stream<@Nullable ConfigMapKey> of(TrustPolicySpec.Authority authority) {
        TrustPolicySpec.Key key = authority.key();
        TrustPolicySpec.Keyless keyless = authority.keyless();
        return Stream.of(
                key == null ? null : key.configMapRef(),
                keyless == null || keyless.trustRoot() == null
                        ? null
                        : keyless.trustRoot().configMapRef());
    }
}
