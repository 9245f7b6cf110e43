package dev.cleanroom.operator.e2e;

import dev.cleanroom.operator.lab.Environments;
import java.util.List;
import java.util.function.Consumer;

/**
 * What happens to an environment from its creation until it is gone, in stages. At the end of each the operator has
 * nothing left to do, so two runs can be compared there.
 *
 * @param leastWrites how many writes the operator makes in any case: of these a sample of cuts is taken
 */
record Life(String name, int leastWrites, List<Stage> stages) {

    /** act: what the user and the kubelet do; settled: what must hold when the operator has answered. */
    record Stage(String name, Consumer<Environments> act, Consumer<Environments> settled) {}

    @Override
    public String toString() {
        return name;
    }
}
