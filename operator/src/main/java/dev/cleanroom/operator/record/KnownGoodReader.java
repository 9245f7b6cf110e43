package dev.cleanroom.operator.record;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import dev.cleanroom.api.v1alpha1.BuildRecord;
import dev.cleanroom.api.v1alpha1.BuildRecordObserved;
import dev.cleanroom.api.v1alpha1.BuildRecordObserved.Detail;
import dev.cleanroom.operator.kube.ObjectKey;
import dev.cleanroom.operator.kube.PodLog;
import dev.cleanroom.operator.kube.Resource;
import dev.cleanroom.operator.pod.UntrustedText;
import dev.cleanroom.operator.record.findings.KnownGood;
import dev.cleanroom.operator.record.findings.RunFacts;
import java.io.IOException;
import java.util.Optional;

/** Reads the facts of a known-good run from its record, and from the record that has its lists. It blocks. */
final class KnownGoodReader {
    /** The longest object that an API server stores, unless it is configured otherwise. */
    static final int LONGEST_RECORD = 3 * 512 * 1024;

    private static final int NOT_FOUND = 404;
    private static final int LONGEST_CAUSE = 300;
    private static final ObjectReader JSON = new ObjectMapper()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.READ_UNKNOWN_ENUM_VALUES_AS_NULL)
            .readerFor(BuildRecord.class);

    private final PatientReading records;

    KnownGoodReader(ReadSource source, RunLogs.Timing timing) {
        this.records = new PatientReading(source, timing);
    }

    /** What became of a record that was to be read. */
    sealed interface Answer {}

    record Known(KnownGood run) implements Answer {}

    /** @param why the rest of a sentence about the record */
    record Unknown(String why) implements Answer {}

    /** A request that was not answered is sent again until the deadline. */
    Answer read(ObjectKey record, long deadline) throws InterruptedException {
        return switch (stored(record, deadline)) {
            case Lost(String why) -> new Unknown(why);
            case Found(BuildRecord found) -> {
                Optional<String> sameAs = Optional.ofNullable(found.getObserved())
                        .map(BuildRecordObserved::detail)
                        .map(Detail::sameAs);
                if (sameAs.isEmpty()) {
                    yield known(found, Optional.empty());
                }
                var other = new ObjectKey(Resource.BUILD_RECORD, record.namespace(), sameAs.get());
                yield switch (stored(other, deadline)) {
                    case Lost(String why) ->
                        new Unknown("has its lists in the record " + other.name() + ", which " + why);
                    case Found(BuildRecord lists) -> known(found, Optional.of(lists));
                };
            }
        };
    }

    private static Answer known(BuildRecord record, Optional<BuildRecord> other) {
        RecordInputs inputs = RecordInputs.of(record, name -> other);
        return inputs.detail()
                .<Answer>map(
                        detail -> new Known(new KnownGood(record.getMetadata().getName(), RunFacts.of(record, detail))))
                .orElseGet(() -> new Unknown(String.join("; it ", inputs.gaps())));
    }

    private sealed interface Stored {}

    private record Found(BuildRecord record) implements Stored {}

    private record Lost(String why) implements Stored {}

    private Stored stored(ObjectKey record, long deadline) throws InterruptedException {
        return switch (records.read(record, LONGEST_RECORD, deadline)) {
            case PodLog.Read(byte[] bytes) -> parsed(bytes);
            case PodLog.Refused(int code, String message) ->
                code == NOT_FOUND
                        ? new Lost("does not exist any more")
                        : new Lost("may not be read: " + UntrustedText.bounded(message, LONGEST_CAUSE));
            case PodLog.Unavailable(String message) ->
                new Lost("was not returned: " + UntrustedText.bounded(message, LONGEST_CAUSE));
        };
    }

    private static Stored parsed(byte[] bytes) {
        try {
            return new Found(JSON.readValue(bytes));
        } catch (IOException e) {
            return new Lost("is not a record that this version understands");
        }
    }
}
