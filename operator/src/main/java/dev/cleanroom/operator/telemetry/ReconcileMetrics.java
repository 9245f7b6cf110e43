package dev.cleanroom.operator.telemetry;

import io.javaoperatorsdk.operator.api.monitoring.Metrics;
import java.time.Duration;

/** Records each reconcile of the operator SDK as a metric. */
public final class ReconcileMetrics implements Metrics {
    private final Telemetry telemetry;

    public ReconcileMetrics(Telemetry telemetry) {
        this.telemetry = telemetry;
    }

    @Override
    public <T> T timeControllerExecution(ControllerExecution<T> execution) throws Exception {
        long start = System.nanoTime();
        String outcome = "error";
        try {
            T result = execution.execute();
            outcome = execution.successTypeName(result);
            return result;
        } finally {
            telemetry.reconciled(execution.controllerName(), outcome, Duration.ofNanos(System.nanoTime() - start));
        }
    }
}
