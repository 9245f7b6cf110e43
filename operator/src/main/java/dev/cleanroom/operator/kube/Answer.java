package dev.cleanroom.operator.kube;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Status;
import org.jspecify.annotations.Nullable;

/** What the API server said to one request. */
public sealed interface Answer {

    /** 2xx; no object where the server only confirms (a delete that left nothing behind). */
    record Ok(@Nullable HasMetadata object) implements Answer {}

    /** 4xx that a person or a fresh look at the world must answer: code, reason and message of the Status. */
    record Rejected(int code, String reason, String message) implements Answer {
        /** Which no API server answers to a patch: there, a test that fails is 422, and so is much else. */
        private static final int PRECONDITION_FAILED = 412;

        static Rejected of(int code, @Nullable Status status) {
            String reason = status == null || status.getReason() == null ? "" : status.getReason();
            String message = status == null || status.getMessage() == null ? "HTTP " + code : status.getMessage();
            return new Rejected(code, reason, message);
        }

        /** Said by us: a test of a JSON patch does not hold any more. */
        static Rejected moved(ObjectKey key) {
            return new Rejected(PRECONDITION_FAILED, "Moved", key + " is not any more what was tested");
        }

        public boolean moved() {
            return code == PRECONDITION_FAILED;
        }

        public boolean notFound() {
            return code == 404;
        }

        public boolean conflict() {
            return code == 409 && !alreadyExists();
        }

        /** Of a JSON patch: a test did not hold, or what would be stored is not valid, or a policy refuses it. */
        public boolean invalid() {
            return code == 422;
        }

        public boolean alreadyExists() {
            return code == 409 && reason.equals("AlreadyExists");
        }
    }
}
