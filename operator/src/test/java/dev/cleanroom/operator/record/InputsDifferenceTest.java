package dev.cleanroom.operator.record;

import static dev.cleanroom.operator.record.TestRecord.AXIOS;
import static dev.cleanroom.operator.record.TestRecord.ESBUILD;
import static dev.cleanroom.operator.record.TestRecord.LODASH;
import static dev.cleanroom.operator.record.TestRecord.POM;
import static dev.cleanroom.operator.record.TestRecord.fetched;
import static dev.cleanroom.operator.record.TestRecord.npm;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.operator.record.facts.DetailEntry;
import dev.cleanroom.operator.record.facts.RecordDetail;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class InputsDifferenceTest {
    private static RecordDetail detail(DetailEntry... entries) {
        RecordDetail detail = new RecordDetail(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        for (DetailEntry entry : entries) {
            switch (entry) {
                case DetailEntry.File file -> detail.files().add(file);
                case DetailEntry.Dependency dependency -> detail.dependencies().add(dependency);
                case DetailEntry.Package fetched -> detail.packages().add(fetched);
            }
        }
        return detail;
    }

    private static List<String> lines(List<InputsDifference.Change> changes) {
        return changes.stream().map(Object::toString).toList();
    }

    @Test
    void equalListsDoNotDiffer() {
        RecordDetail detail = detail(POM, AXIOS, LODASH, ESBUILD);
        assertThat(InputsDifference.between(detail, detail(ESBUILD, LODASH, AXIOS, POM))
                        .all())
                .isEmpty();
    }

    @Test
    void anotherHashAtTheSameVersionIsSuspect() {
        var other = npm("axios", "1.14.1", null, "6600000000000001", false);
        var difference = InputsDifference.between(detail(AXIOS, LODASH), detail(other, LODASH));
        assertThat(lines(difference.sameVersion()))
                .containsExactly("! pkg:npm/axios@1.14.1  hash 1100000000000001 -> 6600000000000001");
        assertThat(difference.all()).hasSize(1);
    }

    @Test
    void aHashThatIsGoneAnotherSourceAndInstallCodeAtTheSameVersionAreSuspect() {
        var other = npm("axios", "1.14.1", "https://cdn.example.com", null, true);
        assertThat(lines(InputsDifference.between(detail(AXIOS), detail(other)).sameVersion()))
                .containsExactly("! pkg:npm/axios@1.14.1  hash 1100000000000001 -> none; install code none -> yes;"
                        + " source the configured registry -> https://cdn.example.com");
    }

    /** A source that is called as the absence of one is shown is another one. */
    @Test
    void aSourceWithTheNameOfNoSourceDiffers() {
        var other = npm("axios", "1.14.1", "the configured registry", "1100000000000001", false);
        assertThat(InputsDifference.between(detail(AXIOS), detail(other)).sameVersion())
                .hasSize(1);
    }

    @Test
    void aPackageWithOtherContentOrInstallCodeAtTheSameVersionIsSuspect() {
        var content = fetched("esbuild", "0.25.1", "7700000000000001", "4400000000000001");
        assertThat(lines(InputsDifference.between(detail(ESBUILD), detail(content))
                        .sameVersion()))
                .containsExactly("! pkg:npm/esbuild@0.25.1  package: content 3300000000000001 -> 7700000000000001");
        var code = fetched("esbuild", "0.25.1", "7700000000000001", "8800000000000001");
        assertThat(lines(InputsDifference.between(detail(ESBUILD), detail(code)).sameVersion()))
                .containsExactly("! pkg:npm/esbuild@0.25.1  package: content 3300000000000001 -> 7700000000000001;"
                        + " install code 4400000000000001 -> 8800000000000001");
    }

    @Test
    void versionsAreChangedAddedAndRemoved() {
        var newer = npm("axios", "1.15.0", null, "99", false);
        var plain = npm("plain-crypto-js", "4.2.1", "https://registry.example.com", "98", true);
        assertThat(lines(InputsDifference.between(detail(AXIOS, LODASH), detail(newer, plain))
                        .dependencies()))
                .containsExactly(
                        "~ pkg:npm/axios@1.15.0  was 1.14.1",
                        "- pkg:npm/lodash@4.17.21",
                        "+ pkg:npm/plain-crypto-js@4.2.1  source https://registry.example.com; install code yes");
    }

    @Test
    void aNewVersionFromAnotherSourceOrWithItsFirstInstallCodeSaysSo() {
        var newer = npm("axios", "1.15.0", "git+ssh://git.example.com/axios", "99", true);
        assertThat(lines(InputsDifference.between(detail(AXIOS), detail(newer)).dependencies()))
                .containsExactly("~ pkg:npm/axios@1.15.0  was 1.14.1; source the configured registry ->"
                        + " git+ssh://git.example.com/axios; install code none -> yes");
    }

    @Test
    void oneOfSeveralVersionsOfOnePackageChanges() {
        var old = npm("lodash", "3.10.1", null, "31", false);
        var newer = npm("lodash", "4.17.22", null, "32", false);
        var difference = InputsDifference.between(detail(old, LODASH), detail(old, newer));
        assertThat(lines(difference.dependencies())).containsExactly("~ pkg:npm/lodash@4.17.22  was 4.17.21");
        assertThat(lines(InputsDifference.between(detail(LODASH), detail(LODASH, old))
                        .dependencies()))
                .as("nothing that was there is gone")
                .containsExactly("+ pkg:npm/lodash@3.10.1");
    }

    @Test
    void onlyPackagesThatNoLockfileNamesAreListedApart() {
        var locked = fetched("axios", "1.14.1", "00", null);
        var difference = InputsDifference.between(detail(), detail(AXIOS, locked, ESBUILD));
        assertThat(lines(difference.dependencies())).containsExactly("+ pkg:npm/axios@1.14.1");
        assertThat(lines(difference.packages()))
                .containsExactly("+ pkg:npm/esbuild@0.25.1  install code 4400000000000001");
    }

    @Test
    void buildFilesAreChangedAddedAndRemoved() {
        var changed = new DetailEntry.File("pom.xml", 1_234L, "aa00000000000002", null, null);
        var other = new DetailEntry.File(".npmrc", 1L, null, null, null);
        var gone = new DetailEntry.File("Makefile", 1L, null, null, null);
        assertThat(lines(InputsDifference.between(detail(POM, gone), detail(changed, other))
                        .files()))
                .containsExactly("+ .npmrc", "- Makefile", "~ pom.xml");
    }

    /** Of one name and two ecosystems. */
    @Test
    void packagesOfTwoEcosystemsAreTwo() {
        var python = new DetailEntry.Dependency("axios", "pypi", "1.14.1", null, "1100000000000002", null, null);
        assertThat(lines(InputsDifference.between(detail(AXIOS), detail(python)).dependencies()))
                .containsExactly("- pkg:npm/axios@1.14.1", "+ pkg:pypi/axios@1.14.1");
    }
}
