package dev.cleanroom.operator.trust;

import dev.cleanroom.operator.trust.policy.PolicySet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The question whether an image may run, for one tenant.
 *
 * @param reference as written in the spec
 * @param platform such as linux/amd64; null to let the node choose
 * @param policies all policies at this moment: a decision made with others does not answer this request
 */
public record ImageRequest(String reference, @Nullable String platform, Tenant tenant, PolicySet policies) {

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
