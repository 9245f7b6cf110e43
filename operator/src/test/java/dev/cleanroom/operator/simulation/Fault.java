package dev.cleanroom.operator.simulation;

import dev.cleanroom.operator.environment.EnvironmentRun;
import dev.cleanroom.operator.environment.decide.EnvironmentDecision;
import dev.cleanroom.operator.kube.Api;

/** A fault put into the operator by hand, between it and the server, or around its decision. */
interface Fault {
    Fault NONE = new Fault() {};

    default Api onTheWay(Api api, ApiServer server) {
        return api;
    }

    default EnvironmentRun.Decision decision() {
        return EnvironmentDecision::decide;
    }

    /** Whether the rail that keeps the state from going back is installed: one fault shows only without. */
    default boolean forwardOnly() {
        return true;
    }
}
