package dev.cleanroom.operator.simulation;

import dev.cleanroom.operator.environment.EnvironmentRun;
import dev.cleanroom.operator.environment.decide.EnvironmentDecision;
import dev.cleanroom.operator.kube.Api;
import dev.cleanroom.operator.trust.ImageTrust;

/** A fault put into the operator by hand, between it and the server, or around its decision. */
interface Fault {
    Fault NONE = new Fault() {};

    default Api onTheWay(Api api, ApiServer server) {
        return api;
    }

    default EnvironmentRun.Decision decision() {
        return EnvironmentDecision::decide;
    }

    default ImageTrust onTheQuestion(ImageTrust trust) {
        return trust;
    }

    /** Whether the rail that keeps the state from going back is installed: one fault shows only without. */
    default boolean forwardOnly() {
        return true;
    }
}
