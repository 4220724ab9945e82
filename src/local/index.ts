import { createIdentity } from './aws/identity.ts';
import { startAwsEndpoint } from './aws/endpoint.ts';
import { createKms } from './aws/kms.ts';
import { createLambda } from './aws/lambda.ts';
import { createOwnerService } from './aws/owner.ts';
import { createS3 } from './aws/s3.ts';
import { createSecretsManager } from './aws/secrets-manager.ts';
import { signed } from './aws/signed.ts';
import { createStates } from './aws/states.ts';
import { createSts } from './aws/sts.ts';
import type { Cloud, CloudOptions, Consumed } from './cloud.ts';
import { openDataDir } from './data-dir.ts';
import { startEngine } from './dynamodb/engine.ts';
import { startDynamoDbFront } from './dynamodb/front.ts';
import { createPublisher } from './dynamodb/publisher.ts';
import { createTables, readTables } from './dynamodb/tables.ts';
import { createFunctions } from './functions/functions.ts';
import type { InvocationResult } from './functions/invocation.ts';
import type { FunctionRuntime } from './functions/runtime.ts';
import { createAuthorizers } from './http/authorizer.ts';
import { readCors } from './http/cors.ts';
import { startFrontDoor } from './http/front-door.ts';
import { readRoutes } from './http/routes.ts';
import { createPrincipals } from './iam/principals.ts';
import { createIssuer } from './identity/issuer.ts';
import { openKeyRing } from './identity/key-ring.ts';
import { openGeneratedSecrets } from './identity/secrets.ts';
import { startMappings } from './kinesis/mappings.ts';
import { startStreams } from './kinesis/streams.ts';
import { openSigningKeys } from './kms/signing-keys.ts';
import { createOutputCollector } from './metrics/output.ts';
import { createMetricsStore } from './metrics/store.ts';
import { createStateMachines } from './stepfunctions/machines.ts';
import { startSchedules } from './schedules/schedules.ts';
import { checkDatabase } from './store/check-database.ts';
import { noteContents, unlistedNote } from './store/contents.ts';
import { createDisk } from './store/disk.ts';
import { loadAssembly } from './template/assembly.ts';
import { createStack } from './template/stack.ts';
import { createUndo } from './undo.ts';

export type { Cloud, CloudOptions, Consumed } from './cloud.ts';
export type { Mount } from './http/front-door.ts';
export type { MetricsStore, MetricSummary } from './metrics/store.ts';

const region = 'ap-southeast-2';
const accountId = '000000000000';

/** Starts everything that the synthesized template describes, and nothing else. */
export async function startCloud(options: CloudOptions): Promise<Cloud> {
  const log = options.log ?? (() => undefined);
  const undo = createUndo();
  try {
    return await start(options, log, undo);
  } catch (error) {
    await undo.run();
    throw error;
  }
}

async function start(
  options: CloudOptions,
  log: (line: string) => void,
  undo: ReturnType<typeof createUndo>,
): Promise<Cloud> {
  const assembly = loadAssembly(options.assemblyDir);
  const engineUrl = options.dynamodbEndpoint ?? process.env['DYNAMODB_ENDPOINT'];
  const embedded = engineUrl === undefined || engineUrl === '';
  const data = openDataDir(options.dataDir, { embedded });
  undo.add(() => data.release());
  const unlisted = unlistedNote(data.path);
  const tell = (line: string): void => {
    log(line);
    options.notice?.(line);
  };
  if (unlisted !== undefined) tell(`${unlisted}. It is written anew`);
  const disk = createDisk({ folder: data.path, tell });
  const failure = Promise.withResolvers<Error>();
  if (embedded) undo.add(await checkDatabase({ folder: data.path, log, failed: failure.resolve }));
  let sweep = (): void => undefined;
  let readAfresh = (): void => undefined;
  const engineStarting = embedded
    ? startEngine({ dataDir: data.path, log, restarted: () => sweep(), gaveUp: failure.resolve })
    : undefined;
  if (engineStarting !== undefined) {
    engineStarting.catch(() => undefined); // awaited below, after what may fail before
    undo.add(async () => (await engineStarting.catch(() => undefined))?.stop());
  }
  const keysOpening = openKeyRing(data.path);
  keysOpening.catch(() => undefined);

  // Addresses come first: the template's values depend on them.
  const frontDoor = await startFrontDoor({ port: options.port ?? 0, log, limits: options.httpLimits });
  undo.add(() => frontDoor.stop());
  const aws = await startAwsEndpoint({ log, failed: disk.failed });
  undo.add(() => aws.stop());
  const generatedSecret = openGeneratedSecrets(data.path);
  const stack = createStack(assembly, { region, accountId, apiUrl: frontDoor.url, awsUrl: aws.url, generatedSecret });
  const principals = createPrincipals(stack);
  const signingKeyOf = openSigningKeys(stack, data.path);
  const tables = readTables(stack);
  const place = options.place ?? 'thread';
  const streams = await startStreams(stack, { place, log, restarted: () => readAfresh(), gaveUp: failure.resolve });
  undo.add(() => streams.stop());
  const endpoint = (await engineStarting)?.url ?? engineUrl ?? '';
  const tablesFound = await createTables({ stack, endpoint });
  const publisher = createPublisher({ streams, log });
  const dynamodb = await startDynamoDbFront({
    engineUrl: endpoint,
    region,
    tables,
    principals,
    publisher,
    groupWrites: embedded,
    ...(embedded && { answered: disk.answered }),
    log,
  });
  undo.add(() => dynamodb.stop());

  const metrics = createMetricsStore();
  const output = createOutputCollector({ dataDir: data.path, measured: metrics.add, log, failed: disk.failed });
  undo.add(() => output.stop());
  const functions = createFunctions({
    stack,
    principals,
    place,
    endpoints: {
      AWS_ENDPOINT_URL_DYNAMODB: dynamodb.url,
      AWS_ENDPOINT_URL_KINESIS: streams.url,
      AWS_ENDPOINT_URL_STS: aws.url,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: aws.url,
      AWS_ENDPOINT_URL_LAMBDA: aws.url,
      AWS_ENDPOINT_URL_KMS: aws.url,
      AWS_ENDPOINT_URL_S3: aws.url,
      AWS_ENDPOINT_URL_SFN: aws.url,
    },
    output: output.take,
  });
  undo.add(() => functions.stop());
  const keys = await keysOpening;
  const issuer = createIssuer({ stack, keys, generatedSecret });
  const machines = createStateMachines({ stack, functions, principals, log });
  undo.add(() => machines.stop());

  const invoke = async (target: FunctionRuntime, payload: unknown): Promise<InvocationResult> => {
    const fullSince = disk.mark();
    const result = await target.invoke(payload);
    const why = result.ok ? undefined : fullSince();
    if (result.ok || why === undefined) return result;
    const { error } = result;
    return { ...result, error: { ...error, errorMessage: `${error.errorMessage}. ${why}` } };
  };
  const consumed = (): Consumed => {
    const byTable = dynamodb.capacity.byTable();
    const sum = (field: 'writeUnits' | 'readUnits' | 'requests') =>
      Object.values(byTable).reduce((total, table) => total + table[field], 0);
    const { invocations, gbSeconds } = functions.usage();
    return {
      writeUnits: sum('writeUnits'),
      readUnits: sum('readUnits'),
      byTable,
      requests: sum('requests'),
      ...publisher.totals(),
      apiRequests: frontDoor.requests(),
      invocations,
      gbSeconds,
      stateTransitions: machines.transitions(),
    };
  };
  aws.open(
    [
      createIdentity(issuer),
      createOwnerService({ secret: data.localSecret, issuer, functions, machines, streams, consumed, invoke }),
      signed([
        createSts(principals),
        createSecretsManager(stack, generatedSecret),
        createStates(machines),
        createLambda(functions, log),
        createKms(signingKeyOf),
        createS3(stack, data.path),
      ]),
    ],
    principals,
  );
  const routes = readRoutes(stack);
  const [api] = stack.resources('AWS::ApiGatewayV2::Api');
  frontDoor.open({
    routes,
    authorizers: createAuthorizers(stack, keys),
    functions,
    cors: readCors(stack),
    accountId,
    apiId: api?.physicalName ?? '',
  });
  const mappings = startMappings({ stack, streams, functions, dataDir: data.path, log, failed: disk.failed });
  undo.add(() => mappings.stop());
  // Streams do not outlive a local cloud, tables do: what was under way is left to the scheduled functions, at once.
  const schedules = startSchedules({ stack, functions, atStart: tablesFound > 0, log });
  undo.add(() => schedules.stop());
  // A change whose write the engine did not live to answer was never published.
  sweep = schedules.runNow;
  readAfresh = () => void mappings.restart().then(sweep);
  for (const functionName of new Set(routes.map((route) => route.functionName)))
    functions.byNameOrArn(functionName).prewarm();
  noteContents(data.path);

  void failure.promise.then(async (error) => {
    log(`The local cloud stops: ${error.message}`);
    await undo.run().catch((fault: unknown) => log(`Cannot stop all of the local cloud: ${String(fault)}`));
  });

  return {
    apiUrl: frontDoor.url,
    endpoints: { dynamodb: dynamodb.url, kinesis: streams.url, aws: aws.url },
    outputs: stack.outputs(log),
    dataDir: data.path,
    localSecret: data.localSecret,
    issueToken: issuer.issue,
    async invoke(functionId, payload) {
      const result = await invoke(functions.byId(functionId), payload);
      if (result.ok) return result.value;
      throw Object.assign(new Error(result.error.errorMessage), { name: result.error.errorType });
    },
    killFunction: (functionId) => functions.byId(functionId).kill(),
    killStreams: streams.kill,
    startExecution: async (machineId, input) => machines.start({ machineArn: machines.arnOf(machineId), input }),
    metrics,
    consumed,
    mount: frontDoor.mount,
    setFaults: dynamodb.setFaults,
    async settled() {
      await publisher.drained();
      await mappings.idle();
    },
    failed: failure.promise,
    stop: undo.run,
  };
}
