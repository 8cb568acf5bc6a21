// The suites of the peers: how each signs and how each verifies.
import * as EcdsaMultikey from '@digitalbazaar/ecdsa-multikey';
import * as Ed25519Multikey from '@digitalbazaar/ed25519-multikey';
import {DataIntegrityProof} from '@digitalbazaar/data-integrity';
import {Ed25519Signature2020} from '@digitalbazaar/ed25519-signature-2020';
import {Ed25519VerificationKey2020} from '@digitalbazaar/ed25519-verification-key-2020';
import * as ecdsaJcs from '@digitalbazaar/ecdsa-jcs-2019-cryptosuite';
import {cryptosuite as ecdsaRdfc} from '@digitalbazaar/ecdsa-rdfc-2019-cryptosuite';
import * as eddsaJcs from '@digitalbazaar/eddsa-jcs-2022-cryptosuite';
import {cryptosuite as eddsaRdfc} from '@digitalbazaar/eddsa-rdfc-2022-cryptosuite';

const ed25519 = controller => Ed25519Multikey.generate({controller});
const ecdsa = curve => controller => EcdsaMultikey.generate({curve, controller});

const integrity = (signing, verifying, generate) => ({
  generate,
  sign: async key => new DataIntegrityProof({signer: key.signer(), cryptosuite: signing, date: '2026-01-01T00:00:00Z'}),
  verify: () => new DataIntegrityProof({cryptosuite: verifying}),
});

export const suites = {
  'eddsa-rdfc-2022': integrity(eddsaRdfc, eddsaRdfc, ed25519),
  'eddsa-jcs-2022': integrity(eddsaJcs.createSignCryptosuite(), eddsaJcs.createVerifyCryptosuite(), ed25519),
  'ecdsa-rdfc-2019 P-256': integrity(ecdsaRdfc, ecdsaRdfc, ecdsa('P-256')),
  'ecdsa-rdfc-2019 P-384': integrity(ecdsaRdfc, ecdsaRdfc, ecdsa('P-384')),
  'ecdsa-jcs-2019 P-256': integrity(ecdsaJcs.createSignCryptosuite(), ecdsaJcs.createVerifyCryptosuite(), ecdsa('P-256')),
  'ecdsa-jcs-2019 P-384': integrity(ecdsaJcs.createSignCryptosuite(), ecdsaJcs.createVerifyCryptosuite(), ecdsa('P-384')),
  'Ed25519Signature2020': {
    generate: controller => Ed25519VerificationKey2020.generate({controller}),
    sign: async key => new Ed25519Signature2020({key, date: '2026-01-01T00:00:00Z'}),
    verify: () => new Ed25519Signature2020(),
  },
};
