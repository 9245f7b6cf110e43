package dev.cleanroom.operator.lab;

import java.util.List;

/** What a request path of the Kubernetes API names; parts that a path does not have are empty. */
public record ApiPath(String group, String namespace, String resource, String name, String subresource) {
    private static final ApiPath OTHER = new ApiPath("", "", "", "", "");

    public static ApiPath parse(String path) {
        List<String> parts = List.of(path.split("/")).stream()
                .filter(part -> !part.isEmpty())
                .toList();
        if (parts.size() >= 3 && parts.get(0).equals("api")) {
            return inVersion("", parts.subList(2, parts.size()));
        }
        if (parts.size() >= 4 && parts.get(0).equals("apis")) {
            return inVersion(parts.get(1), parts.subList(3, parts.size()));
        }
        return OTHER;
    }

    private static ApiPath inVersion(String group, List<String> parts) {
        // /namespaces/a/pods is about pods; /namespaces/a, /namespaces/a/status and /namespaces/a/finalize about the
        // namespace.
        boolean namespaced = parts.size() >= 3
                && parts.get(0).equals("namespaces")
                && !parts.get(2).equals("status")
                && !parts.get(2).equals("finalize");
        List<String> rest = namespaced ? parts.subList(2, parts.size()) : parts;
        return new ApiPath(group, namespaced ? parts.get(1) : "", part(rest, 0), part(rest, 1), part(rest, 2));
    }

    private static String part(List<String> parts, int index) {
        return index < parts.size() ? parts.get(index) : "";
    }
}
