package dev.cleanroom.operator.incident;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.operator.lab.Environments;
import dev.cleanroom.operator.lab.Incidents;
import dev.cleanroom.operator.lab.Lab;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.Map;

/** A namespace whose pods come under suspicion, as a team and a responder see it. */
record Suspects(Environments environments, Incidents incidents) {
    static final String QUARANTINE = "cleanroom.dev/quarantine";

    static Suspects in(Lab lab) {
        Environments environments = lab.environments(lab.namespace());
        return new Suspects(environments, environments.incidents());
    }

    /** The same, with an operator that sees this namespace alone. */
    static Suspects watchedIn(Lab lab) {
        Suspects suspects = in(lab);
        lab.operator(
                lab.operatorKubeconfig(), "--namespaces", suspects.environments.namespace(), "--leader-elect=false");
        return suspects;
    }

    /** Creates an environment and waits until it runs. */
    void run(BuildEnvironment environment) {
        environments.create(environment);
        environments.awaitCondition(environment.getMetadata().getName(), "Ready", "True", "Running");
    }

    /** Annotates a pod; returns the name of its incident, once that is there. */
    String quarantine(String pod) {
        environments.annotatePod(pod, Map.of(QUARANTINE, "odd egress"));
        return incidents.awaitOf(environments.pod(pod));
    }

    Pod awaitState(String pod, String state) {
        return environments.awaitPod(
                pod, it -> assertThat(it.getMetadata().getLabels()).containsEntry("cleanroom.dev/state", state));
    }
}
