package dev.cleanroom.operator.simulation;

import dev.cleanroom.operator.kube.ObjectKey;
import dev.cleanroom.operator.kube.Resource;
import dev.cleanroom.operator.simulation.Turns.Signal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;

/**
 * One seed, one schedule: {@value #STEPS} steps of whoever may act, invariants after each; then everything runs, nothing
 * fails any more, and what is settled is looked at.
 */
final class Schedule {
    static final int STEPS = 150;
    private static final int MOST_STEPS_TO_SETTLE = 20_000;
    /** No watch stays silent for longer: what operators do on older views is not tried. */
    static final Duration LONGEST_LAG = Duration.ofMinutes(1);

    /** Longer than every back-off, window and time to live of the setup. */
    private static final Duration QUIET = Duration.ofMinutes(6);

    private final Random random;
    private final Setup setup;
    private final World world;
    private final Invariants invariants;
    private final People people;
    private final Node node;
    private final Collectors collectors;
    private final List<OperatorUnderTest> operators;
    private int settling;

    private Schedule(long seed, Fault fault) {
        this.random = new Random(seed * 0x9E3779B97F4A7C15L);
        this.setup = Setup.of(random);
        this.world =
                new World(new Admission(setup.mutating(), fault.forwardOnly(), fault.suspectsDoNotStart()), random);
        this.invariants = new Invariants(world, setup);
        this.people = new People(world, setup, random);
        this.node = new Node(world, fault);
        this.collectors = new Collectors(world);
        this.operators =
                List.of(new OperatorUnderTest("one", world, fault), new OperatorUnderTest("two", world, fault));
    }

    /** @return how many steps it took; throws what went wrong, with the steps before */
    static long run(long seed, Fault fault) {
        Schedule schedule = new Schedule(seed, fault);
        try {
            schedule.run();
            return schedule.world.steps();
        } catch (AssertionError | RuntimeException e) {
            throw new Failure(
                    "seed " + seed + ", " + schedule.setup + ": " + e.getMessage() + "\n" + schedule.world.lastSteps()
                            + "\nreplay: -Dcleanroom.simulation.seed=" + seed,
                    e);
        } finally {
            schedule.operators.stream().filter(OperatorUnderTest::isUp).forEach(OperatorUnderTest::crash);
        }
    }

    static final class Failure extends AssertionError {
        private static final long serialVersionUID = 1L;

        Failure(String message, Throwable cause) {
            super(message, cause);
        }
    }

    private void run() {
        world.server().namespaces().create(Setup.NAMESPACE);
        world.server().namespaces().create(OperatorUnderTest.OWN_NAMESPACE);
        var standard = new ObjectKey(Resource.BUILD_ENVIRONMENT_CLASS, null, "standard");
        world.server().create(User.ADMINISTRATOR, standard, setup.buildClass());
        operators.forEach(it -> it.start(() -> 0));
        operators.getFirst().lead();
        for (int step = 0; step < STEPS; ) {
            if (act(random.nextInt(100))) {
                step++;
                check();
            }
        }
        settle();
        // Twice: what ran under an edited spec runs again.
        for (int i = 0; i < 2; i++) {
            node.endAll();
            settle();
        }
        node.checkSettled();
        new Settled(world.server(), setup, invariants.records()).check();
        freshOperatorWantsNothing();
    }

    private void check() {
        invariants.check();
        node.check();
    }

    private boolean act(int dice) {
        OperatorUnderTest operator = operators.get(random.nextInt(operators.size()));
        if (dice < 34) {
            return resume(operator);
        }
        if (dice < 48) {
            return begin(operator);
        }
        if (dice < 64) {
            return deliver(operator);
        }
        if (dice < 68) {
            return node.applyPolicies(random);
        }
        if (dice < 77) {
            return node.step(random);
        }
        if (dice < 83) {
            return collectors.step(random);
        }
        if (dice < 90) {
            return people.tenant();
        }
        if (dice < 92) {
            return people.responder();
        }
        if (dice < 93) {
            return people.administrator();
        }
        if (dice < 96) {
            return passTime();
        }
        if (dice < 97) {
            return canary(!world.isCanaryReady());
        }
        return disturb(operator);
    }

    private boolean resume(OperatorUnderTest operator) {
        List<Work> running = operator.running();
        if (running.isEmpty()) {
            return false;
        }
        int dice = random.nextInt(40);
        Signal signal = dice == 0 ? Signal.LOSE_ANSWER : dice == 1 ? Signal.UNAVAILABLE : Signal.PROCEED;
        operator.resume(running.get(random.nextInt(running.size())), signal);
        return true;
    }

    private boolean begin(OperatorUnderTest operator) {
        List<Work> ready = operator.ready();
        if (ready.isEmpty()) {
            return false;
        }
        Work work = ready.get(random.nextInt(ready.size()));
        world.trace(operator + " begins " + work);
        operator.begin(work);
        return true;
    }

    private boolean deliver(OperatorUnderTest operator) {
        List<Watch> behind = operator.watches().stream().filter(Watch::isBehind).toList();
        if (behind.isEmpty()) {
            return false;
        }
        Watch watch = behind.get(random.nextInt(behind.size()));
        int events = 1 + random.nextInt(4);
        for (int i = 0; i < events && watch.isBehind(); i++) {
            watch.deliver(random.nextInt(10) == 0);
        }
        return true;
    }

    private boolean canary(boolean ready) {
        world.canaryIsReady(ready);
        operators.forEach(OperatorUnderTest::canariesChanged);
        return true;
    }

    private boolean passTime() {
        int[] millis = {50, 500, 2_000, 6_000, 15_000, 60_000};
        world.pass(Duration.ofMillis(millis[random.nextInt(millis.length)]));
        Instant told = world.now().minus(LONGEST_LAG);
        operators.stream().flatMap(it -> it.watches().stream()).forEach(watch -> watch.catchUp(told));
        operators.forEach(OperatorUnderTest::fireTimers);
        return true;
    }

    /** One ends, comes back, begins to lead, or learns that it leads no more, which ends it too. */
    private boolean disturb(OperatorUnderTest operator) {
        if (!operator.isUp()) {
            operator.start(() -> random.nextInt(4) == 0 ? random.nextInt(5) : 0);
            world.trace(operator + " starts");
            return true;
        }
        if (!operator.leads() && random.nextInt(3) > 0) {
            operator.lead();
            world.trace(operator + " leads");
            return true;
        }
        if (random.nextInt(2) == 0) {
            operator.crash();
            world.trace(operator + " ends");
            return true;
        }
        return false;
    }

    /** One leads, the other stands by; time passes only when there is nothing else to do. */
    private void settle() {
        world.trace("-- settling");
        canary(true);
        world.server().namespaces().create(Setup.NAMESPACE);
        for (OperatorUnderTest operator : operators) {
            if (!operator.isUp()) {
                operator.start(() -> 0);
            }
        }
        if (operators.stream().filter(OperatorUnderTest::leads).count() > 1) {
            operators.getLast().crash();
            operators.getLast().start(() -> 0);
        }
        if (operators.stream().noneMatch(OperatorUnderTest::leads)) {
            operators.getFirst().lead();
        }
        long revision = world.server().revision();
        Instant changed = world.now();
        while (true) {
            drain();
            if (world.server().revision() != revision) {
                revision = world.server().revision();
                changed = world.now();
            }
            Optional<Instant> next = Stream.concat(
                            operators.stream().flatMap(it -> it.nextTimer().stream()), node.nextDeadline().stream())
                    .min(Instant::compareTo);
            if (next.isEmpty() || next.get().isAfter(changed.plus(QUIET))) {
                return;
            }
            Duration wait = Duration.between(world.now(), next.get());
            world.pass(wait.isNegative() ? Duration.ZERO : wait);
            operators.forEach(OperatorUnderTest::fireTimers);
        }
    }

    private void drain() {
        while (stepForward()) {
            check();
            if (++settling > MOST_STEPS_TO_SETTLE) {
                throw new Violation("I6 it does not settle");
            }
        }
    }

    private boolean stepForward() {
        for (OperatorUnderTest operator : operators) {
            for (Watch watch : operator.watches()) {
                while (watch.isBehind()) {
                    watch.deliver(false);
                }
            }
            if (!operator.running().isEmpty()) {
                operator.resume(operator.running().getFirst(), Signal.PROCEED);
                return true;
            }
            if (!operator.ready().isEmpty()) {
                operator.begin(operator.ready().getFirst());
                return true;
            }
        }
        return collectors.stepAny() || node.stepForward(random);
    }

    /** What a process would do that knows nothing but what is stored. */
    private void freshOperatorWantsNothing() {
        long revision = world.server().revision();
        operators.forEach(OperatorUnderTest::crash);
        operators.forEach(it -> it.start(() -> 0));
        operators.getLast().lead();
        world.trace("-- a fresh operator");
        drain();
        world.pass(Duration.ofSeconds(30));
        operators.forEach(OperatorUnderTest::fireTimers);
        drain();
        for (Change change : world.server().journal()) {
            if (change.revision() > revision) {
                Violation.unless(isLateNews(change), "I6 a fresh operator finds nothing to do", change.inWords());
            }
        }
    }

    /** That an environment is gone is told of its incidents when they are looked at next, and wakes none of them. */
    private boolean isLateNews(Change change) {
        Version latest = change.latest();
        return latest.key().resource() == Resource.BUILD_INCIDENT
                && world.server().all(Resource.BUILD_ENVIRONMENT).stream()
                        .noneMatch(it -> it.uid().equals(latest.annotation("cleanroom.dev/environment-uid")));
    }
}
