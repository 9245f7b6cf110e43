package dev.cleanroom.operator.simulation;

import dev.cleanroom.operator.kube.ObjectKey;

/** One object for one controller to look at; never twice at the same time. */
record Work(Controller controller, ObjectKey key) {
    enum Controller {
        ENVIRONMENT,
        INCIDENT,
        OPENER,
        DENY_ALL,
        /** Runs on a standby too. */
        HOT_PATH
    }

    @Override
    public String toString() {
        return controller + " of " + key;
    }
}
