package dev.cleanroom.operator.simulation;

import java.time.Instant;
import java.util.Optional;
import java.util.Random;

/** The nodes: their kubelet, their network plug-in, the launchers in their pods, and what must hold of the builds there. */
final class Node {
    private final NetworkPlugin plugin;
    private final Launchers launchers;
    private final Kubelet kubelet;
    private final ClosedBuilds closedBuilds;

    Node(World world, Fault fault) {
        this.plugin = new NetworkPlugin(world, fault.fetchBeaconIsApart());
        this.launchers = new Launchers(world, plugin, fault.launchersWaitFor());
        this.kubelet = new Kubelet(world, launchers);
        this.closedBuilds = new ClosedBuilds(world, plugin, launchers);
    }

    boolean step(Random random) {
        return kubelet.step(random);
    }

    boolean applyPolicies(Random random) {
        return plugin.step(random);
    }

    /** The plug-in may be late to the last. */
    boolean stepForward(Random random) {
        return random.nextBoolean()
                ? plugin.step(random) || kubelet.stepForward()
                : kubelet.stepForward() || plugin.step(random);
    }

    void endAll() {
        kubelet.endAll();
    }

    /** When something happens without a further event. */
    Optional<Instant> nextDeadline() {
        return launchers.nextDeadline();
    }

    void check() {
        closedBuilds.check();
    }

    void checkSettled() {
        closedBuilds.settled();
    }
}
