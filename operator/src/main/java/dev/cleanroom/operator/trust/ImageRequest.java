package dev.cleanroom.operator.trust;

import dev.cleanroom.operator.trust.policy.PolicySet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whether an image may run, asked for one tenant.
 *
 * @param reference as written in the spec
 * @param platform such as linux/amd64; null for the node's own
 * @param policies of this very moment: a decision by others is not this one's answer
 * @param suspects uids of the pods that are or were under suspicion where the image is to run: an answer that was asked
 *     for when they were others is not this one's answer (I5)
 */
public record ImageRequest(
        String reference, @Nullable String platform, Tenant tenant, PolicySet policies, Set<String> suspects) {
    public ImageRequest {
        suspects = Set.copyOf(suspects);
    }

    /** Where no pod has been under suspicion. */
    public ImageRequest(String reference, @Nullable String platform, Tenant tenant, PolicySet policies) {
        this(reference, platform, tenant, policies, Set.of());
    }

    /**
     * Whose credentials are used; never another's.
     *
     * @param pullSecrets names of Secrets of the namespace, in the order in which they win
     * @param lentSecrets names of Secrets of the operator's namespace that the class lends; after the tenant's own
     */
    public record Tenant(String namespace, List<String> pullSecrets, List<String> lentSecrets) {
        public Tenant {
            pullSecrets = List.copyOf(pullSecrets);
            lentSecrets = List.copyOf(lentSecrets);
        }

        /** Without any it asks as nobody, and what it is told is what anybody is told. */
        boolean hasSecrets() {
            return !pullSecrets.isEmpty() || !lentSecrets.isEmpty();
        }
    }
}
