package dev.cleanroom.operator.record.facts;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.packageurl.MalformedPackageURLException;
import com.github.packageurl.PackageURL;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CoordinatesTest {
    @ParameterizedTest
    @CsvSource({
        "npm, axios, 1.14.1, pkg:npm/axios@1.14.1",
        "npm, @angular/core, 17.0.0, pkg:npm/%40angular/core@17.0.0",
        "npm, axios, '', pkg:npm/axios",
        "pypi, Flask_Login, 0.6.3+local, pkg:pypi/flask-login@0.6.3%2Blocal",
        "golang, github.com/BurntSushi/toml, v1.6.0, pkg:golang/github.com/burntsushi/toml@v1.6.0",
        "golang, example.com, v1.0.0, pkg:golang/example.com@v1.0.0",
        "maven, org.apache.logging.log4j:log4j-core, 2.14.1, pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1",
        "cargo, serde_json, 1.0.140, pkg:cargo/serde_json@1.0.140",
        "npm, ä, 1, pkg:npm/%C3%A4@1",
        "npm, a b?c#d, 1@2/3:4, pkg:npm/a%20b%3Fc%23d@1%402%2F3:4"
    })
    void aPackageUrlIsAsTheSpecificationSays(String ecosystem, String name, String version, String expected) {
        assertThat(new Coordinates(ecosystem, name, version).purl()).contains(expected);
        assertThat(new Coordinates(ecosystem, name, version)).hasToString(expected);
    }

    /** The specification's own library for Java reads the same from it. */
    @ParameterizedTest
    @CsvSource({
        "npm, axios, 1.14.1",
        "npm, @angular/core, 17.0.0-rc.1+build",
        "pypi, flask-login, 0.6.3",
        "golang, github.com/burntsushi/toml, v1.6.0",
        "maven, org.apache.logging.log4j:log4j-core, 2.14.1",
        "cargo, serde_json, 1.0.140",
        "npm, a name?with#more, 1@2/3:4"
    })
    void anotherReaderUnderstandsIt(String ecosystem, String name, String version) throws MalformedPackageURLException {
        Coordinates at = new Coordinates(ecosystem, name, version);
        PackageURL read = new PackageURL(at.toString());
        assertThat(read.getType()).isEqualTo(ecosystem);
        assertThat(read.getNamespace()).isEqualTo(at.namespace().orElse(null));
        assertThat(read.getName()).isEqualTo(at.shortName());
        assertThat(read.getVersion()).isEqualTo(version);
    }

    @ParameterizedTest
    @ValueSource(strings = {"one", "a:b:c", ":b", "a:"})
    void aNameThatIsNotOneOfMavenHasNoPackageUrl(String name) {
        Coordinates at = new Coordinates("maven", name, "1.0");
        assertThat(at.purl()).isEmpty();
        assertThat(at).hasToString(name + "@1.0");
    }

    @Test
    void anotherEcosystemHasNoPackageUrl() {
        assertThat(new Coordinates("", "vendor/tool", "")).hasToString("vendor/tool");
        assertThat(new Coordinates("conda", "tool", "1").purl()).isEmpty();
    }

    @Test
    void aFetchedPackageWithoutANameIsNamedByItsFolder() {
        var entry = new DetailEntry.Package("vendor/tool", "npm", null, null, "00", null, null, null);
        assertThat(Coordinates.of(entry)).isEqualTo(new Coordinates("npm", "vendor/tool", ""));
    }
}
