package dev.cleanroom.operator.fuzz;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What Jazzer calls: one target a process, since its coverage is the process's. */
public final class Fuzzing {
    private static FuzzTarget target = FuzzTarget.all().getFirst();

    private Fuzzing() {}

    /** @param arguments a target's name, and the folder that its seeds go to: they are signed with keys of this process */
    public static void fuzzerInitialize(String[] arguments) throws IOException {
        target = FuzzTarget.named(arguments[0]);
        List<byte[]> seeds = target.seeds();
        for (int i = 0; i < seeds.size(); i++) {
            Files.write(Path.of(arguments[1]).resolve("seed-" + i), seeds.get(i));
        }
    }

    public static void fuzzerTestOneInput(byte[] input) throws Exception {
        target.run(input);
    }
}
