/** The OpenAPI 3.1 document, generated from the schemas that validate. */

import { z } from 'zod';
import { PROBLEM_CODES, type ProblemCode } from '../../lib/problem.ts';
import { WORDINGS } from './errors.ts';
import { heatmapParameters, jobParameters, optimizeParameters } from './parameters.ts';
import { account, job, problem, report } from './schema.ts';

type Json = Record<string, unknown>;

const PREFIX = '#/components/schemas/';
const IMAGE: Json = { schema: { type: 'string', format: 'binary' } };
/** How a form says a list: one field, its words separated by commas, as in the query. */
const COMMA_SEPARATED: Json = { style: 'form', explode: false };
const JOB_ID: Json = { name: 'id', in: 'path', required: true, schema: { type: 'string' } };

/** @param origin the server's public address. */
export function openapi(origin: string): Json {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Keeneye',
      version: '1',
      description:
        'Smaller images that provably look the same. Where there are none, it declines and says why.',
    },
    servers: [{ url: origin }],
    security: [{ key: [] }],
    paths: paths(),
    components: { schemas: components(), securitySchemes: { key: { type: 'http', scheme: 'bearer' } } },
  };
}

function paths(): Json {
  return {
    '/api/v1/optimize': { post: optimizeOperation() },
    '/api/v1/jobs/{id}': {
      get: {
        operationId: 'showJob',
        summary: 'A job as it stands, or once it has ended.',
        parameters: [JOB_ID, ...parameters(jobParameters)],
        responses: { 200: reply('The job.', 'Job'), ...refusals('not-found') },
      },
    },
    '/api/v1/jobs/{id}/report': {
      get: {
        operationId: 'showReport',
        summary: 'The proof: what was measured on the bytes that were delivered, signed.',
        parameters: [JOB_ID],
        responses: { 200: reply('The report.', 'Report'), ...refusals('not-found') },
      },
    },
    '/api/v1/jobs/{id}/heatmap.png': {
      get: {
        operationId: 'showHeatmap',
        summary: 'Where a lossy output differs from its original: colours over the image, with a legend.',
        parameters: [JOB_ID, ...parameters(heatmapParameters)],
        responses: {
          200: { description: 'The heat map.', content: { 'image/png': IMAGE } },
          ...refusals('not-found', 'overloaded', 'job-failed'),
        },
      },
    },
    '/api/v1/account': {
      get: {
        operationId: 'showAccount',
        summary: 'The name and the credits of the key.',
        responses: { 200: reply('The account.', 'Account'), ...refusals() },
      },
    },
    '/api/v1/openapi.json': {
      get: {
        operationId: 'showOpenapi',
        summary: 'This document.',
        security: [],
        responses: { 200: { description: 'OpenAPI 3.1.', content: { 'application/json': { schema: {} } } } },
      },
    },
  };
}

function optimizeOperation(): Json {
  const fields = parameters(optimizeParameters).map(({ name, schema }) => [name, schema]);
  const properties = { file: IMAGE.schema, ...Object.fromEntries(fields) };
  const form = { type: 'object', required: ['file'], properties, additionalProperties: false };
  const encoding = { format: COMMA_SEPARATED, accept: COMMA_SEPARATED };
  const done = reply('The job has ended: done, or declined with a reason.', 'Job');
  return {
    operationId: 'optimize',
    summary: 'Makes an image smaller without visible difference.',
    parameters: parameters(optimizeParameters),
    requestBody: {
      required: true,
      description: 'The image as it is, or a form whose other fields count like query parameters.',
      content: {
        'image/*': IMAGE,
        'application/octet-stream': IMAGE,
        'multipart/form-data': { schema: form, encoding },
      },
    },
    responses: {
      200: {
        ...done,
        headers: headers('Location', 'Keeneye-Score', 'Keeneye-Job'),
        content: { ...done.content, 'image/*': IMAGE },
      },
      202: {
        ...reply('Time is up; the job goes on.', 'Job'),
        headers: headers('Location', 'Retry-After'),
      },
      204: {
        description: 'Declined, where the image itself was asked for.',
        headers: headers('Location', 'Keeneye-Job', 'Keeneye-Reason'),
      },
      ...refusals(...PROBLEM_CODES.filter((code) => code !== 'method-not-allowed')),
    },
  };
}

const HEADERS: Record<string, Json> = {
  Location: { schema: { type: 'string' }, description: "The job's own address." },
  'Keeneye-Job': { schema: { type: 'string' }, description: 'Id of the job, where the body does not tell.' },
  'Keeneye-Score': {
    schema: { type: 'number' },
    description: 'SSIMULACRA 2.1 of the image that is delivered.',
  },
  'Keeneye-Reason': { schema: { type: 'string' }, description: 'Why it was declined.' },
  'Retry-After': { schema: { type: 'integer' }, description: 'Seconds after which to ask again.' },
  'WWW-Authenticate': { schema: { type: 'string' }, description: 'How to send a key.' },
};

/** Of these, as an answer lists them. */
function headers(...names: string[]): Json {
  return Object.fromEntries(names.map((name) => [name, HEADERS[name]]));
}

function reply(description: string, schema: string): { description: string; content: Json } {
  return { description, content: { 'application/json': { schema: { $ref: PREFIX + schema } } } };
}

/** What every call that needs a key can meet. */
const ALWAYS: ProblemCode[] = ['unauthorized', 'invalid-parameter', 'unavailable', 'internal'];

/** Several codes may share a status; the description then names them all. */
function refusals(...codes: ProblemCode[]): Json {
  const byStatus = Map.groupBy(new Set([...codes, ...ALWAYS]), (code) => WORDINGS[code].status);
  return Object.fromEntries([...byStatus].map(([status, shared]) => [status, refusal(shared)]));
}

function refusal(codes: ProblemCode[]): Json {
  const sent = new Set(codes.flatMap((code) => Object.keys(WORDINGS[code].headers ?? {})));
  const names = Object.keys(HEADERS).filter((name) => sent.has(name.toLowerCase()));
  return {
    description: `code: ${codes.join(', ')}`,
    ...(names.length > 0 && { headers: headers(...names) }),
    content: { 'application/problem+json': { schema: { $ref: `${PREFIX}Problem` } } },
  };
}

function parameters(schema: z.ZodObject): Json[] {
  return Object.entries(schema.shape).map(([name, field]) => {
    const { $schema, description, ...rest } = z.toJSONSchema(field as z.ZodType);
    return { name, in: 'query', style: 'form', explode: false, description, schema: rest };
  });
}

function components(): Json {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries({
    Job: job,
    Report: report,
    Account: account,
    Problem: problem,
  })) {
    registry.add(schema, { id });
  }
  const { schemas } = z.toJSONSchema(registry, { io: 'input', uri: (id) => PREFIX + id });
  // `$id` would make the references inside relative to it.
  return Object.fromEntries(Object.entries(schemas).map(([id, { $schema, $id, ...schema }]) => [id, schema]));
}
