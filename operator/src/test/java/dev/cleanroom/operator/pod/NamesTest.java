package dev.cleanroom.operator.pod;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NamesTest {

    @ParameterizedTest
    @ValueSource(strings = {"sts.example.com", "a-b", "Vault_1", "-x"})
    void anAudienceThatIsAFileNameIsTheFileName(String audience) {
        assertThat(Names.tokenFile(audience)).isEqualTo(audience);
    }

    @Test
    void whatIsReplacedIsToldApartByTheHashThatSha256sumPrints() {
        assertThat(Names.tokenFile("https://sts.example.com/a")).isEqualTo("https-sts.example.com-a@b9cdca852e");
    }

    /** The last one is what somebody would write who knows the name of another. */
    @Test
    void noTwoAudiencesShareAFile() {
        var audiences =
                List.of("a-b", "a/b", "a//b", "a:b", "a b", "-", "/", "ä", "ö", "a-b-c14cddc033", "a-b@c14cddc033");
        assertThat(audiences.stream().map(Names::tokenFile)).doesNotHaveDuplicates();
    }

    /** As the API server wants a projected path, and the file system a name. */
    @ParameterizedTest
    @ValueSource(strings = {".", "..", "..data", "../../etc/passwd", "/", "ä"})
    void everyAudienceHasAFileDirectlyBelowTheDirectory(String audience) {
        assertThat(Names.tokenFile(audience)).matches("[A-Za-z0-9_-][A-Za-z0-9._-]*@[0-9a-f]{10}");
        assertThat(Names.tokenFile(audience.repeat(256 / audience.length()))).hasSizeLessThanOrEqualTo(255);
        assertThat(Names.tokenFile("a".repeat(256))).hasSizeLessThanOrEqualTo(255);
    }
}
