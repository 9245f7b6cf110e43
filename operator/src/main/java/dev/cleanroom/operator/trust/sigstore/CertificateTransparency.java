package dev.cleanroom.operator.trust.sigstore;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.ASN1TaggedObject;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.DERTaggedObject;
import org.bouncycastle.asn1.x509.Extension;

/**
 * Checks that a certificate was published, by its embedded signed certificate timestamps (RFC 6962, sections 3.2 and
 * 3.3). At least one must be of a log in the trust root, and every one of such a log must be valid.
 */
record CertificateTransparency(List<TrustRoot.Log> logs) {
    static final String SCT_LIST = "1.3.6.1.4.1.11129.2.4.2";
    static final int MAX_SCTS = 16;

    private static final int VERSION_1 = 0;
    private static final int CERTIFICATE_TIMESTAMP = 0;
    private static final int PRECERT_ENTRY = 1;
    private static final int EXTENSIONS = 3;

    /** @param time milliseconds since 1970 */
    private record Sct(byte[] logId, long time, byte[] extensions, byte[] signature) {}

    void mustHave(X509Certificate leaf, X509Certificate issuer) throws Refusal {
        byte[] extension = leaf.getExtensionValue(SCT_LIST);
        if (extension == null) {
            throw Refusal.rejected(
                    RejectionCode.SctMissing, "the certificate has no embedded signed certificate timestamp");
        }
        int seen = 0;
        for (Sct sct : scts(extension)) {
            for (TrustRoot.Log log : logs) {
                if (Arrays.equals(log.id(), sct.logId())) {
                    mustHold(sct, log, leaf, issuer);
                    seen++;
                    break;
                }
            }
        }
        if (seen == 0) {
            throw Refusal.rejected(
                    RejectionCode.SctLogUnknown,
                    "the certificate was not published in a certificate transparency log of the trust root");
        }
    }

    private static void mustHold(Sct sct, TrustRoot.Log log, X509Certificate leaf, X509Certificate issuer)
            throws Refusal {
        Instant time = Instant.ofEpochMilli(sct.time());
        if (!log.validFor().contains(time)) {
            throw Refusal.rejected(
                    RejectionCode.SctInvalid,
                    "the trust root does not trust the certificate log " + log.address() + " for " + time);
        }
        if (!log.key().verifies(signed(sct, leaf, issuer), sct.signature())) {
            throw Refusal.rejected(
                    RejectionCode.SctInvalid, "the signed certificate timestamp is not for this certificate");
        }
    }

    private static List<Sct> scts(byte[] extension) throws Refusal {
        try {
            byte[] inner = ASN1OctetString.getInstance(extension).getOctets();
            ByteBuffer all = ByteBuffer.wrap(ASN1OctetString.getInstance(inner).getOctets());
            ByteBuffer list = part(all);
            var scts = new ArrayList<Sct>();
            while (list.hasRemaining()) {
                if (scts.size() == MAX_SCTS) {
                    throw malformed("there are more than " + MAX_SCTS + " of them");
                }
                ByteBuffer sct = part(list);
                if (sct.get() != VERSION_1) {
                    throw malformed("one is not of version 1");
                }
                byte[] logId = bytes(sct, 32);
                long time = sct.getLong();
                byte[] extensions = bytes(sct, Short.toUnsignedInt(sct.getShort()));
                sct.getShort(); // hash and signature algorithm, which the log's key decides
                byte[] signature = bytes(sct, Short.toUnsignedInt(sct.getShort()));
                if (sct.hasRemaining()) {
                    throw malformed("one has bytes after its end");
                }
                scts.add(new Sct(logId, time, extensions, signature));
            }
            if (all.hasRemaining()) {
                throw malformed("there are bytes after their end");
            }
            return scts;
        } catch (BufferUnderflowException | IllegalArgumentException | IndexOutOfBoundsException e) {
            throw malformed("they cannot be parsed");
        }
    }

    /** Reads the bytes after their length, which has two bytes. */
    private static ByteBuffer part(ByteBuffer from) {
        return ByteBuffer.wrap(bytes(from, Short.toUnsignedInt(from.getShort())));
    }

    private static byte[] bytes(ByteBuffer from, int length) {
        if (length > from.remaining()) {
            throw new BufferUnderflowException();
        }
        byte[] bytes = new byte[length];
        from.get(bytes);
        return bytes;
    }

    /** The certificate as it was before the timestamps were added (RFC 6962, section 3.2). */
    private static byte[] signed(Sct sct, X509Certificate leaf, X509Certificate issuer) throws Refusal {
        byte[] certificate = withoutTimestamps(leaf);
        var bytes = new ByteArrayOutputStream();
        try (var out = new DataOutputStream(bytes)) {
            out.writeByte(VERSION_1);
            out.writeByte(CERTIFICATE_TIMESTAMP);
            out.writeLong(sct.time());
            out.writeShort(PRECERT_ENTRY);
            out.write(HashAlgorithm.SHA2_256.hash(issuer.getPublicKey().getEncoded()));
            out.writeByte(certificate.length >> 16);
            out.writeShort(certificate.length);
            out.write(certificate);
            out.writeShort(sct.extensions().length);
            out.write(sct.extensions());
        } catch (IOException e) {
            throw new UncheckedIOException(e); // memory does not fail
        }
        return bytes.toByteArray();
    }

    private static byte[] withoutTimestamps(X509Certificate leaf) throws Refusal {
        try {
            var kept = new ASN1EncodableVector();
            for (ASN1Encodable field : ASN1Sequence.getInstance(leaf.getTBSCertificate())) {
                boolean extensions = field instanceof ASN1TaggedObject tagged && tagged.getTagNo() == EXTENSIONS;
                kept.add(extensions ? new DERTaggedObject(true, EXTENSIONS, others((ASN1TaggedObject) field)) : field);
            }
            return new DERSequence(kept).getEncoded(ASN1Encoding.DER);
        } catch (IOException | CertificateEncodingException | RuntimeException e) {
            throw malformed("their certificate cannot be parsed");
        }
    }

    private static DERSequence others(ASN1TaggedObject extensions) {
        var others = new ASN1EncodableVector();
        for (ASN1Encodable extension : ASN1Sequence.getInstance(extensions, true)) {
            if (!Extension.getInstance(extension).getExtnId().getId().equals(SCT_LIST)) {
                others.add(extension);
            }
        }
        return new DERSequence(others);
    }

    private static Refusal malformed(String message) {
        return Refusal.rejected(
                RejectionCode.SctMalformed, "the signed certificate timestamps are malformed: " + message);
    }
}
