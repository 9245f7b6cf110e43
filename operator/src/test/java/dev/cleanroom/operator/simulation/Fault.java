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

    /** Whether the fetch beacon is allowed by a policy of its own, and not by that of the prepare steps. */
    default boolean fetchBeaconIsApart() {
        return false;
    }

    /** What launchers wait for before they start a build. */
    default Launchers.WaitsFor launchersWaitFor() {
        return Launchers.WaitsFor.ALL;
    }

    /** Whether the rail is installed that keeps a pod from starting its build whose quarantine is requested. */
    default boolean suspectsDoNotStart() {
        return true;
    }

    /** Whether the rail that keeps the state from going back is installed: one fault shows only without. */
    default boolean forwardOnly() {
        return true;
    }
}
