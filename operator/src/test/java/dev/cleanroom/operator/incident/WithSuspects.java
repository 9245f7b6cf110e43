package dev.cleanroom.operator.incident;

import dev.cleanroom.operator.lab.Environments;
import dev.cleanroom.operator.lab.Incidents;
import dev.cleanroom.operator.lab.Lab;
import org.junit.jupiter.api.BeforeEach;

/** A namespace of the test's own with an operator that watches it, and what is asked of both. */
abstract class WithSuspects {
    Lab lab;
    Suspects suspects;
    Environments environments;
    Incidents incidents;

    @BeforeEach
    void open(Lab given) {
        lab = given;
        suspects = Suspects.watchedIn(lab);
        environments = suspects.environments();
        incidents = suspects.incidents();
    }
}
