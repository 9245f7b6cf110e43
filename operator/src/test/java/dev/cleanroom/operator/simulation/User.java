package dev.cleanroom.operator.simulation;

/** Who asks the API server. */
enum User {
    OPERATOR,
    TENANT,
    RESPONDER,
    ADMINISTRATOR,
    KUBELET,
    VOLUME_CONTROLLER,
    GARBAGE_COLLECTOR,
    NAMESPACE_CONTROLLER
}
