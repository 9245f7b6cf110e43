package dev.cleanroom.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.cleanroom.api.schema.ListKeys;
import dev.cleanroom.api.schema.Text;
import dev.cleanroom.api.schema.TextKind;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The word of the platform team on images: who must have signed, what must be attested, what never runs. */
@JsonClassDescription("Who must have signed which images, what must be attested, and what never runs.")
@ValidationRule(
        value = "!has(self.authorities) || has(self.images)",
        fieldPath = ".images",
        message = "authorities need images that they are about; a policy without authorities only denies")
@ValidationRule(
        value = "has(self.authorities) || !(has(self.images) || has(self.threshold) || has(self.attestations)"
                + " || has(self.formats))",
        fieldPath = ".authorities",
        message = "images, threshold, attestations and formats need authorities that sign; a policy without authorities"
                + " only denies, whatever the image")
@ValidationRule(
        value = "has(self.authorities) || has(self.images) || has(self.deny)",
        message = "says nothing: give it images and authorities, or deny")
@ValidationRule(
        value = "!has(self.threshold) || !has(self.authorities) || self.threshold <= size(self.authorities)",
        fieldPath = ".threshold",
        message = "must not be more than there are authorities")
@ValidationRule(
        value = "!has(self.attestations) || !has(self.authorities) || self.attestations.all(a,"
                + " !has(a.authorities) || a.authorities.all(n, self.authorities.exists(o, o.name == n)))",
        fieldPath = ".attestations",
        message = "names an authority that is not in authorities")
public record TrustPolicySpec(
        @JsonPropertyDescription(
                "Images that the policy is about, by registry and path: * stands for any part of a name, ** for one or more"
                        + " whole parts, as in registry.example.com/builders/**. Tags and digests are not looked at.")
        @Size(min = 1, max = 64) @ListKeys
        @Nullable List<@Text(TextKind.IMAGE_PATTERN) String> images,

        @JsonPropertyDescription(
                "How many of the authorities must have signed the image, each by a signer of its own: one who is named by"
                        + " two authorities counts once. When absent, all.")
        @Min(1) @Max(16) @Nullable Integer threshold,

        @JsonPropertyDescription("Who may sign. Without any, the policy only denies, and accepts nothing.")
        @Size(min = 1, max = 16) @ListKeys("name")
        @Nullable List<Authority> authorities,

        @JsonPropertyDescription("Signed statements about the image that must all be there, beside its signatures.")
        @Size(min = 1, max = 16) @ListKeys("name")
        @Nullable List<Attestation> attestations,

        @JsonPropertyDescription(
                "Formats in which signatures are accepted. bundle: Sigstore bundles, as cosign 3 makes them. cosign: the"
                        + " format of cosign 1 and 2. When absent, both; name bundle alone to stop a downgrade.")
        @Size(min = 1, max = 2) @ListKeys
        @Nullable List<Format> formats,

        @JsonPropertyDescription("What never runs, whoever signed it. Holds for every image, not only those of images.")
        @Nullable Deny deny) {

    /** Formats of signatures. */
    public enum Format {
        bundle,
        cosign
    }

    @JsonClassDescription("Who may sign.")
    @ValidationRule(value = "has(self.key) != has(self.keyless)", message = "needs exactly one of key and keyless")
    public record Authority(
            @JsonPropertyDescription("Name, as messages and attestations use it.") @Required @Text(TextKind.DNS_LABEL)
            String name,

            @JsonPropertyDescription("Who holds the private part of this key.") @Nullable Key key,

            @JsonPropertyDescription("Who has one of these identities.") @Nullable Keyless keyless) {}

    @JsonClassDescription("A public key: ECDSA P-256, P-384 or P-521, Ed25519, or RSA of 2048 to 8192 bits.")
    @ValidationRule(
            value = "has(self.pem) != has(self.configMapRef)",
            message = "needs exactly one of pem and configMapRef")
    public record Key(
            @JsonPropertyDescription("The key as PEM, as cosign public-key prints it.")
            @Nullable @Text(TextKind.PUBLIC_KEY)
            String pem,

            @JsonPropertyDescription("Where the PEM is.") @Nullable ConfigMapKey configMapRef) {}

    @JsonClassDescription("A key of a ConfigMap in the operator's namespace.")
    public record ConfigMapKey(
            @JsonPropertyDescription("Name of the ConfigMap.") @Required @Text(TextKind.DNS_NAME)
            String name,

            @JsonPropertyDescription("Key in it.") @Required @Text(TextKind.FILE_KEY)
            String key) {}

    @JsonClassDescription("Signers by identity, vouched for by certificates that live for minutes.")
    public record Keyless(
            @JsonPropertyDescription("Identities, of which the signer must have one.")
            @Required
            @Size(min = 1, max = 16) List<SignerIdentity> identities,

            @JsonPropertyDescription("Whose certificates, logs and timestamps are believed. Nothing is ever fetched.")
            @Required
            TrustRootSource trustRoot) {}

    @JsonClassDescription("A signer, by who vouches for it and who it is; patterns must match the whole text.")
    @ValidationRule(
            value = "has(self.issuer) != has(self.issuerPattern)",
            message = "needs exactly one of issuer and issuerPattern")
    @ValidationRule(
            value = "has(self.subject) != has(self.subjectPattern)",
            message = "needs exactly one of subject and subjectPattern")
    public record SignerIdentity(
            @JsonPropertyDescription("Issuer in the certificate, such as https://token.actions.example.com.")
            @Nullable @Text(TextKind.EXACT)
            String issuer,

            @JsonPropertyDescription("Issuer, as a regular expression of RE2.") @Nullable @Text(TextKind.REGEX)
            String issuerPattern,

            @JsonPropertyDescription("Subject in the certificate: an e-mail address or URI.")
            @Nullable @Text(TextKind.EXACT)
            String subject,

            @JsonPropertyDescription("Subject, as a regular expression of RE2.") @Nullable @Text(TextKind.REGEX)
            String subjectPattern) {}

    @JsonClassDescription("Where a trust root is.")
    public record TrustRootSource(
            @JsonPropertyDescription("A trusted_root.json of Sigstore, of at most 1 MiB.") @Required
            ConfigMapKey configMapRef) {}

    @JsonClassDescription("A signed statement (in-toto) about the image.")
    public record Attestation(
            @JsonPropertyDescription("Name, as messages use it.") @Required @Text(TextKind.DNS_LABEL)
            String name,

            @JsonPropertyDescription("Its predicateType, exactly, such as https://slsa.dev/provenance/v1.")
            @Required
            @Text(TextKind.EXACT)
            String predicateType,

            @JsonPropertyDescription("Names of authorities, of which one must have signed it; when absent, any.")
            @Size(min = 1, max = 16) @ListKeys
            @Nullable List<@Text(TextKind.DNS_LABEL) String> authorities,

            @JsonPropertyDescription(
                    "What must be true of it, in CEL over predicate, such as predicate.runDetails.builder.id =="
                            + " 'https://builder.example.com'. A field that is not there makes it false.")
            @Nullable @Text(TextKind.EXPRESSION)
            String cel,

            @JsonPropertyDescription(
                    "How old it may be, such as 720h, by the logs and authorities of the trust root; signatures by key alone"
                            + " have no such time. At most 8760h; when absent, any age.")
            @Nullable @Text(TextKind.RETENTION)
            String maxAge) {}

    @JsonClassDescription("What never runs.")
    public record Deny(
            @JsonPropertyDescription("Digests of images or indexes, as crane digest shows them.")
            @Size(max = 1_000) @ListKeys
            @Nullable List<@Text(TextKind.DIGEST) String> digests,

            @JsonPropertyDescription("Signers whose signatures count for nothing.") @Size(max = 256) @Nullable List<DeniedSigner> signers) {}

    @JsonClassDescription("A signer whose signatures count for nothing.")
    @ValidationRule(value = "has(self.key) != has(self.subject)", message = "needs exactly one of key and subject")
    @ValidationRule(
            value = "!has(self.issuer) || !has(self.key) || has(self.subject)",
            fieldPath = ".issuer",
            message = "goes with subject, not with key")
    public record DeniedSigner(
            @JsonPropertyDescription("SHA-256 of the public key (its SubjectPublicKeyInfo), as status.image shows it.")
            @Nullable @Text(TextKind.DIGEST)
            String key,

            @JsonPropertyDescription("Subject in the certificate, exactly.") @Nullable @Text(TextKind.EXACT)
            String subject,

            @JsonPropertyDescription("Issuer in the certificate, exactly; when absent, any.")
            @Nullable @Text(TextKind.EXACT)
            String issuer) {}
}
