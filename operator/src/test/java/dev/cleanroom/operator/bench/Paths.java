package dev.cleanroom.operator.bench;

import dev.cleanroom.api.v1alpha1.CleanroomApi;

/** Where the kinds of a namespace are in the API's URL space. */
final class Paths {
    private Paths() {}

    static String environments(String namespace) {
        return "/apis/" + CleanroomApi.GROUP + "/" + CleanroomApi.VERSION + "/namespaces/" + namespace
                + "/buildenvironments";
    }

    static String records(String namespace) {
        return "/apis/" + CleanroomApi.GROUP + "/" + CleanroomApi.VERSION + "/namespaces/" + namespace
                + "/buildrecords";
    }

    static String incidents(String namespace) {
        return "/apis/" + CleanroomApi.GROUP + "/" + CleanroomApi.VERSION + "/namespaces/" + namespace
                + "/buildincidents";
    }

    static String pods(String namespace) {
        return "/api/v1/namespaces/" + namespace + "/pods";
    }

    static String policies(String namespace) {
        return "/apis/networking.k8s.io/v1/namespaces/" + namespace + "/networkpolicies";
    }
}
