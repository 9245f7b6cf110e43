package dev.cleanroom.operator.incident.decide;

import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.api.v1alpha1.TrustPolicySpec.Deny;
import dev.cleanroom.operator.incident.model.DenyList;
import dev.cleanroom.operator.incident.model.ObservedIncident;
import dev.cleanroom.operator.incident.resources.DeniedPolicy;
import dev.cleanroom.operator.kube.ObjectKey;
import dev.cleanroom.operator.kube.Resource;
import dev.cleanroom.operator.kube.plan.Write;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The image of a suspect goes on the list of what runs nowhere, where its resolution says so, before anything of the suspect
 * is let go. The
 * list is made first, without saying what is on it: of two incidents that make it at once neither takes the other's away.
 */
final class ImageDenial {
    private static final ObjectKey KEY = new ObjectKey(Resource.TRUST_POLICY, null, CleanroomApi.DENIED_POLICY);

    private ImageDenial() {}

    static Optional<Write> write(ObservedIncident observed) {
        DenyList list = observed.denyList();
        return observed.toBeDenied()
                .filter(digest -> list.refused().isEmpty())
                .map(digest -> list.deny()
                        .<Write>map(deny -> new Write.Patch(
                                KEY,
                                Write.Precondition.of(list.policy().orElseThrow()),
                                Map.of("/spec/deny/digests", with(deny, digest)),
                                "ImageDenied"))
                        .orElseGet(() -> new Write.Apply(KEY, DeniedPolicy.build(), "DenyListOpened")));
    }

    private static List<String> with(Deny deny, String digest) {
        return Stream.concat(deny.digests() == null ? Stream.empty() : deny.digests().stream(), Stream.of(digest))
                .toList();
    }
}
