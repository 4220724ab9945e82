import { Metrics } from '@aws-lambda-powertools/metrics';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { createLedgerClient } from '../../src/sdk/client.ts';
import { type ActivityInput, runActivity, sdkLedger, type TwinPorts } from '../../src/twin/index.ts';
import { requireEnvironment } from '../middleware/environment.ts';
import { accessTokens } from './access-token.ts';
import { twinMetrics } from './metrics.ts';

const { API_URL, TOKEN_URL, CLIENT_ID, CLIENT_SECRET_ARN, SCOPES } = requireEnvironment(
  'API_URL',
  'TOKEN_URL',
  'CLIENT_ID',
  'CLIENT_SECRET_ARN',
  'SCOPES',
);
const metrics = new Metrics();
const token = accessTokens({
  secrets: new SecretsManagerClient(),
  tokenUrl: TOKEN_URL,
  clientId: CLIENT_ID,
  clientSecretArn: CLIENT_SECRET_ARN,
  scopes: SCOPES,
});
const ports: TwinPorts = {
  ledger: sdkLedger(createLedgerClient({ baseUrl: API_URL, token })),
  metrics: twinMetrics(metrics),
  actorId: CLIENT_ID,
};

/** The activities of the digital twin, called by the state machines. */
export async function handler(input: ActivityInput): Promise<unknown> {
  try {
    return await runActivity(input, ports);
  } finally {
    if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
  }
}
