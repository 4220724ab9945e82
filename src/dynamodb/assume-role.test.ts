import { afterEach, describe, expect, it, vi } from 'vitest';
import { createAssumeRole, type ExpiringCredentials } from './assume-role.ts';
import type { Credentials } from './credentials.ts';
import { renewedCredentials } from './renewed-credentials.ts';
import { answerOf, type Reply, startWireServer, type WireServer } from './testing/wire-server.ts';

const SESSION = { roleArn: 'arn:aws:iam::111122223333:role/a', sessionName: 'tenant-CU_A', tags: { TenantID: 'CU_A' } };
const xml = (body: string, status = 200): string =>
  answerOf(body, { status, headers: { 'Content-Type': 'text/xml', 'x-amz-crc32': '' } }).replace(
    /x-amz-crc32.*\r\n/,
    '',
  );
const credentialsXml = (fields: string) =>
  `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">\n<AssumeRoleResult>\n  <Credentials>\n${fields}\n  </Credentials>\n</AssumeRoleResult></AssumeRoleResponse>`;
const GIVEN =
  '<AccessKeyId>ASIA1</AccessKeyId><SecretAccessKey>s/+=</SecretAccessKey>\n<SessionToken>\n t/+==\n</SessionToken><Expiration>2026-01-01T01:00:00Z</Expiration>';
const refusal = (code: string) =>
  `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>User &lt;a&gt; &amp;amp; role</Message></Error></ErrorResponse>`;

describe('a role', () => {
  let server: WireServer;
  afterEach(() => server.stop());
  const assume = async (...replies: [Reply, ...Reply[]]) => {
    server = await startWireServer(...replies);
    return createAssumeRole({
      address: { region: 'us-east-1', endpoint: server.url },
      credentials: () => ({ accessKeyId: 'CALLER', secretAccessKey: 's' }),
      random: () => 0,
    })(SESSION);
  };

  it('is asked for with the tag of the tenant, for an hour', async () => {
    expect(await assume(() => xml(credentialsXml(GIVEN)))).toEqual({
      accessKeyId: 'ASIA1',
      secretAccessKey: 's/+=',
      sessionToken: 't/+==',
      expiresAtMs: Date.parse('2026-01-01T01:00:00Z'),
    });
    const [request] = server.requests;
    expect(request?.headers['authorization']).toContain('Credential=CALLER/');
    expect(request?.headers['authorization']).toContain('/us-east-1/sts/aws4_request');
    expect(Object.fromEntries(new URLSearchParams(request?.body))).toEqual({
      Action: 'AssumeRole',
      Version: '2011-06-15',
      RoleArn: SESSION.roleArn,
      RoleSessionName: 'tenant-CU_A',
      DurationSeconds: '3600',
      'Tags.member.1.Key': 'TenantID',
      'Tags.member.1.Value': 'CU_A',
    });
  });

  it('that is refused is told so, once', async () => {
    await expect(assume(() => xml(refusal('AccessDenied'), 403))).rejects.toMatchObject({
      name: 'AccessDenied',
      status: 403,
      message: 'User <a> &amp; role',
    });
    expect(server.requests).toHaveLength(1);
  });

  it('is asked for again when the service is out of breath', async () => {
    const reply: Reply = () => xml(refusal('Throttling'), 400);
    expect(await assume(reply, reply, () => xml(credentialsXml(GIVEN)))).toMatchObject({ accessKeyId: 'ASIA1' });
    expect(server.requests).toHaveLength(3);
  });

  it('is not taken for given when a field is missing', async () => {
    const fields = GIVEN.replace(/<SessionToken>[^]*<\/SessionToken>/, '');
    await expect(assume(() => xml(credentialsXml(fields)))).rejects.toThrow('a field is missing');
  });
});

describe('renewed credentials', () => {
  const HOUR = 3_600_000;
  let nowMs = 0;
  let made = 0;
  const make = (): Promise<ExpiringCredentials> =>
    Promise.resolve({ accessKeyId: String((made += 1)), secretAccessKey: 's', expiresAtMs: nowMs + HOUR });
  const start = (first: () => Promise<ExpiringCredentials> = make) => {
    nowMs = 0;
    made = 0;
    const ask = vi.fn<() => Promise<ExpiringCredentials>>(first);
    const source = renewedCredentials(ask, () => nowMs);
    const at = async (ms: number): Promise<string> => {
      nowMs = ms;
      const given: Credentials = await source();
      return given.accessKeyId;
    };
    return { ask, source, at };
  };

  it('are asked for once by all who come at a time', async () => {
    const { ask, source } = start();
    const all = await Promise.all([source(), source(), source()]);
    expect(all.map(({ accessKeyId }) => accessKeyId)).toEqual(['1', '1', '1']);
    expect(ask).toHaveBeenCalledTimes(1);
    expect(source()).toMatchObject({ accessKeyId: '1' }); // No promise: nothing to wait for.
  });

  it('are renewed before their end, without anybody waiting', async () => {
    const { ask, at } = start();
    expect(await at(0)).toBe('1');
    expect(await at(HOUR - 301_000)).toBe('1');
    expect(ask).toHaveBeenCalledTimes(1);
    expect(await at(HOUR - 299_000)).toBe('1');
    expect(ask).toHaveBeenCalledTimes(2);
    await vi.waitFor(async () => expect(await at(HOUR - 299_000)).toBe('2'));
    expect(await at(HOUR + 1)).toBe('2');
  });

  it('are waited for in the last minute, and after the end', async () => {
    const { at } = start();
    await at(0);
    expect(await at(HOUR - 59_000)).toBe('2');
    expect(await at(3 * HOUR)).toBe('3');
  });

  it('serve to their end when they cannot be renewed, and the asking is not repeated for each request', async () => {
    const { ask, at } = start();
    await at(0);
    ask.mockImplementation(() => Promise.reject(new Error('STS is away')));
    expect(await at(HOUR - 50_000)).toBe('1');
    expect(await at(HOUR - 49_000)).toBe('1');
    expect(ask).toHaveBeenCalledTimes(2);
    expect(await at(HOUR - 30_000)).toBe('1');
    expect(ask).toHaveBeenCalledTimes(3);
    await expect(at(HOUR)).rejects.toThrow('STS is away');
    ask.mockImplementation(make);
    expect(await at(HOUR)).toBe('2');
  });

  it('that cannot be got at first are asked for again by the next', async () => {
    const { ask, at } = start(() => Promise.reject(new Error('STS is away')));
    await expect(at(0)).rejects.toThrow('STS is away');
    ask.mockImplementation(make);
    expect(await at(1)).toBe('1');
  });
});
