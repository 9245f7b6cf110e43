package dev.cleanroom.operator.rails;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** Asserts that one rail refuses a request that the roles allow, with a message that says what to do. */
final class Refusal {
    private static final int FORBIDDEN = 403;

    private final ThrowingCallable request;
    private String description = "the refusal";

    private Refusal(ThrowingCallable request) {
        this.request = request;
    }

    static Refusal of(ThrowingCallable request) {
        return new Refusal(request);
    }

    Refusal as(String what) {
        description = what;
        return this;
    }

    /** @param words parts of the rail's message */
    void by(String rail, String... words) {
        List<String> expected = new ArrayList<>(List.of(words));
        expected.add(policy(rail));
        assertThat(message()).as(description).contains(expected);
    }

    /** Two rails refuse the request. The API server names the one that it evaluated first, in no defined order. */
    void byEither(String rail, String other) {
        assertThat(message()).containsAnyOf(policy(rail), policy(other));
    }

    private String message() {
        var refused = catchThrowableOfType(KubernetesClientException.class, request);
        assertThat(refused).as(description).isNotNull();
        assertThat(refused.getCode()).as(refused.getMessage()).isEqualTo(FORBIDDEN);
        return refused.getMessage();
    }

    private static String policy(String rail) {
        return "ValidatingAdmissionPolicy '" + rail + ".cleanroom.dev'";
    }

    /** The roles refuse the request before any rail is evaluated. */
    void byRoles() {
        assertThatThrownBy(request)
                .isInstanceOf(KubernetesClientException.class)
                .hasMessageContaining("is forbidden: User")
                .hasMessageNotContaining("ValidatingAdmissionPolicy");
    }
}
