package dev.cleanroom.operator.lab;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Who a request comes from, by impersonation: rights and admission see this user as they would see the real one.
 *
 * @param groups all of them, {@code system:authenticated} apart
 * @param extra as an authenticator adds it, by key
 */
public record Actor(String user, List<String> groups, Map<String, List<String>> extra) {
    private static final String CONTROLLERS = "kube-system";

    public static Actor user(String name) {
        return new Actor(name, List.of(), Map.of());
    }

    public static Actor serviceAccount(String namespace, String name) {
        return new Actor(
                "system:serviceaccount:" + namespace + ":" + name,
                List.of("system:serviceaccounts", "system:serviceaccounts:" + namespace),
                Map.of());
    }

    /** A controller of kube-controller-manager, which run as an account each. */
    public static Actor controller(String name) {
        return serviceAccount(CONTROLLERS, name);
    }

    /** What the lab's simulated nodes are; no single node's name, to which other admission would bind it. */
    public static Actor kubelet() {
        return new Actor("lab:simulated-nodes", List.of("system:nodes"), Map.of());
    }

    /** The operator's user without a pod's token: what a person gets who may impersonate accounts. */
    public static Actor operatorImpersonated() {
        return serviceAccount(LabCluster.OPERATOR_NAMESPACE, LabCluster.OPERATOR_ACCOUNT);
    }

    /** The operator to admission, with every right: does what no role lets anybody do, to set a scene. */
    public static Actor operatorUnbounded() {
        return new Actor(
                operatorImpersonated().user(),
                List.of("system:masters"),
                Map.of("authentication.kubernetes.io/pod-uid", List.of("00000000-0000-0000-0000-000000000000")));
    }

    /** The same user with every right: so that a refusal is admission's, and none of the roles'. */
    public Actor unbounded() {
        List<String> all = new ArrayList<>(groups);
        all.add("system:masters");
        return new Actor(user, all, extra);
    }

    Config on(Config admin) {
        // The key becomes part of a header's name, where a slash must be escaped.
        Map<String, List<String>> escaped = extra.entrySet().stream()
                .collect(Collectors.toMap(entry -> entry.getKey().replace("/", "%2F"), Map.Entry::getValue));
        return new ConfigBuilder(admin)
                .withImpersonateUsername(user)
                .withImpersonateGroups(groups.toArray(String[]::new))
                .withImpersonateExtras(escaped)
                .build();
    }
}
