package dev.cleanroom.operator.classes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.fabric8.kubernetes.api.model.LabelSelectorBuilder;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Networks and selectors that no schema has seen take no more than their own length. */
class CidrTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "10.0.0.0/2147483647",
                "10.0.0.0/-2147483648",
                "10.0.0.0/33",
                "2001:db8::/129",
                "10.0.0.0/99999999999",
                "10.0.0.0/",
                "registry.example.com/8",
                "1:2:3/8"
            })
    void aPrefixIsNotLongerThanAnAddress(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> Cidr.parse(text));
    }

    @Test
    void networksContainOthers() {
        assertThat(Cidr.parse("0.0.0.0/0").contains(Cidr.parse("10.20.0.0/16"))).isTrue();
        assertThat(Cidr.parse("10.20.0.0/16").contains(Cidr.parse("10.0.0.0/8")))
                .isFalse();
        assertThat(Cidr.parse("::/0").contains(Cidr.parse("2001:db8::1/128"))).isTrue();
        assertThat(Cidr.parse("::/0").contains(Cidr.parse("10.0.0.0/8"))).isFalse();
    }

    /** Each requirement is looked at once: a selector is as long as the API server lets an object be. */
    @Test
    void aSelectorIsReadOnce() {
        var selector = new LabelSelectorBuilder();
        IntStream.range(0, 20_000)
                .forEach(i -> selector.addNewMatchExpression()
                        .withKey("k" + i)
                        .withOperator("DoesNotExist")
                        .endMatchExpression());
        assertThat(Selectors.matches(selector.build(), Map.of("a", "b"))).isTrue();
        assertThat(Selectors.matches(selector.build(), Map.of("k19999", "b"))).isFalse();
    }
}
