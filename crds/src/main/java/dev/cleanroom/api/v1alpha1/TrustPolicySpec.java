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

/**
 * What the platform team requires of images: which signatures and attestations they need, and which images never
 * run.
 */
@JsonClassDescription("Which signatures and attestations images need, and which images never run.")
@ValidationRule(
        value = "!has(self.authorities) || has(self.images)",
        fieldPath = ".images",
        message = "authorities need images that the policy matches; a policy without authorities only denies")
@ValidationRule(
        value = "has(self.authorities) || !(has(self.images) || has(self.threshold) || has(self.attestations)"
                + " || has(self.formats))",
        fieldPath = ".authorities",
        message = "images, threshold, attestations and formats need authorities; a policy without authorities"
                + " only denies, and does so for every image")
@ValidationRule(
        value = "has(self.authorities) || has(self.images) || has(self.deny)",
        message = "the policy has no effect: give it images and authorities, or deny")
@ValidationRule(
        value = "!has(self.threshold) || !has(self.authorities) || self.threshold <= size(self.authorities)",
        fieldPath = ".threshold",
        message = "must not be greater than the number of authorities")
@ValidationRule(
        value = "!has(self.threshold) || self.threshold > 0 || has(self.attestations) || !has(self.authorities)",
        fieldPath = ".threshold",
        message = "0 needs attestations, or the policy would require nothing of an image")
@ValidationRule(
        value = "!has(self.attestations) || !has(self.authorities) || self.attestations.all(a,"
                + " !has(a.authorities) || a.authorities.all(n, self.authorities.exists(o, o.name == n)))",
        fieldPath = ".attestations",
        message = "names an authority that is not in authorities")
public record TrustPolicySpec(
        @JsonPropertyDescription(
                "Images that the policy matches, by registry and path: * stands for any part of a name, ** for"
                        + " one or more whole parts, as in registry.example.com/builders/**. An image without a registry"
                        + " is one of Docker Hub: docker.io/library/* matches maven. Tags and digests are ignored.")
        @Size(min = 1, max = 64) @ListKeys
        @Nullable List<@Text(TextKind.IMAGE_PATTERN) String> images,

        @JsonPropertyDescription(
                "How many of the authorities must have signed the image, each with a different signer: a signer"
                        + " that two authorities name counts once. 0: none, so that the attestations alone decide."
                        + " When absent, all.")
        @Min(0) @Max(16) @Nullable Integer threshold,

        @JsonPropertyDescription(
                "The authorities that may sign. A policy without authorities only denies, and" + " accepts nothing.")
        @Size(min = 1, max = 16) @ListKeys("name")
        @Nullable List<Authority> authorities,

        @JsonPropertyDescription(
                "Signed statements about the image that must all exist in addition to its signatures, or instead"
                        + " of them if threshold is 0.")
        @Size(min = 1, max = 16) @ListKeys("name")
        @Nullable List<Attestation> attestations,

        @JsonPropertyDescription(
                "Formats in which signatures are accepted. bundle: Sigstore bundles, as cosign 3 creates them."
                        + " cosign: the format of cosign 1 and 2. When absent, both; use only bundle to prevent a"
                        + " downgrade.")
        @Size(min = 1, max = 2) @ListKeys
        @Nullable List<Format> formats,

        @JsonPropertyDescription("What never runs, no matter which signatures it has. It applies to every image,"
                + " not only to those in images.")
        @Nullable Deny deny) {

    /** Formats of signatures. */
    public enum Format {
        bundle,
        cosign
    }

    @JsonClassDescription("An authority that may sign, by key or by identity.")
    @ValidationRule(value = "has(self.key) != has(self.keyless)", message = "needs exactly one of key and keyless")
    public record Authority(
            @JsonPropertyDescription("Name of the authority, which messages and attestations use.")
            @Required
            @Text(TextKind.DNS_LABEL)
            String name,

            @JsonPropertyDescription("The holder of the private part of this key may sign.") @Nullable Key key,

            @JsonPropertyDescription("A signer with one of these identities may sign.") @Nullable Keyless keyless) {}

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

    @JsonClassDescription("Signers by identity, confirmed by certificates that are valid for minutes.")
    public record Keyless(
            @JsonPropertyDescription("Identities, of which the signer must have one.")
            @Required
            @Size(min = 1, max = 16) List<SignerIdentity> identities,

            @JsonPropertyDescription("The certificate authorities, logs and timestamp authorities that are"
                    + " trusted. Nothing is ever fetched.")
            @Required
            TrustRootSource trustRoot) {}

    @JsonClassDescription("A signer, by issuer and subject; a pattern must match the whole text.")
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
            @JsonPropertyDescription("Name of the attestation, which messages use.") @Required @Text(TextKind.DNS_LABEL)
            String name,

            @JsonPropertyDescription("Its predicateType, exactly, such as https://slsa.dev/provenance/v1.")
            @Required
            @Text(TextKind.EXACT)
            String predicateType,

            @JsonPropertyDescription("Names of authorities, one of which must have signed it; when absent, any.")
            @Size(min = 1, max = 16) @ListKeys
            @Nullable List<@Text(TextKind.DNS_LABEL) String> authorities,

            @JsonPropertyDescription(
                    "What must be true of it, in CEL over predicate, such as predicate.runDetails.builder.id =="
                            + " 'https://builder.example.com'. If a field does not exist, the expression is false.")
            @Nullable @Text(TextKind.EXPRESSION)
            String cel,

            @JsonPropertyDescription(
                    "The greatest age, such as 720h, by the logs and timestamp authorities of the trust root;"
                            + " signatures by key alone have no such time. At most 8760h; when absent, any age.")
            @Nullable @Text(TextKind.RETENTION)
            String maxAge) {}

    @JsonClassDescription("What never runs.")
    public record Deny(
            @JsonPropertyDescription("Digests of images or indexes, as crane digest shows them.")
            @Size(max = 1_000) @ListKeys
            @Nullable List<@Text(TextKind.DIGEST) String> digests,

            @JsonPropertyDescription("Signers whose signatures do not count.") @Size(max = 256) @Nullable List<DeniedSigner> signers) {}

    @JsonClassDescription("A signer whose signatures do not count.")
    @ValidationRule(value = "has(self.key) != has(self.subject)", message = "needs exactly one of key and subject")
    @ValidationRule(
            value = "!has(self.issuer) || !has(self.key) || has(self.subject)",
            fieldPath = ".issuer",
            message = "is used with subject, not with key")
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
