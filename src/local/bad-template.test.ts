import { afterEach, describe, expect, it } from 'vitest';
import { type Cloud, startCloud } from './index.ts';
import { createApiFixture } from './testing/api-fixture.ts';
import type { Fixture } from './testing/fixture.ts';
import type { Template } from './template/assembly.ts';

let fixture: Fixture | undefined;
let cloud: Cloud | undefined;

afterEach(async () => {
  await cloud?.stop();
  fixture?.remove();
  cloud = undefined;
});

/** Starts the application of the fixture after breaking its template. */
async function start(breakIt: (resources: Template['Resources']) => void, lines: string[] = []): Promise<Cloud> {
  fixture = createApiFixture();
  breakIt(fixture.template.Resources);
  fixture.save();
  cloud = await startCloud({ assemblyDir: fixture.assemblyDir, log: (line) => lines.push(line) });
  return cloud;
}

function environmentOf(resources: Template['Resources'], id: string): Record<string, unknown> {
  const properties = resources[id]?.Properties as { Environment: { Variables: Record<string, unknown> } } | undefined;
  return properties?.Environment.Variables ?? {};
}

describe('a bad template fails here as it would in AWS', () => {
  it('a function without its table name fails, naming the variable', async () => {
    const lines: string[] = [];
    const { apiUrl } = await start((resources) => delete environmentOf(resources, 'Api')['TABLE'], lines);
    const response = await fetch(`${apiUrl}/echo`);
    expect([response.status, await response.json()]).toEqual([
      500,
      { error: 'InternalServerError', message: 'Internal Server Error' },
    ]);
    expect(lines.join('\n')).toContain('Set the environment variable TABLE: it is missing');
  });

  it('a function without the grant to read its secret is refused', async () => {
    const { invoke } = await start((resources) => delete resources['WorkerRole']?.Properties?.['Policies']);
    await expect(invoke('Worker', { secret: true })).rejects.toThrow(
      /not authorized to perform: secretsmanager:GetSecretValue/,
    );
  });

  it('a tenant role that trusts another function lets nobody in', async () => {
    const { apiUrl, issueToken } = await start((resources) => {
      const trust = resources['TenantRole']?.Properties?.['AssumeRolePolicyDocument'] as {
        Statement: { Principal: unknown }[];
      };
      Object.assign(trust.Statement[0] ?? {}, { Principal: { AWS: { 'Fn::GetAtt': ['WorkerRole', 'Arn'] } } });
    });
    const authorization = `Bearer ${await issueToken({ subject: 'TWIN', tenants: ['CU_A'], rights: [] })}`;
    const response = await fetch(`${apiUrl}/tenants/CU_A/items`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: '{"pk":"CU_A#1","sk":1}',
    });
    expect([response.status, await response.text()]).toEqual([409, 'AccessDenied']);
  });

  it.each<[string, (resources: Template['Resources']) => void, RegExp]>([
    [
      'an unresolved Ref',
      (r) => (environmentOf(r, 'Api')['TABLE'] = { Ref: 'Jornal' }),
      /Api \(AWS::Lambda::Function\), property Environment\.Variables\.TABLE: Ref to "Jornal"/,
    ],
    [
      'a missing asset',
      (r) => Object.assign(r['Api']?.Properties ?? {}, { Code: { S3Key: 'gone.zip' } }),
      /Cannot find the asset "gone.zip"/,
    ],
    [
      'a function without a role',
      (r) => delete r['Api']?.Properties?.['Role'],
      /Cannot create Api .*property Role is missing/,
    ],
    [
      'a table without keys',
      (r) => delete r['Journal']?.Properties?.['KeySchema'],
      /Cannot create Journal .*property KeySchema is missing/,
    ],
    [
      'a route to nowhere',
      (r) => Object.assign(r['Echo']?.Properties ?? {}, { Target: 'integrations/x' }),
      /route "ANY \/echo".*no integration/,
    ],
    [
      'a route without its authorizer',
      (r) => delete r['Put']?.Properties?.['AuthorizerId'],
      /property AuthorizerId is missing/,
    ],
    [
      'a state machine with a loose end',
      (r) => delete r['Machine']?.Properties?.['DefinitionSubstitutions'],
      /placeholder "\$\{WorkerArn\}"/,
    ],
    [
      'a state machine whose role may not invoke',
      (r) => delete r['MachineRole']?.Properties?.['Policies'],
      /its role may not invoke/,
    ],
    [
      'a mapping without a start',
      (r) => delete r['Mapping']?.Properties?.['StartingPosition'],
      /Cannot start Mapping: StartingPosition/,
    ],
  ])('%s stops the start', async (_name, breakIt, message) => {
    await expect(start(breakIt)).rejects.toThrow(message);
  });

  it('no template at all is told with what to do', async () => {
    await expect(startCloud({ assemblyDir: '/nonexistent' })).rejects.toThrow(/Run "npx cdk synth" first/);
  });
});
