package dev.cleanroom.operator.telemetry;

import dev.cleanroom.operator.kube.Resource;
import dev.cleanroom.operator.kube.plan.Result;
import dev.cleanroom.operator.kube.plan.Write;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** Writes the log line about a write: what was done, to what, and why. */
final class WriteLog {
    private static final Logger log = LoggerFactory.getLogger(WriteLog.class);

    private WriteLog() {}

    static void log(Result result) {
        Write write = result.write();
        switch (result) {
            case Result.Done done
            when done.already() ->
                log.debug(
                        "{} {} already (reason: {})",
                        write.target(),
                        write instanceof Write.Delete ? "is gone" : "exists",
                        write.reason());
            case Result.Done _ ->
                log.atLevel(level(write)).log("{} {} (reason: {})", done(write), write.target(), write.reason());
            case Result.Conflict _ ->
                log.debug("Did not {} {}: it changed since it was read; deciding again", verb(write), write.target());
            case Result.Outdated _ ->
                log.warn("Did not {} {}: this process may no longer be the leader", verb(write), write.target());
            case Result.NameTaken _ ->
                log.info("Did not {} {}: another object has this name", verb(write), write.target());
            case Result.Untold untold ->
                log.warn("Could not store {}; continuing without it: {}", write.target(), untold.why());
            case Result.Refused refused ->
                log.info("The API server refused to {} {}: {}", verb(write), write.target(), refused.message());
        }
    }

    /** An Event is itself a message about something else. */
    private static Level level(Write write) {
        return switch (write) {
            case Write.Create create when create.target().resource() == Resource.EVENT -> Level.DEBUG;
            case Write.Create _, Write.Apply _, Write.Delete _ -> Level.INFO;
            case Write.Patch _, Write.TestedPatch _, Write.Confirm _, Write.ApplyStatus _ -> Level.DEBUG;
        };
    }

    private static String done(Write write) {
        return switch (write) {
            case Write.Create _ -> "Created";
            case Write.Apply _ -> "Applied";
            case Write.Patch _, Write.TestedPatch _ -> "Patched";
            case Write.Confirm _ -> "Confirmed";
            case Write.Delete _ -> "Deleted";
            case Write.ApplyStatus _ -> "Updated the status of";
        };
    }

    private static String verb(Write write) {
        return write instanceof Write.ApplyStatus ? "update the status of" : Telemetry.verb(write);
    }
}
