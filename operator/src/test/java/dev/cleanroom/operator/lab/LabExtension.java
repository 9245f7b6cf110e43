package dev.cleanroom.operator.lab;

import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** Hands a {@link Lab} to each test (or to a class, in {@code @BeforeAll}) and ends what was started through it. */
public final class LabExtension implements ParameterResolver, AfterTestExecutionCallback {
    private static final Namespace STORE = Namespace.create(LabExtension.class);

    /** Kept whole, so that a lab that cannot start fails every test at once instead of being tried again for each. */
    private record Attempt(LabCluster cluster, RuntimeException failure) implements AutoCloseable {
        static Attempt start() {
            try {
                return new Attempt(LabCluster.start(), null);
            } catch (RuntimeException e) {
                return new Attempt(null, e);
            }
        }

        LabCluster get() {
            if (failure != null) {
                throw new IllegalStateException("no lab: " + failure.getMessage(), failure);
            }
            return cluster;
        }

        @Override
        public void close() {
            if (cluster != null) {
                cluster.close();
            }
        }
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == Lab.class;
    }

    @Override
    public Lab resolveParameter(ParameterContext parameter, ExtensionContext context) {
        LabCluster cluster = context.getRoot()
                .getStore(STORE)
                .computeIfAbsent(Attempt.class, key -> Attempt.start(), Attempt.class)
                .get();
        String title = context.getRequiredTestClass().getSimpleName()
                + context.getTestMethod().map(method -> "-" + method.getName()).orElse("");
        // By the context's own id: a lookup by class alone would find the one that @BeforeAll got.
        return context.getStore(STORE)
                .computeIfAbsent(context.getUniqueId(), key -> new Lab(cluster, title), Lab.class);
    }

    @Override
    public void afterTestExecution(ExtensionContext context) {
        if (context.getExecutionException().isEmpty()) {
            return;
        }
        for (ExtensionContext at = context;
                at.getParent().isPresent();
                at = at.getParent().get()) {
            Lab lab = at.getStore(STORE).get(at.getUniqueId(), Lab.class);
            if (lab != null) {
                lab.printOperatorLogs();
            }
        }
    }
}
