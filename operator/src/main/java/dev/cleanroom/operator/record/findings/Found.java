package dev.cleanroom.operator.record.findings;

import dev.cleanroom.api.v1alpha1.Finding;
import dev.cleanroom.api.v1alpha1.Severity;
import dev.cleanroom.api.v1alpha1.Stage;
import dev.cleanroom.operator.kube.ContentHash;
import dev.cleanroom.operator.pod.UntrustedText;
import dev.cleanroom.operator.record.findings.Identity.Release;
import java.util.List;

/**
 * Something that an indicator found.
 *
 * @param subject the package that it is about; a file is one without an ecosystem
 * @param content all that was found, in an order that does not depend on the order of the lists
 * @param detail a sentence in which each text of the build was shortened by {@link #quoted}
 */
record Found(String indicator, Severity severity, Release subject, List<String> content, String detail) {
    /** Digits of the digest in a key. */
    private static final int DIGITS = 32;

    private static final int LONGEST_NAME = 200;
    private static final int LONGEST_VERSION = 64;
    private static final int LONGEST_QUOTE = 120;

    /** A record limits a text to 1,024 characters. */
    private static final int LONGEST_DETAIL = 1_000;

    /** Text that the build chose, for a sentence. */
    static String quoted(String text) {
        return "\"" + UntrustedText.bounded(text, LONGEST_QUOTE).replace('"', '\'') + "\"";
    }

    Finding finding() {
        return new Finding(key(), severity, Stage.Inputs, null, UntrustedText.bounded(detail, LONGEST_DETAIL));
    }

    /** The names of a key are for people. The digest is over all, each text after its length, so that no two are alike. */
    private String key() {
        var all = new StringBuilder();
        append(all, indicator);
        append(all, subject.identity().ecosystem());
        append(all, subject.identity().name());
        append(all, subject.version());
        content.forEach(text -> append(all, text));
        String version =
                subject.version().isEmpty() ? "" : "@" + UntrustedText.bounded(subject.version(), LONGEST_VERSION);
        return String.join(
                ":",
                indicator,
                UntrustedText.bounded(subject.identity().ecosystem(), LONGEST_VERSION),
                UntrustedText.bounded(subject.identity().name(), LONGEST_NAME) + version,
                ContentHash.ofText(all.toString()).substring(0, DIGITS));
    }

    private static void append(StringBuilder all, String text) {
        all.append(text.length()).append(':').append(text);
    }
}
