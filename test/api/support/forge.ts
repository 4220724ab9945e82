import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type JWTHeaderParameters, SignJWT } from 'jose';
import { RIGHTS } from '../../../src/contract/rights.ts';
import type { TestCloud } from '../../support/cloud.ts';
import { ACTOR } from '../../support/ledger.ts';

const REGION = 'ap-southeast-2';

export interface Change {
  /** Signs instead of the issuer's key. */
  key?: KeyObject;
  kid?: string;
  header?: Partial<JWTHeaderParameters>;
  /** Undefined leaves one out. */
  claims?: Record<string, unknown>;
  /** Seconds; null for no `exp` at all. */
  expiresIn?: number | null;
}

/** Makes tokens like the issuer's, but for what a test changes. */
export interface Forger {
  /** The issuer's own key. */
  privateKey: KeyObject;
  publicKey: KeyObject;
  kid: string;
  forge(change?: Change): Promise<string>;
}

/** @param tenantId the tenant that the tokens cover, with all rights */
export async function openForger({ cloud }: TestCloud, tenantId: string): Promise<Forger> {
  const privateKey = createPrivateKey(readFileSync(join(cloud.dataDir, 'identity-key.pem')));
  const response = await fetch(`${cloud.endpoints.aws}/pool/.well-known/jwks.json`);
  const { keys } = (await response.json()) as { keys: [{ kid: string }] }; // RFC 7517
  const [{ kid }] = keys;
  const scope = [`tenants/${tenantId}`, ...RIGHTS.map((right) => `rights/${right}`)].join(' ');
  const issuer = `https://cognito-idp.${REGION}.amazonaws.com/${cloud.outputs['UserPoolId'] ?? ''}`;
  return {
    privateKey,
    publicKey: createPublicKey(privateKey),
    kid,
    forge(change = {}) {
      const now = Math.floor(Date.now() / 1_000);
      const claims = { sub: ACTOR, client_id: cloud.outputs['TwinClientId'], scope, token_use: 'access' };
      const signing = new SignJWT({ ...claims, iss: issuer, iat: now, ...change.claims }).setProtectedHeader({
        alg: 'RS256',
        kid: change.kid ?? kid,
        ...change.header,
      });
      if (change.expiresIn !== null) signing.setExpirationTime(now + (change.expiresIn ?? 600));
      return signing.sign(change.key ?? privateKey);
    },
  };
}

/** A token's claims under another header, and a signature of one's own making. */
export function resigned(token: string, header: object, sign: (signed: string) => string | Buffer = () => ''): string {
  const [, payload = ''] = token.split('.');
  const signed = `${Buffer.from(JSON.stringify(header)).toString('base64url')}.${payload}`;
  return `${signed}.${Buffer.from(sign(signed)).toString('base64url')}`;
}
