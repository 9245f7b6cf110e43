package dev.cleanroom.operator.simulation;

/** An invariant does not hold. */
final class Violation extends AssertionError {
    private static final long serialVersionUID = 1L;

    Violation(String message) {
        super(message);
    }

    static void unless(boolean holds, String invariant, Object about) {
        if (!holds) {
            throw new Violation(invariant + ": " + about);
        }
    }
}
