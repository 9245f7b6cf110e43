package dev.cleanroom.operator.kube;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Status;
import org.jspecify.annotations.Nullable;

/** The API server's answer to one request. */
public sealed interface Answer {

    /** 2xx. It has no object where the server only confirms, as after a delete that removed the object. */
    record Ok(@Nullable HasMetadata object) implements Answer {}

    /** 4xx, with code, reason and message of the Status: a person or a new decision must change the request. */
    record Rejected(int code, String reason, String message) implements Answer {
        /** No API server answers this to a patch: it answers 422 to a test that fails, and to many other errors. */
        private static final int PRECONDITION_FAILED = 412;

        static Rejected of(int code, @Nullable Status status) {
            String reason = status == null || status.getReason() == null ? "" : status.getReason();
            String message = status == null || status.getMessage() == null ? "HTTP " + code : status.getMessage();
            return new Rejected(code, reason, message);
        }

        /** Created by this process, when a test of a JSON patch no longer holds. */
        static Rejected moved(ObjectKey key) {
            return new Rejected(PRECONDITION_FAILED, "Moved", key + " changed since the test in the patch was written");
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

        /**
         * After a JSON patch: a test did not hold, the result would not be valid, or an admission policy refuses it.
         */
        public boolean invalid() {
            return code == 422;
        }

        public boolean alreadyExists() {
            return code == 409 && reason.equals("AlreadyExists");
        }
    }
}
