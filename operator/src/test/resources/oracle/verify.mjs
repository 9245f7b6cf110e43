// What @sigstore/verify says of bundles. On standard input, a line each: {given, bundles}, what the verifier is given and
// bundles as JSON texts. On standard output, a line each: a list with "" for each that is accepted, else the error.
import { createPublicKey } from 'node:crypto';
import { createInterface } from 'node:readline';
import { bundleFromJSON } from '@sigstore/bundle';
import { TrustedRoot } from '@sigstore/protobuf-specs';
import { Verifier, toSignedEntity, toTrustMaterial } from '@sigstore/verify';

const exactly = (text) => `^${text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')}$`;

function oracle({ root, key, issuer, subject, logs, timestamps, artifact }) {
  // The key that the policy names, whatever the bundle's hint says.
  const known = () => ({ publicKey: createPublicKey(key), validFor: () => true });
  const verifier = new Verifier(toTrustMaterial(TrustedRoot.fromJSON(root), known), {
    tlogThreshold: logs,
    timestampThreshold: timestamps,
  });
  const policy = key ? undefined : { subjectAlternativeName: exactly(subject), extensions: { issuer } };
  return (text) => {
    const bundle = bundleFromJSON(JSON.parse(text));
    const isByKey = bundle.verificationMaterial.content.$case === 'publicKey';
    // As npm's own client does: which of the two is wanted is the caller's to say.
    if (isByKey !== Boolean(key)) throw new Error('key or certificate, and the other is wanted');
    verifier.verify(toSignedEntity(bundle, Buffer.from(artifact, 'base64')), policy);
  };
}

for await (const line of createInterface({ input: process.stdin })) {
  const { given, bundles } = JSON.parse(line);
  const verify = oracle(given);
  const answers = bundles.map((bundle) => {
    try {
      verify(bundle);
      return '';
    } catch (e) {
      return `${e.code ?? e.name}: ${e.message}`.slice(0, 200);
    }
  });
  console.log(JSON.stringify(answers));
}
