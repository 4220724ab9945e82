import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { CfnOutput, Fn, Stack, Validations } from 'aws-cdk-lib';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Node } from 'constructs';
import { describe, expect, test, vi } from 'vitest';
import { createApp, STACK_NAME } from '../../lib/create-app.ts';
import { ofType } from './support/facts.ts';
import { synthesize, synthesizeOnce, temporaryFolder } from './support/synthesize.ts';

const ROOT = join(import.meta.dirname, '../..');
const MEBIBYTE = 1024 * 1024;

const { assemblyDir, template, templateText } = await synthesizeOnce();

describe('rules', () => {
  test('the template passes CloudFormation’s rules and cdk-nag’s, without a warning', async () => {
    const assembly = (await createApp({ outdir: temporaryFolder() })).synth();
    expect(assembly.getStackByName(STACK_NAME).messages).toEqual([]);
    const report = readFileSync(join(assembly.directory, 'validation-report.json'), 'utf8');
    expect(JSON.parse(report)).toMatchObject({ pluginReports: [] });
  });

  test('cdk-nag is on: a bucket without any precaution stops the synthesis', async () => {
    const app = await createApp({ outdir: temporaryFolder() });
    new Bucket(stackOf(app), 'Careless');
    expect(() => app.synth()).toThrow('AwsSolutions::AwsSolutions-S1');
  });

  test('CloudFormation’s rules are on: a reference to what does not exist stops the synthesis', async () => {
    const app = await createApp({ outdir: temporaryFolder() });
    new CfnOutput(stackOf(app), 'Wrong', { value: Fn.getAtt('JournalTable', 'Colour').toString() });
    expect(() => app.synth()).toThrow('CloudFormation-Validate::');
  });

  test('the rules change nothing', async () => {
    expect((await synthesize({ rules: true })).templateText).toBe(templateText);
  });

  test('every acknowledgement has a reason, and a finding that would stop the synthesis without it', async () => {
    const acknowledged: { path: string; id: string; reason: string }[] = [];
    const acknowledge = vi.spyOn(Validations.prototype, 'acknowledge').mockImplementation(function (
      this: Validations,
      ...rules
    ) {
      // The construct is a private field of CDK's.
      const { node } = (this as unknown as { scope: { node: Node } }).scope;
      acknowledged.push(...rules.map(({ id, reason }) => ({ path: node.path, id, reason })));
    });
    const outdir = temporaryFolder();
    const app = await createApp({ outdir });
    acknowledge.mockRestore();
    expect(() => app.synth()).toThrow('Acknowledge with');
    const found = findings(outdir);
    for (const { path, id, reason } of acknowledged) {
      expect(
        found.some((finding) => finding.startsWith(`${id} ${path}/`)),
        `${id} ${path}`,
      ).toBe(true);
      expect(reason.length).toBeGreaterThan(30);
    }
    expect(acknowledged).toHaveLength(found.length);
  });
});

test('a synthesis that is killed leaves nothing outside its own folder', async () => {
  const [outdir, temporary] = [temporaryFolder(), temporaryFolder()];
  const env = { ...process.env, CDK_OUTDIR: outdir, CDK_VALIDATION: 'false', TMPDIR: temporary };
  const child = spawn(process.execPath, ['bin/app.ts'], { cwd: ROOT, env, stdio: 'ignore' });
  const ended = once(child, 'exit');
  await expect.poll(() => readdirSync(outdir).length, { timeout: 20_000, interval: 5 }).toBeGreaterThan(0);
  child.kill('SIGKILL');
  expect(await ended).toEqual([null, 'SIGKILL']);
  expect(readdirSync(temporary)).toEqual([]);
});

test('one synthesis is like another, byte for byte', async () => {
  expect((await synthesize()).templateText).toBe(templateText);
});

test('the CDK CLI, offline, writes the same template and has nothing to say', () => {
  const outdir = temporaryFolder();
  const { status, stdout, stderr } = spawnSync('npx', ['--no-install', 'cdk', 'synth', '--quiet', '--output', outdir], {
    cwd: ROOT,
    encoding: 'utf8',
    env: {
      PATH: `${join(ROOT, 'node_modules/.bin')}:${process.env['PATH'] ?? ''}`,
      HOME: temporaryFolder(),
      // No way out: whatever tried to reach the network would fail.
      HTTPS_PROXY: 'http://127.0.0.1:9',
      HTTP_PROXY: 'http://127.0.0.1:9',
    },
  });
  expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' });
  expect(readFileSync(join(outdir, `${STACK_NAME}.template.json`), 'utf8')).toBe(templateText);
}, 120_000);

test('the stack is made of plain resources, without custom ones', () => {
  const services = Object.values(template.Resources).map(({ Type }) => Type.split('::').slice(0, 2).join('::'));
  const expected =
    'ApiGatewayV2 CloudWatch Cognito DynamoDB Events IAM KMS Kinesis Lambda Logs S3 SQS SecretsManager StepFunctions';
  expect([...new Set(services)].toSorted()).toEqual(expected.split(' ').map((service) => `AWS::${service}`));
  expect(Object.values(template.Resources).map(({ Type }) => Type)).not.toContain(
    'AWS::CloudFormation::CustomResource',
  );
});

test('the stack belongs to no account and no Region', () => {
  expect(templateText).not.toMatch(/\b\d{12}\b|\b(?:us|ap|eu)-[a-z]+-\d\b/);
});

/** Variables that a function can do without: they only shape what it logs. */
const OPTIONAL = /^(?:NODE_OPTIONS|POWERTOOLS_\w+)$/;

describe.each(ofType(template, 'AWS::Lambda::Function'))('%s', (_, { Metadata, Properties }) => {
  const folder = join(assemblyDir, String(Metadata['aws:asset:path']));
  const { Variables } = Properties['Environment'] as { Variables: Record<string, unknown> };
  const required = Object.keys(Variables).filter((name) => !OPTIONAL.test(name));

  test('has a bundle of 1 MB at most, and a source map', () => {
    expect(statSync(join(folder, 'index.mjs')).size).toBeLessThanOrEqual(MEBIBYTE);
    expect(statSync(join(folder, 'index.mjs.map')).size).toBeGreaterThan(0);
  });

  test('starts in plain Node with the environment of the template and nothing installed beside it', () => {
    expect(start(folder, Object.keys(Variables))).toEqual({ status: 0, stdout: 'function', stderr: '' });
  });

  test('does not start without what the template gives it, and names all that is missing', () => {
    const { status, stderr } = start(folder, []);
    expect(status === 0).toBe(required.length === 0);
    for (const name of required) expect(stderr).toContain(name);
  });
});

/** Loads a function's bundle as Lambda would, with these variables set. */
function start(folder: string, variables: string[]): { status: number | null; stdout: string; stderr: string } {
  const script = 'console.log(typeof (await import(process.argv[1])).handler)';
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--input-type=module', '--eval', script, join(folder, 'index.mjs')],
    {
      cwd: folder,
      encoding: 'utf8',
      env: {
        ...Object.fromEntries(variables.map((name) => [name, name === 'NODE_OPTIONS' ? '--enable-source-maps' : name])),
        AWS_REGION: 'us-east-1',
        AWS_ACCESS_KEY_ID: 'id',
        AWS_SECRET_ACCESS_KEY: 'key',
      },
    },
  );
  return { status, stdout: stdout.trim(), stderr };
}

/** Rule and construct of each finding in an assembly's validation report. */
function findings(outdir: string): string[] {
  const report = JSON.parse(readFileSync(join(outdir, 'validation-report.json'), 'utf8')) as {
    pluginReports: { violations: { ruleName: string; violatingConstructs: { constructPath: string }[] }[] }[];
  };
  return report.pluginReports.flatMap(({ violations }) =>
    violations.flatMap(({ ruleName, violatingConstructs }) =>
      violatingConstructs.map(({ constructPath }) => `${ruleName} ${constructPath}`),
    ),
  );
}

function stackOf(app: Awaited<ReturnType<typeof createApp>>): Stack {
  const stack = app.node.findChild(STACK_NAME);
  if (!Stack.isStack(stack)) throw new Error(`Expected ${STACK_NAME} to be a stack`);
  return stack;
}
