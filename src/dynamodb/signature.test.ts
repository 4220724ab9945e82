import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Credentials } from './credentials.ts';
import { amzDateOf, createSigner } from './signature.ts';
import { sdkSigner } from './testing/sdk-signer.ts';

const POST = { method: 'POST', path: '/', query: '' };
const text = fc.string({ unit: fc.constantFrom(...'abcXYZ019/+=.-_'.split('')), minLength: 1, maxLength: 60 });
const credentials: fc.Arbitrary<Credentials> = fc.record(
  { accessKeyId: text, secretAccessKey: text, sessionToken: text },
  { requiredKeys: ['accessKeyId', 'secretAccessKey'] },
);

it("signs as the AWS SDK's own signer does, whatever the body, the credentials, the day and the region", async () => {
  const signers = new Map<string, ReturnType<typeof createSigner>>();
  await fc.assert(
    fc.asyncProperty(
      credentials,
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.integer({ min: 0, max: 4_000_000_000_000 }),
      fc.constantFrom('us-east-1', 'ap-southeast-2'),
      fc.constantFrom('dynamodb', 'sts', 'kms', 's3'),
      fc.option(text, { nil: undefined }),
      async (given, unsafeBody, epochMs, region, service, target) => {
        const body = unsafeBody.toWellFormed(); // A request is UTF-8.
        const amzDate = amzDateOf(epochMs);
        const headers = {
          'content-type': 'application/x-amz-json-1.0',
          host: 'host:8000',
          ...(target !== undefined && { 'x-amz-target': target }),
        };
        const signed = await sdkSigner({ service, region, credentials: given }).sign(
          { protocol: 'https:', hostname: 'host', method: 'POST', path: '/', query: {}, headers, body },
          { signingDate: new Date(epochMs) },
        );
        const names = [
          'content-type',
          'host',
          'x-amz-content-sha256',
          'x-amz-date',
          'x-amz-security-token',
          'x-amz-target',
        ];
        const sent = names.flatMap((name): [string, string][] => {
          const value = signed.headers[name];
          return value === undefined ? [] : [[name, value]];
        });
        // One signer for many credentials and days, as in use.
        const sign = signers.get(service + region) ?? createSigner({ service, region });
        signers.set(service + region, sign);
        expect(sign({ ...POST, credentials: given, amzDate, headers: sent, body })).toBe(
          signed.headers['authorization'],
        );
      },
    ),
    { numRuns: 300 },
  );
});

it('remembers a key for the credentials and the day, not longer', () => {
  const sign = createSigner({ service: 'dynamodb', region: 'us-east-1' });
  const at = (given: Credentials, amzDate: string) =>
    sign({ ...POST, credentials: given, amzDate, headers: [['host', 'h']], body: '' }).replace(/^.*Signature=/, '');
  const [first, second] = ['one', 'two'].map((secretAccessKey) => ({ accessKeyId: 'a', secretAccessKey })) as [
    Credentials,
    Credentials,
  ];
  const signatures = [
    at(first, '20260101T000000Z'),
    at(second, '20260101T000000Z'),
    at(first, '20260102T000000Z'),
    at(first, '20260101T000000Z'),
  ];
  expect(new Set(signatures).size).toBe(3);
  expect(signatures[3]).toBe(signatures[0]);
});
