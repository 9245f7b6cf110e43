package dev.cleanroom.operator.trust.sigstore;

import static dev.cleanroom.operator.trust.sigstore.PrivateSigstore.JSON;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cleanroom.operator.lab.Repository;
import dev.cleanroom.operator.trust.sigstore.Expectation.SignedBy;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The npm package {@code @sigstore/verify}: one process of node, asked about many bundles. */
public final class Oracle {
    private static final Path HOME = Repository.root().resolve("operator/target/oracle");
    private static final int MINUTES = 10;

    /** @param bundles right ones and mutants, all to be verified with what is given for the specimen */
    public record Question(Specimen specimen, List<ObjectNode> bundles) {}

    private Oracle() {}

    public static boolean isInstalled() {
        return Files.isRegularFile(HOME.resolve("installed"));
    }

    /** Of each question a list: for each bundle an empty text when it is accepted, else the error. */
    public static List<List<String>> answers(List<Question> questions) throws IOException, InterruptedException {
        Path driver = HOME.resolve("verify.mjs");
        Files.copy(
                Repository.root().resolve("operator/src/test/resources/oracle/verify.mjs"),
                driver,
                StandardCopyOption.REPLACE_EXISTING);
        Path asked = HOME.resolve("asked.jsonl");
        Path answered = HOME.resolve("answered.jsonl");
        try (BufferedWriter lines = Files.newBufferedWriter(asked)) {
            for (Question question : questions) {
                lines.write(line(question).toString() + "\n");
            }
        }
        Process node = new ProcessBuilder("node", driver.toString())
                .redirectInput(asked.toFile())
                .redirectOutput(answered.toFile())
                .redirectError(HOME.resolve("node.log").toFile())
                .start();
        if (!node.waitFor(MINUTES, TimeUnit.MINUTES) || node.exitValue() != 0) {
            node.destroyForcibly();
            throw new IllegalStateException("node failed: " + Files.readString(HOME.resolve("node.log")));
        }
        List<List<String>> answers = new ArrayList<>();
        try (BufferedReader lines = Files.newBufferedReader(answered)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                answers.add(List.of(JSON.readValue(line, String[].class)));
            }
        }
        return answers;
    }

    private static ObjectNode line(Question question) {
        Specimen.Given given = question.specimen().given();
        ObjectNode line = JSON.createObjectNode();
        ObjectNode told = line.putObject("given");
        told.set("root", given.root().orElseGet(Oracle::nobody));
        switch (given.by()) {
            case SignedBy.Key(var key) ->
                told.put("key", PrivateSigstore.pem(Pem.PUBLIC_KEY, key.key().getEncoded()));
            case SignedBy.Keyless(var identities) ->
                told.put("issuer", Signing.ISSUER).put("subject", Signing.SUBJECT);
        }
        var witnesses = given.expectation().witnesses();
        // A certificate needs a time; theirs may be any of the two.
        told.put("logs", witnesses.logs()).put("timestamps", given.byKey() ? 0 : 1);
        told.put("artifact", PrivateSigstore.base64(Signing.MANIFEST));
        var bundles = line.putArray("bundles");
        question.bundles().forEach(bundle -> bundles.add(bundle.toString()));
        return line;
    }

    private static ObjectNode nobody() {
        return JSON.createObjectNode().put("mediaType", TrustRoot.MEDIA_TYPE);
    }
}
