/** The OpenAPI 3.1 document of the administration, generated from the schemas that validate. */
import { z } from 'zod';
import type { ProblemCode } from '../lib/problem.ts';
import { ANSWERS, type AnswerName } from './answers.ts';
import { callbacksQuery, changedKey, jobsQuery, newKey, usageQuery } from './schema.ts';

type Json = Record<string, unknown>;
/** With which HTTP status a problem is told, which is for the dialect that lends its words to say. */
export type StatusOf = (code: ProblemCode) => number;

interface Operation {
  summary: string;
  query?: z.ZodObject;
  body?: z.ZodObject;
  /** JSON of this schema; else a success says what `responses` has of it. */
  answer?: AnswerName;
  status?: number;
  responses?: Json;
  codes?: ProblemCode[];
}

const PREFIX = '#/components/schemas/';
const ALWAYS: ProblemCode[] = ['unauthorized', 'key-expired', 'invalid-parameter', 'unavailable', 'internal'];
const BODY: ProblemCode[] = ['malformed-body', 'body-too-large'];
const CSV = { description: 'The ledger as CSV.', content: { 'text/csv': { schema: { type: 'string' } } } };

/** By path and method; names are `operationId`s. */
const PATHS: Record<string, Record<string, [name: string, operation: Operation]>> = {
  keys: {
    get: ['listKeys', { summary: 'All keys, revoked ones included.', answer: 'Keys' }],
    post: [
      'createKey',
      { summary: 'Makes a key.', body: newKey, status: 201, answer: 'NewKey', codes: BODY },
    ],
  },
  'keys/{id}': {
    get: ['showKey', { summary: 'A key.', answer: 'Key', codes: ['not-found'] }],
    patch: [
      'changeKey',
      {
        summary: 'Changes what the body names, each member as a whole; null takes it away.',
        ...{ body: changedKey, answer: 'Key', codes: ['not-found', ...BODY] },
      },
    ],
    delete: [
      'revokeKey',
      {
        summary: 'Ends a key for good; jobs that it sent in before are still done.',
        ...{ responses: { 204: { description: 'It is revoked.' } }, codes: ['not-found'] },
      },
    ],
  },
  'usage.csv': {
    get: [
      'exportUsage',
      {
        summary: 'What was done for whom; `Keeneye-Complete: no` when there is more than is sent.',
        ...{ query: usageQuery, responses: { 200: CSV }, codes: ['not-found'] },
      },
    ],
  },
  jobs: { get: ['listJobs', { summary: 'Jobs, newest first.', query: jobsQuery, answer: 'Jobs' }] },
  'jobs/{id}': { get: ['inspectJob', { summary: 'All about a job.', answer: 'Job', codes: ['not-found'] }] },
  'jobs/{id}/retry': {
    post: [
      'retryJob',
      {
        summary:
          'Has a failed job begin anew. One that is fetched again is, without the password and headers that came with it.',
        ...{ answer: 'Job', codes: ['not-found', 'out-of-credits'] },
      },
    ],
  },
  'jobs/{id}/cancel': {
    post: [
      'cancelJob',
      { summary: 'Ends a job as failed, at no cost.', answer: 'Job', codes: ['not-found'] },
    ],
  },
  callbacks: {
    get: [
      'listCallbacks',
      { summary: 'Callbacks, newest first.', query: callbacksQuery, answer: 'Callbacks' },
    ],
  },
  'callbacks/{id}': {
    get: [
      'showCallback',
      { summary: 'A callback, with what it says.', answer: 'Callback', codes: ['not-found'] },
    ],
  },
  'callbacks/{id}/replay': {
    post: ['replayCallback', { summary: 'Sends it again.', answer: 'Callback', codes: ['not-found'] }],
  },
  'openapi.json': {
    get: [
      'showOpenapi',
      {
        summary: 'This document.',
        responses: { 200: { description: 'OpenAPI 3.1.', content: { 'application/json': { schema: {} } } } },
      },
    ],
  },
};

/** @param origin the server's public address. */
export function adminOpenapi(origin: string, statusOf: StatusOf): Json {
  const paths = Object.entries(PATHS).map(([path, methods]) => {
    const operations = Object.entries(methods).map(([method, [operationId, operation]]) => [
      method,
      { operationId, ...describe(path, operation, statusOf) },
    ]);
    return [`/api/v1/admin/${path}`, Object.fromEntries(operations)];
  });
  return {
    openapi: '3.1.0',
    info: {
      title: 'Keeneye administration',
      version: '1',
      description: "Keys, the ledger, jobs and callbacks, for whoever has an admin key's secret.",
    },
    servers: [{ url: origin }],
    security: [{ key: [] }],
    paths: Object.fromEntries(paths),
    components: { schemas: components(), securitySchemes: { key: { type: 'http', scheme: 'bearer' } } },
  };
}

function describe(path: string, operation: Operation, statusOf: StatusOf): Json {
  const { summary, query, body, answer, status = 200, responses, codes = [] } = operation;
  const id = { name: 'id', in: 'path', required: true, schema: { type: 'string' } };
  const parameters = [...(path.includes('{id}') ? [id] : []), ...queryParameters(query)];
  const success = answer && { [status]: { description: 'Done.', content: json('application/json', answer) } };
  return {
    summary,
    ...(parameters.length > 0 && { parameters }),
    ...(body && {
      requestBody: { required: true, content: { 'application/json': { schema: plain(body) } } },
    }),
    responses: { ...responses, ...success, ...refusals([...ALWAYS, ...codes], statusOf) },
  };
}

function queryParameters(query: z.ZodObject | undefined): Json[] {
  return Object.entries(query?.shape ?? {}).map(([name, field]) => {
    return { name, in: 'query', required: false, schema: plain(field as z.ZodType) };
  });
}

/** Several codes may share a status; the description then names them all. */
function refusals(codes: ProblemCode[], statusOf: StatusOf): Json {
  const byStatus = Map.groupBy(new Set(codes), statusOf);
  const told = [...byStatus].map(([status, shared]) => [
    status,
    { description: `code: ${shared.join(', ')}`, content: json('application/problem+json', 'Problem') },
  ]);
  return Object.fromEntries(told);
}

function json(type: string, answer: AnswerName): Json {
  return { [type]: { schema: { $ref: PREFIX + answer } } };
}

function components(): Json {
  return Object.fromEntries(Object.entries(ANSWERS).map(([name, schema]) => [name, plain(schema)]));
}

/** As it is sent. */
function plain(schema: z.ZodType): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input' });
  return rest;
}
