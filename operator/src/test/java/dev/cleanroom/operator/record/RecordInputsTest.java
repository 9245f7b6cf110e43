package dev.cleanroom.operator.record;

import static dev.cleanroom.operator.record.TestRecord.AXIOS;
import static dev.cleanroom.operator.record.TestRecord.LODASH;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.api.v1alpha1.BuildRecord;
import dev.cleanroom.api.v1alpha1.BuildRecordInputs.Reading;
import dev.cleanroom.api.v1alpha1.BuildRecordInputs.UnreadFile;
import dev.cleanroom.api.v1alpha1.BuildRecordObserved.Detail;
import dev.cleanroom.api.v1alpha1.BuildRecordObserved.Outcome;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RecordInputsTest {
    private final TestRecord record = new TestRecord("payments-0-2-aaaaaaaa", AXIOS);

    private void assertUnknown(String... gaps) {
        assertThat(record.read().detail()).isEmpty();
        assertThat(record.read().gaps()).containsExactly(gaps);
    }

    @Test
    void aCompleteRecordHasItsListsAndNoGap() {
        assertThat(record.read().gaps()).isEmpty();
        assertThat(record.read().detail().orElseThrow().dependencies()).containsExactly(AXIOS);
    }

    @Test
    void aRunThatWasNotObservedHasNone() {
        record.withoutInputs().observed(Outcome.Unobserved, "NoReport", "the observer left no report");
        assertUnknown("is Unobserved (NoReport): the observer left no report");
    }

    @Test
    void aRecordOfAnOlderVersionHasNone() {
        record.withoutInputs();
        assertUnknown("has no inputs: the operator or the observer of that run was of an older version");
    }

    @Test
    void aBuildThatFetchesByItselfHasNone() {
        record.inputs(TestRecord.inputs(Reading.None, null)).detail(null);
        assertUnknown("has no inputs: its pod had no prepare step, so the build itself fetched what it needed");
    }

    @Test
    void aRecordWithoutContentHasNone() {
        var empty = new BuildRecord();
        assertThat(RecordInputs.of(empty, unused -> Optional.empty()).gaps())
                .containsExactly("has no content that this version understands");
    }

    @Test
    void whatIsLeftOutIsAGapBesideTheLists() {
        Detail stored = record.build().getObserved().detail();
        record.inputs(TestRecord.inputs(Reading.Partial, "TooSlow", new UnreadFile("a.lock", "Unparsable")))
                .detail(new Detail(stored.sha256(), null, stored.content(), 7));
        assertThat(record.read().gaps())
                .containsExactly(
                        "has Partial inputs (TooSlow): the workspace was not read whole",
                        "leaves out what is in 1 file that could not be read or understood",
                        "leaves out 7 entries for which there was no room");
        assertThat(record.read().detail()).isPresent();
    }

    /** As of a newer version. */
    @Test
    void anOutcomeThatIsNotKnownIsAGap() {
        record.inputs(TestRecord.inputs(null, null));
        assertThat(record.read().gaps()).containsExactly("has inputs with an outcome that this version does not know");
    }

    @Test
    void aDetailThatDoesNotDecodeIsExplained() {
        record.detail(new Detail("00", null, "!", null));
        assertUnknown("has a detail that cannot be used: it is not base64");
        record.detail(null);
        assertUnknown("has no detail, so its files, dependencies and packages are not known");
        record.detail(new Detail("00", null, null, null));
        assertUnknown("has no detail, so its files, dependencies and packages are not known");
    }

    @Test
    void theListsOfAnotherRecordAreTakenIfTheyAreTheSame() {
        var older = new TestRecord("payments-0-1-bbbbbbbb", AXIOS);
        record.sameAs(older);
        RecordInputs inputs = RecordInputs.of(
                record.build(),
                name -> name.equals("payments-0-1-bbbbbbbb") ? Optional.of(older.build()) : Optional.empty());
        assertThat(inputs.gaps()).isEmpty();
        assertThat(inputs.detail().orElseThrow().dependencies()).containsExactly(AXIOS);

        assertUnknown("has its detail in the record payments-0-1-bbbbbbbb, which does not exist or has none");
        var other = new TestRecord("payments-0-1-bbbbbbbb", LODASH);
        assertThat(RecordInputs.of(record.build(), unused -> Optional.of(other.build()))
                        .gaps())
                .containsExactly("has its detail in the record payments-0-1-bbbbbbbb, which has another one");
        Detail stored = older.build().getObserved().detail();
        older.detail(new Detail(stored.sha256(), null, "!", null));
        assertThat(RecordInputs.of(record.build(), unused -> Optional.of(older.build()))
                        .gaps())
                .containsExactly(
                        "has its detail in the record payments-0-1-bbbbbbbb, which cannot be used: it is not base64");
    }

    /** One step: a record that names another is never named itself. */
    @Test
    void aChainOfRecordsIsNotFollowed() {
        record.sameAs(new TestRecord("payments-0-1-bbbbbbbb", AXIOS));
        assertThat(RecordInputs.of(record.build(), unused -> Optional.of(record.build()))
                        .gaps())
                .containsExactly(
                        "has its detail in the record payments-0-1-bbbbbbbb, which does not exist or has none");
    }
}
