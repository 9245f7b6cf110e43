package dev.cleanroom.operator.trust;

import dev.cleanroom.operator.trust.policy.PolicySet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The question whether an image may run, for one tenant.
 *
 * @param reference as written in the spec
 * @param platform such as linux/amd64; null to let the node choose
 * @param policies all policies at this moment: a decision made with others does not answer this request
 * @param suspects uids of the pods that are or were under suspicion in the environment: an answer that was given while
 *     others were known does not answer this request (I5)
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
     * The tenant whose credentials are used, and no other's.
     *
     * @param pullSecrets names of Secrets in the namespace; the first that fits is used
     * @param lentSecrets names of Secrets in the operator's namespace that the class lends, used after the tenant's own
     */
    public record Tenant(String namespace, List<String> pullSecrets, List<String> lentSecrets) {
        public Tenant {
            pullSecrets = List.copyOf(pullSecrets);
            lentSecrets = List.copyOf(lentSecrets);
        }

        /** A tenant without Secrets asks anonymously, so its answers are valid for every tenant without Secrets. */
        boolean hasSecrets() {
            return !pullSecrets.isEmpty() || !lentSecrets.isEmpty();
        }
    }
}
