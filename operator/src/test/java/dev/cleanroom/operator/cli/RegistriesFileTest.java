package dev.cleanroom.operator.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cleanroom.operator.trust.registry.HostOptions;
import dev.cleanroom.operator.trust.registry.Mirror;
import dev.cleanroom.operator.trust.registry.RegistryOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RegistriesFileTest {
    @TempDir
    private Path directory;

    private RegistryOptions read(String yaml) {
        try {
            return RegistriesFile.read(Optional.of(Files.writeString(directory.resolve("registries.yaml"), yaml)));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void eachHostIsReadWithWhatItHas() {
        assertThat(read("""
                registry.example.com:
                  mirrors: [mirror.example.com:5000/cache]
                  mirrorsOnly: true
                  caBundle: PEM
                "10.0.0.7:5000": {plainHttp: true, anyAddress: true}
                plain.example.com:
                """))
                .isEqualTo(new RegistryOptions(Map.of(
                        "registry.example.com",
                        new HostOptions(
                                false, false, List.of(Mirror.parse("mirror.example.com:5000/cache")), true, "PEM"),
                        "10.0.0.7:5000",
                        new HostOptions(true, true, List.of(), null),
                        "plain.example.com",
                        HostOptions.STRICT)));
    }

    @Test
    void withoutAFileEveryHostIsAskedStrictly() {
        assertThat(RegistriesFile.read(Optional.empty())).isEqualTo(RegistryOptions.STRICT);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    registry.example.com: {plainhttp: true}  | plainhttp
                    registry.example.com: {plainHttp: maybe} | maybe
                    registry.example.com/team: {}            | a key must be a host or host:port: registry.example.com/team
                    https://registry.example.com: {}         | not a mirror, host[:port] or host[:port]/path
                    a.example.com: {mirrors: ["b c"]}        | not a mirror, host[:port] or host[:port]/path: b c
                    a.example.com: {mirrorsOnly: true}       | mirrorsOnly needs mirrors
                    [a.example.com]                          | registries.yaml
                    """)
    void aMistakeIsToldWithTheFileAndWhatItIs(String yaml, String told) {
        assertThatThrownBy(() -> read(yaml))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("registries.yaml")
                .hasMessageContaining(told);
    }
}
