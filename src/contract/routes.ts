import type { z } from 'zod';
import { commandBatch, commandEnvelope } from './envelope.ts';
import * as queries from './queries.ts';
import { commandAccepted, commandBatchResult } from './replies.ts';
import type { FaultCode } from './refusals.ts';
import type { Right } from './rights.ts';

/** Path prefix of the API's version; the documentation stands outside it. */
export const API_PREFIX = '/v1';

interface RouteBase {
  /** operationId in openapi.json. */
  id: string;
  method: 'GET' | 'POST';
  /** Path in OpenAPI style, without the prefix of the version. */
  path: string;
  tag: 'Commands' | 'Queries';
  summary: string;
  params: z.ZodObject;
  query?: z.ZodObject;
  faults: readonly FaultCode[];
}
export interface CommandRoute extends RouteBase {
  handler: 'command';
  body: z.ZodType;
  /** Success answers by what happened: written, or only decided (dry run, batch). */
  accepted?: z.ZodType;
  result: z.ZodType;
}
export interface QueryRoute extends RouteBase {
  handler: 'query';
  /** What a token has to carry; of a command, its type decides (`COMMAND_RIGHTS`). */
  right: Right;
  result: z.ZodType;
}
export type Route = CommandRoute | QueryRoute;

const QUERY_FAULTS = ['ValidationError', 'Unauthorized', 'Forbidden', 'NotFound', 'ServiceUnavailable'] as const;
const COMMAND_FAULTS = [
  'PayloadTooLarge',
  'ValidationError',
  'Unauthorized',
  'Forbidden',
  'NotFound',
  'TooManyRequests',
  'ServiceUnavailable',
] as const;

/** The one route table: API Gateway, the local front door, openapi.json and the SDK are made from it. */
export const routes = {
  submitCommand: {
    id: 'submitCommand',
    method: 'POST',
    path: '/tenants/{tenantId}/commands',
    handler: 'command',
    tag: 'Commands',
    summary: 'Submit a Turing Protocol command',
    params: queries.tenantPath,
    query: queries.commandQuery,
    body: commandEnvelope,
    accepted: commandAccepted,
    result: commandAccepted,
    faults: [...COMMAND_FAULTS, 'IdempotencyKeyReused'],
  },
  submitCommandBatch: {
    id: 'submitCommandBatch',
    method: 'POST',
    path: '/tenants/{tenantId}/commands/batch',
    handler: 'command',
    tag: 'Commands',
    summary: 'Submit up to 1,000 commands, each decided for itself, in order',
    params: queries.tenantPath,
    query: queries.commandQuery,
    body: commandBatch,
    result: commandBatchResult,
    faults: COMMAND_FAULTS,
  },
  listCustomers: {
    id: 'listCustomers',
    method: 'GET',
    path: '/tenants/{tenantId}/customers',
    handler: 'query',
    right: 'queries',
    tag: 'Queries',
    summary: 'List customers',
    params: queries.tenantPath,
    query: queries.pageQuery,
    result: queries.customerList,
    faults: QUERY_FAULTS,
  },
  getCustomer: {
    id: 'getCustomer',
    method: 'GET',
    path: '/tenants/{tenantId}/customers/{customerId}',
    handler: 'query',
    right: 'queries',
    tag: 'Queries',
    summary: 'Get one customer',
    params: queries.customerPath,
    result: queries.customerDetail,
    faults: QUERY_FAULTS,
  },
  listAccounts: {
    id: 'listAccounts',
    method: 'GET',
    path: '/tenants/{tenantId}/accounts',
    handler: 'query',
    right: 'queries',
    tag: 'Queries',
    summary: 'List accounts, of all customers or of one',
    params: queries.tenantPath,
    query: queries.accountsQuery,
    result: queries.accountList,
    faults: QUERY_FAULTS,
  },
  getAccount: {
    id: 'getAccount',
    method: 'GET',
    path: '/tenants/{tenantId}/accounts/{accountId}',
    handler: 'query',
    right: 'queries',
    tag: 'Queries',
    summary: 'Get one account',
    params: queries.accountPath,
    result: queries.accountDetail,
    faults: QUERY_FAULTS,
  },
  getAccountEvents: {
    id: 'getAccountEvents',
    method: 'GET',
    path: '/tenants/{tenantId}/accounts/{accountId}/events',
    handler: 'query',
    right: 'queries',
    tag: 'Queries',
    summary: 'Get the events of an account, oldest first',
    params: queries.accountPath,
    query: queries.eventsQuery,
    result: queries.eventList,
    faults: QUERY_FAULTS,
  },
  getAccountBalance: {
    id: 'getAccountBalance',
    method: 'GET',
    path: '/tenants/{tenantId}/accounts/{accountId}/balance',
    handler: 'query',
    right: 'queries',
    tag: 'Queries',
    summary: 'Get the balance of an account, now or as of the end of a day',
    params: queries.accountPath,
    query: queries.balanceQuery,
    result: queries.accountBalance,
    faults: QUERY_FAULTS,
  },
  listProducts: {
    id: 'listProducts',
    method: 'GET',
    path: '/tenants/{tenantId}/products',
    handler: 'query',
    right: 'queries',
    tag: 'Queries',
    summary: 'List products',
    params: queries.tenantPath,
    query: queries.pageQuery,
    result: queries.productList,
    faults: QUERY_FAULTS,
  },
  getEntry: {
    id: 'getEntry',
    method: 'GET',
    path: '/tenants/{tenantId}/entries/{entryId}',
    handler: 'query',
    right: 'queries',
    tag: 'Queries',
    summary: 'Get one entry',
    params: queries.entryPath,
    result: queries.entryView,
    faults: QUERY_FAULTS,
  },
  getTrialBalance: {
    id: 'getTrialBalance',
    method: 'GET',
    path: '/tenants/{tenantId}/trial-balance',
    handler: 'query',
    right: 'queries',
    tag: 'Queries',
    summary: 'Get the trial balance',
    params: queries.tenantPath,
    result: queries.trialBalance,
    faults: QUERY_FAULTS,
  },
  getInvariants: {
    id: 'getInvariants',
    method: 'GET',
    path: '/tenants/{tenantId}/invariants',
    handler: 'query',
    right: 'queries',
    tag: 'Queries',
    summary: 'Get what the live monitor has counted for each of the five invariants, and how far it is',
    params: queries.tenantPath,
    result: queries.invariantReport,
    faults: QUERY_FAULTS,
  },
  listChains: {
    id: 'listChains',
    method: 'GET',
    path: '/tenants/{tenantId}/chains',
    handler: 'query',
    right: 'queries',
    tag: 'Queries',
    summary: 'List the chains: their heads, and how far the views are',
    params: queries.tenantPath,
    result: queries.chainList,
    faults: QUERY_FAULTS,
  },
  getChainLines: {
    id: 'getChainLines',
    method: 'GET',
    path: '/tenants/{tenantId}/chains/{chain}/lines',
    handler: 'query',
    right: 'compliance',
    tag: 'Queries',
    summary: 'Get the events of a chain as the exact lines that were hashed, to be verified elsewhere',
    params: queries.chainPath,
    query: queries.linesQuery,
    result: queries.chainLines,
    faults: QUERY_FAULTS,
  },
  listDigests: {
    id: 'listDigests',
    method: 'GET',
    path: '/tenants/{tenantId}/digests',
    handler: 'query',
    right: 'queries',
    tag: 'Queries',
    summary: 'List the signed digests, newest first',
    params: queries.tenantPath,
    query: queries.pageQuery,
    result: queries.digestList,
    faults: QUERY_FAULTS,
  },
  getDigest: {
    id: 'getDigest',
    method: 'GET',
    path: '/tenants/{tenantId}/digests/{number}',
    handler: 'query',
    right: 'queries',
    tag: 'Queries',
    summary: 'Get one digest: what was signed, the signature, and the leaves under its two roots',
    params: queries.digestPath,
    result: queries.digestDetail,
    faults: QUERY_FAULTS,
  },
} as const satisfies Record<string, Route>;

/** Routes of the documentation, open to everybody. `{file}` names one of the page's own files. */
export const docsRoutes = [
  { method: 'GET', path: '/openapi.json' },
  { method: 'GET', path: '/docs' },
  { method: 'GET', path: '/docs/{file}' },
] as const;

/** What each function serves, with the full path: for API Gateway. */
export function gatewayRoutes(): { method: 'GET' | 'POST'; path: string; handler: 'command' | 'query' | 'docs' }[] {
  return [
    ...Object.values(routes).map((route) => ({
      method: route.method,
      path: `${API_PREFIX}${route.path}`,
      handler: route.handler,
    })),
    ...docsRoutes.map((route) => ({ ...route, handler: 'docs' as const })),
  ];
}
