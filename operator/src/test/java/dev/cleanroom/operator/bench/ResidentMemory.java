package dev.cleanroom.operator.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a process holds in memory, in kibibytes as the system tells it: from {@code /proc}, elsewhere from {@code ps}.
 *
 * @param most since the process started; not told by {@code ps}, and then as now
 */
record ResidentMemory(long now, long most) {
    private static final Pattern NOW = Pattern.compile("(?m)^VmRSS:\\s+(\\d+) kB$");
    private static final Pattern MOST = Pattern.compile("(?m)^VmHWM:\\s+(\\d+) kB$");

    static ResidentMemory of(long pid) {
        Path status = Path.of("/proc", String.valueOf(pid), "status");
        try {
            if (Files.exists(status)) {
                String text = Files.readString(status);
                return new ResidentMemory(number(NOW, text), number(MOST, text));
            }
            Process ps = new ProcessBuilder("ps", "-o", "rss=", "-p", String.valueOf(pid)).start();
            long now = Long.parseLong(new String(ps.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip());
            return new ResidentMemory(now, now);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** In megabytes of 1,000,000 bytes. */
    double nowMegabytes() {
        return now * 1024 / 1e6;
    }

    double mostMegabytes() {
        return most * 1024 / 1e6;
    }

    private static long number(Pattern pattern, String text) {
        Matcher found = pattern.matcher(text);
        return found.find() ? Long.parseLong(found.group(1)) : 0;
    }
}
