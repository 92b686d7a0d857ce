import { applyDecorators } from '@nestjs/common';
import { ApiQuery, ApiResponse } from '@nestjs/swagger';
import { z } from 'zod';
import type { ShapeName } from './schemas';

const reference = (name: string) => ({ $ref: `#/components/schemas/${name}` });

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

/** Documents the query parameters of a route, as its contract describes them. */
export function ApiShapeQuery(query: z.ZodObject) {
  const { properties = {}, required = [] } = z.toJSONSchema(query, {
    target: 'openapi-3.0',
    io: 'input',
    unrepresentable: 'any',
  });
  return applyDecorators(
    ...Object.entries(properties).map(([name, schema]) => {
      const { description, ...own } = schema as { description?: string };
      return ApiQuery({
        name,
        required: required.includes(name),
        schema: own,
        ...(description ? { description } : {}),
      });
    }),
  );
}
