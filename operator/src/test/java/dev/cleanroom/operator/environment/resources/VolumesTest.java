package dev.cleanroom.operator.environment.resources;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class VolumesTest {
    @Test
    void anAudienceThatIsAFileNameIsItsTokensFile() {
        assertThat(Volumes.tokenFile("sts.example.com")).isEqualTo("sts.example.com");
    }

    @Test
    void noTwoAudiencesShareAFile() {
        List<String> audiences = List.of(
                "a-b",
                "a/b",
                "a:b",
                "a//b",
                "a..b",
                "..",
                ".",
                "...",
                "https://a.example.com",
                "https-a.example.com",
                "x".repeat(200),
                "x".repeat(201));
        assertThat(audiences.stream().map(Volumes::tokenFile).distinct()).hasSameSizeAs(audiences);
        assertThat(audiences.stream().map(Volumes::tokenFile))
                .allSatisfy(file -> assertThat(file)
                        .matches("[A-Za-z0-9._-]{1,253}")
                        .doesNotContain("..")
                        .doesNotStartWith("."));
    }
}
