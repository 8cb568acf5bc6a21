// The Linked Data suites of before Data Integrity: jsonld-signatures 5, which always reads a proof under security/v2,
// and the last Ed25519Signature2018, which reads it under the contexts of its document.
import {createRequire} from 'node:module';
import {Ed25519Signature2018} from '@digitalbazaar/ed25519-signature-2018';
import {Ed25519VerificationKey2018} from '@digitalbazaar/ed25519-verification-key-2018';

const require = createRequire(import.meta.url);
export const jsigs = require('jsonld-signatures-5');
const {Ed25519KeyPair, RSAKeyPair} = createRequire(require.resolve('jsonld-signatures-5'))('crypto-ld');

export const suites = {
  'RsaSignature2018 jsonld-signatures 5': {old: true, Suite: jsigs.suites.RsaSignature2018, Key: RSAKeyPair},
  'Ed25519Signature2018 jsonld-signatures 5': {old: true, Suite: jsigs.suites.Ed25519Signature2018, Key: Ed25519KeyPair},
  'Ed25519Signature2018 4': {old: false, Suite: Ed25519Signature2018, Key: Ed25519VerificationKey2018},
};
