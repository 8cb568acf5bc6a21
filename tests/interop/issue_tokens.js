// Prints fresh SD-JWT VCs by @sd-jwt/sd-jwt-vc, as [{name, key: the issuer's public JWK, presented, list}]. On
// standard input {iss, list: URL of the status list, now: NumericDate, nonce, aud}.
import {StatusList, createHeaderAndPayload} from '@sd-jwt/jwt-status-list';
import {instance, newKey, signer} from './tokens.js';
import {readFileSync} from 'node:fs';

const {iss, list: uri, now, nonce, aud} = JSON.parse(readFileSync(0, 'utf8'));
const encoded = content => Buffer.from(JSON.stringify(content)).toString('base64url');

const claims = {
  iss,
  iat: now - 60,
  exp: now + 3600,
  vct: 'urn:eudi:diploma:1',
  given_name: 'Alex',
  family_name: 'Learner',
  credentialSubject: {hasClaim: {title: {en: 'Bachelor of Arts'}}},
  courses: ['Logic', 'Rhetoric', 'Grammar'],
};
const frame = {
  _sd: ['given_name', 'family_name', 'credentialSubject'],
  _sd_decoy: 2,
  credentialSubject: {_sd: ['hasClaim']},
  courses: {_sd: [0, 1, 2]},
};

const answers = [];
for(const alg of ['ES256', 'ES384', 'EdDSA']) {
  const key = newKey(alg);
  const holder = newKey('ES256');
  const header = {header: {kid: 'key-1'}};
  const status = {status_list: {idx: 1, uri}};
  const sdJwt = instance(key, holder);
  const bound = await sdJwt.issue({...claims, cnf: {jwk: holder.publicKey}}, frame, header);
  const listed = await sdJwt.issue({...claims, status}, frame, header);
  const binding = {kb: {payload: {nonce, aud, iat: now}}};
  const shown = {family_name: true, credentialSubject: {hasClaim: true}, courses: {1: true}};

  // Of four statuses of two bits the second is INVALID or VALID.
  const lists = [0, 1].map(value => {
    const made = createHeaderAndPayload(
      new StatusList([0, value, 0, 0], 2), {iss, sub: uri, iat: now - 60, exp: now + 3600, ttl: 3600},
      {alg, typ: 'statuslist+jwt', kid: 'key-1'});
    const input = `${encoded(made.header)}.${encoded(made.payload)}`;
    return `${input}.${signer(key)(input)}`;
  });
  const common = {key: {...key.publicKey, kid: 'key-1'}};
  answers.push(
    {...common, name: `${alg} all`, presented: bound},
    {...common, name: `${alg} some`, presented: await sdJwt.present(bound, shown)},
    {...common, name: `${alg} none`, presented: await sdJwt.present(bound, {})},
    {...common, name: `${alg} bound`, presented: await sdJwt.present(bound, shown, binding)},
    {...common, name: `${alg} valid`, presented: await sdJwt.present(listed, shown), list: lists[0]},
    {...common, name: `${alg} invalid`, presented: await sdJwt.present(listed, shown), list: lists[1]},
  );
}

process.stdout.write(JSON.stringify(answers));
