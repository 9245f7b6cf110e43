package dev.cleanroom.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.cleanroom.api.schema.Text;
import dev.cleanroom.api.schema.TextKind;
import org.jspecify.annotations.Nullable;

/** What is built, as text. */
@JsonClassDescription("What is built, as text that a CI system sets. It is copied to records and never interpreted.")
public record Source(
        @JsonPropertyDescription("The repository, such as https://git.example.com/payments.git.")
        @Nullable @Text(TextKind.SHORT)
        String repository,

        @JsonPropertyDescription("The revision, such as a commit.") @Nullable @Text(TextKind.SHORT)
        String revision) {}
