import middy from '@middy/core';
import { refuseAccess } from '../../src/gateway/authorise.ts';
import { createDynamoJournal } from '../../src/journal/dynamodb-journal.ts';
import { sha256 } from '../../src/journal/sha256.ts';
import { createTenantClients } from '../../src/journal/tenant-credentials.ts';
import { createQueries } from '../../src/views/queries/queries.ts';
import { createDynamoViews } from '../../src/views/store/dynamodb-views.ts';
import { requireEnvironment } from '../middleware/environment.ts';
import { httpErrors, type HttpEvent, type HttpResult, principalOf, renderReply } from '../middleware/http.ts';
import { parametersOfRoute, renderAnswer, routeOf } from './http-query.ts';

const { JOURNAL_TABLE, VIEWS_TABLE, TENANT_ROLE_ARN } = requireEnvironment(
  'JOURNAL_TABLE',
  'VIEWS_TABLE',
  'TENANT_ROLE_ARN',
);
const clientOf = createTenantClients({ roleArn: TENANT_ROLE_ARN });

const queries = createQueries({
  dataOf: (tenantId) => ({
    journal: createDynamoJournal({ client: clientOf(tenantId), tableName: JOURNAL_TABLE }),
    views: createDynamoViews({ client: clientOf(tenantId), tableName: VIEWS_TABLE }),
  }),
  sha256,
});

/** Every question: what it is asked for is in the route table. */
export const handler = middy<HttpEvent, HttpResult>()
  .use(httpErrors())
  .handler(async (event) => {
    const principal = principalOf(event);
    const route = routeOf(event);
    const parameters = parametersOfRoute(route, event);
    const refusal = refuseAccess(principal, { tenantId: parameters.tenantId, right: route.right });
    // The parameters were read by the schemas of this very route.
    return refusal ? renderReply(refusal) : renderAnswer(queries.answer(route.id, parameters));
  });
