import { generateKeyPairSync, sign } from 'node:crypto';
import { GetPublicKeyCommand, KMSClient, SignCommand } from '@aws-sdk/client-kms';
import { afterEach, describe, expect, it } from 'vitest';
import { createKms } from './kms.ts';
import { sdkAuthorization } from './testing/sdk-signer.ts';
import { answerOf, errorAnswer, type Reply, startWireServer, type WireServer } from './testing/wire-server.ts';

const REGION = 'ap-southeast-2';
const CREDENTIALS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret', sessionToken: 'token/+=' };
const KEY = 'arn:aws:kms:ap-southeast-2:111122223333:key/1';
const MESSAGE = Buffer.from([0, 255, 128, 10]);
const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const der = publicKey.export({ format: 'der', type: 'spki' });
const signature = sign('sha256', MESSAGE, privateKey);
const signed: Reply = () => answerOf({ KeyId: KEY, Signature: signature.toString('base64') });
const told: Reply = () => answerOf({ KeyId: KEY, PublicKey: der.toString('base64') });
const request = { keyId: KEY, message: MESSAGE, algorithm: 'ECDSA_SHA_256' } as const;

let server: WireServer;
const opened: { close(): void }[] = [];
afterEach(async () => {
  for (const each of opened.splice(0)) each.close();
  await server.stop();
});
const start = async (...replies: [Reply, ...Reply[]]) => {
  server = await startWireServer(...replies);
  const address = { region: REGION, endpoint: server.url };
  const kms = createKms({ address, credentials: () => CREDENTIALS, random: () => 0 });
  opened.push(kms);
  return kms;
};

describe('KMS', () => {
  it('is asked in the words of the AWS SDK, and its bytes come back', async () => {
    const kms = await start(signed, told, signed, told);
    expect(await kms.sign(request)).toEqual(signature);
    expect(await kms.publicKey(KEY)).toEqual(der);

    const sdk = new KMSClient({ endpoint: server.url.origin, region: REGION, credentials: CREDENTIALS });
    opened.push({ close: () => sdk.destroy() });
    const wanted = { KeyId: KEY, Message: MESSAGE, MessageType: 'RAW', SigningAlgorithm: 'ECDSA_SHA_256' } as const;
    await sdk.send(new SignCommand(wanted));
    await sdk.send(new GetPublicKeyCommand({ KeyId: KEY }));

    const words = server.requests.map(({ line, headers, body }) => {
      const { host, 'content-type': type, 'x-amz-target': target, 'x-amz-security-token': token } = headers;
      return { line, host, type, target, token, body: JSON.parse(body) as unknown };
    });
    expect(words.slice(0, 2)).toEqual(words.slice(2));
  });

  it("is asked with the signature of the SDK's own signer", async () => {
    const kms = await start(signed, told);
    await kms.sign(request);
    await kms.publicKey(KEY);
    const options = { service: 'kms', region: REGION, credentials: CREDENTIALS };
    for (const each of server.requests)
      expect(each.headers['authorization']).toBe(await sdkAuthorization(each, options));
  });

  it('that refuses is told so, once; what passes is asked again, three times in all', async () => {
    const throttled: Reply = () => errorAnswer('ThrottlingException');
    const failed: Reply = () => errorAnswer('KMSInternalException', { status: 500 });
    const kms = await start(() => errorAnswer('NotFoundException'), throttled, failed, signed, failed);
    await expect(kms.sign(request)).rejects.toMatchObject({ name: 'NotFoundException', status: 400 });
    expect(server.requests).toHaveLength(1);
    expect(await kms.sign(request)).toEqual(signature);
    expect(server.requests).toHaveLength(4);
    await expect(kms.publicKey(KEY)).rejects.toMatchObject({ name: 'KMSInternalException', status: 500 });
    expect(server.requests).toHaveLength(7);
  });

  it.each(['{}', 'null', '{"Signature":""}', '{"Signature":1}'])(
    'is not taken to have signed with %s',
    async (body) => {
      const kms = await start(() => answerOf(body));
      await expect(kms.sign(request)).rejects.toThrow('Cannot read the answer: KMS gave no Signature');
    },
  );
});
