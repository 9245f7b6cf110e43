package dev.cleanroom.operator.record.findings;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.api.v1alpha1.BuildRecordInputs.Reading;
import dev.cleanroom.api.v1alpha1.Finding;
import dev.cleanroom.api.v1alpha1.Severity;
import dev.cleanroom.api.v1alpha1.Verdict;
import dev.cleanroom.operator.record.facts.DetailEntry;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SameVersionTest {
    @Test
    void theSameVersionWithAnotherHashIsCritical() {
        Judgement judgement = judge(dependency("aaaa"), dependency("bbbb"));
        assertThat(judgement.verdict()).isEqualTo(Verdict.Open);
        assertThat(judgement.findings()).singleElement().satisfies(finding -> {
            assertThat(finding.severity()).isEqualTo(Severity.Critical);
            assertThat(finding.key()).matches("SameVersionOtherContent:npm:lodash@4\\.17\\.21:[0-9a-f]{32}");
        });
    }

    @Test
    void theSameHashIsClean() {
        assertThat(judge(dependency("aaaa"), dependency("aaaa")))
                .isEqualTo(new Judgement(Verdict.Clean, List.<Finding>of()));
    }

    private static Judgement judge(DetailEntry.Dependency before, DetailEntry.Dependency now) {
        return Judge.judge(facts(now), Optional.of(new KnownGood("good", facts(before))));
    }

    private static RunFacts facts(DetailEntry.Dependency each) {
        return new RunFacts(
                Reading.Complete,
                List.of(new DetailEntry.File("package-lock.json", 1L, "0011223344556677", "npm", 1)),
                List.of(each),
                List.of(),
                List.of(),
                0);
    }

    private static DetailEntry.Dependency dependency(String integrity) {
        return new DetailEntry.Dependency("lodash", "npm", "4.17.21", null, integrity, null, "package-lock.json");
    }
}
