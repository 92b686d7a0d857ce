import { applyDecorators } from '@nestjs/common';
import { ApiQuery, ApiResponse } from '@nestjs/swagger';
import { z } from 'zod';
import type { ShapeName } from './schemas';

export const reference = (name: string) => ({ $ref: `#/components/schemas/${name}` });

/** Documents the response of a route, and the problems it can return. */
export function ApiShapeResponse(
  name: ShapeName,
  { status = 200, problems = [401, 404, 503] }: { status?: number; problems?: number[] } = {},
) {
  return applyDecorators(
    ApiResponse({ status, schema: reference(name) }),
    ...problems.map((problem) =>
      ApiResponse({ status: problem, content: { 'application/problem+json': { schema: reference('Problem') } } }),
    ),
  );
}

/** The query parameters of a contract, as OpenAPI has them. */
export function queryParameters(query: z.ZodObject) {
  const { properties = {}, required = [] } = z.toJSONSchema(query, { io: 'input', unrepresentable: 'any' });
  return Object.entries(properties).map(([name, schema]) => {
    const { description, ...own } = schema as { description?: string };
    return { name, required: required.includes(name), schema: own, ...(description ? { description } : {}) };
  });
}

/** Documents the query parameters of a route, as its contract describes them. */
export const ApiShapeQuery = (query: z.ZodObject) =>
  applyDecorators(...queryParameters(query).map((parameter) => ApiQuery(parameter)));
