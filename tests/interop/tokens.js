// What the SD-JWT scripts share: hashes, salts, signatures by Node's own cryptography, and a clock.
import {SDJwtVcInstance} from '@sd-jwt/sd-jwt-vc';
import {createHash, createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes, sign, verify} from 'node:crypto';

const HASHES = {ES256: 'sha256', ES384: 'sha384', EdDSA: null};

export function newKey(alg) {
  const [kind, options] = {
    ES256: ['ec', {namedCurve: 'P-256'}],
    ES384: ['ec', {namedCurve: 'P-384'}],
    EdDSA: ['ed25519', undefined],
  }[alg];
  const {privateKey} = generateKeyPairSync(kind, options);
  return {alg, privateKey: privateKey.export({format: 'jwk'}), publicKey: createPublicKey(privateKey).export({format: 'jwk'})};
}

export function signer({alg, privateKey}) {
  const key = createPrivateKey({key: privateKey, format: 'jwk'});
  return data => sign(HASHES[alg], Buffer.from(data), {key, dsaEncoding: 'ieee-p1363'}).toString('base64url');
}

export function verifier({alg, publicKey}) {
  const key = createPublicKey({key: publicKey, format: 'jwk'});
  return (data, signature) =>
    verify(HASHES[alg], Buffer.from(data), {key, dsaEncoding: 'ieee-p1363'}, Buffer.from(signature, 'base64url'));
}

export function hasher(data, alg) {
  const octets = typeof data === 'string' ? Buffer.from(data) : new Uint8Array(data);
  return new Uint8Array(createHash(alg.toLowerCase().replace('-', '')).update(octets).digest());
}

export function instance(issuer, holder, options = {}) {
  return new SDJwtVcInstance({
    hasher,
    hashAlg: 'sha-256',
    saltGenerator: length => randomBytes(length).toString('base64url'),
    signAlg: issuer.alg,
    signer: issuer.privateKey && signer(issuer),
    verifier: verifier(issuer),
    kbSignAlg: holder?.alg,
    kbSigner: holder?.privateKey && signer(holder),
    // In the order of the library's types: the data, the signature, and the claims, of which `cnf` names the key.
    kbVerifier: (data, signature, claims) =>
      verifier({alg: holder.alg, publicKey: claims.cnf.jwk})(data, signature),
    ...options,
  });
}
