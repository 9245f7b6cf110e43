package dev.cleanroom.operator.network;

import dev.cleanroom.operator.kube.Trim;
import dev.cleanroom.operator.pod.Names;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import java.util.Optional;

/**
 * A network policy that opens build pods and is not ours, such as one that was there before its namespace was opened for
 * builds: the gate cannot see it, and quarantine would not close it. No label makes one ours, since a tenant may have set
 * it: only what it opens, under a name whose reconciler puts right what it says.
 */
public final class ForeignPolicy {
    private ForeignPolicy() {}

    /** @param policy as it is read */
    public static boolean is(NetworkPolicy policy, String operatorNamespace) {
        Optional<String> opened = Trim.opens(policy);
        String name = policy.getMetadata().getName();
        return opened.isPresent()
                && !name.equals(Names.egressPolicy(opened.get()))
                && !(name.equals(Names.BEACON)
                        && Trim.hashOf(policy).equals(Trim.hash(BeaconPolicy.spec(operatorNamespace))));
    }
}
