package dev.cleanroom.operator.kube;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The API server could not be reached or could not answer. The run is tried again with back-off, without end. */
public final class ApiUnavailableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Null if there was no answer, or if it was not about this one request. */
    private final transient Answer.@Nullable Rejected answer;

    public ApiUnavailableException(String message, @Nullable Throwable cause) {
        super(message, cause);
        this.answer = null;
    }

    /** The API server answered that it could not do this. */
    ApiUnavailableException(Answer.Rejected answer) {
        super(answer.message(), null);
        this.answer = answer;
    }

    /** What the API server answered to this one request, for example that a webhook does not answer. */
    public Optional<Answer.Rejected> answer() {
        return Optional.ofNullable(answer);
    }
}
