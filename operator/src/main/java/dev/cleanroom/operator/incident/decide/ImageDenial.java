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
 * Adds the image of a suspect to the list of denied images, if its resolution says so, before anything of the
 * suspect is released. The list is created empty first, so that two incidents that create it at once do not remove
 * each other's entry.
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
