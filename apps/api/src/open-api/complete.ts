import type { OpenAPIObject } from '@nestjs/swagger';
import { problemTitles, type Access } from '@unroll/contracts';
import { queryParameters, reference } from '../http/api-shapes';
import type { ShapeName } from '../http/schemas';
import { operations, tags, type Operation } from './operations';

type Item = OpenAPIObject['paths'][string];
type Described = NonNullable<Item['get']>;

const methods = ['get', 'post', 'patch', 'delete'] as const;

/** Completes what the controllers declare: answers, problems, bodies, parameters, names. Every route is in the table of operations. */
export function completeDocument(document: OpenAPIObject, components: Record<string, unknown>): OpenAPIObject {
  const schemas = { ...document.components?.schemas, ...(components as Record<string, object>) };
  const paths = Object.entries(document.paths).map(([path, item]): [string, Item] => [path, completeItem(path, item)]);
  return {
    ...document,
    info: { ...document.info, license: { name: 'MIT', identifier: 'MIT' } as OpenAPIObject['info']['license'] },
    servers: [{ url: '/', description: 'This server' }],
    tags: Object.entries(tags).map(([name, description]) => ({ name, description })),
    security: [{ bearer: [] }],
    paths: Object.fromEntries(paths),
    components: { ...document.components, schemas },
  };
}

function completeItem(path: string, item: Item): Item {
  const own = methods.flatMap((method) => {
    const described = item[method];
    const operation = operations[`${method.toUpperCase()} ${path}`];
    return described ? [[method, operation ? complete(path, described, operation) : described] as const] : [];
  });
  return { ...item, ...Object.fromEntries(own) };
}

function complete(path: string, described: Described, operation: Operation): Described {
  const { security: _, requestBody, parameters = [], responses, ...rest } = described;
  const isOpen = (described as { 'x-access'?: Access })['x-access'] === 'open';
  const body = operation.body ? { required: true, content: contentOf(operation.body) } : requestBody;
  return {
    ...rest,
    summary: operation.summary,
    ...(isOpen ? { security: [] } : {}),
    ...(body ? { requestBody: body } : {}),
    parameters: [...withDescriptions(parameters, operation), ...queriesOf(operation, parameters)],
    responses: responsesOf(path, responses, operation, { isOpen, hasBody: body !== undefined }),
  };
}

/** A body in JSON and in YAML. */
function contentOf({ schema, example }: NonNullable<Operation['body']>): Record<string, object> {
  return {
    'application/json': { schema: reference(schema), example },
    'application/yaml': { schema: reference(schema), example },
  };
}

type Parameters = NonNullable<Described['parameters']>;

const nameOf = (parameter: Parameters[number]): string => ('name' in parameter ? parameter.name : '');

const pathParameters: Readonly<Record<string, string>> = {
  id: 'An id, a unique prefix of one, or last for the newest. A trial may also be best, or SWEEP:best.',
  name: 'Name of a data set or a member.',
};

/** Parameters of the path and headers; those of the query where the table of operations has none. */
function withDescriptions(parameters: Parameters, { query }: Operation): Parameters {
  return parameters
    .filter((each) => !query || !('in' in each) || each.in !== 'query')
    .map((each) =>
      'in' in each && each.in === 'path' ? { ...each, description: pathParameters[each.name] ?? each.name } : each,
    );
}

function queriesOf({ query }: Operation, known: Parameters): Parameters {
  if (!query) return [];
  const others = known.filter((each) => 'in' in each && each.in !== 'query').map(nameOf);
  return queryParameters(query)
    .filter(({ name }) => !others.includes(name))
    .map((parameter) => ({ in: 'query', ...parameter }));
}

const jsonOf = (shape: ShapeName): Record<string, object> => ({ 'application/json': { schema: reference(shape) } });

const problemAnswer = (status: number): object => ({
  description: problemTitles[status] ?? 'Error',
  content: { 'application/problem+json': { schema: reference('Problem') } },
});

/** Every answer: the success, and the problems that follow from the route. */
function responsesOf(
  path: string,
  declared: Described['responses'],
  { summary, answer, shape, content = shape && jsonOf(shape), also, query, problems = [] }: Operation,
  { isOpen, hasBody }: { isOpen: boolean; hasBody: boolean },
): Described['responses'] {
  const found = Object.entries(declared).filter(([status]) => Number(status) < 300);
  // Only a deletion declares nothing but its problems.
  const successes = found.length > 0 ? found : Object.entries({ 204: { description: summary } });
  const own = successes.map(([status, response]): [string, object] => [
    status,
    { ...response, description: answer ?? `${summary}: done.`, ...(content ? { content } : {}) },
  ]);
  const other: [string, object][] = also
    ? [[String(also.status), { description: also.description, content: jsonOf(also.shape) }]]
    : [];
  const declaredProblems = Object.keys(declared)
    .map(Number)
    .filter((status) => status >= 400);
  const following = [
    // Wrong keys are answered more and more rarely.
    ...(isOpen ? [] : [401, 429]),
    ...(path.includes('{') ? [404, 409] : []),
    ...(hasBody || query !== undefined ? [422] : []),
    // The process that answers is alive.
    ...(path === '/healthz' ? [] : [503]),
  ];
  const statuses = [...new Set([...following, ...problems, ...declaredProblems])].sort((a, b) => a - b);
  return Object.fromEntries([
    ...[...other, ...own].sort(([a], [b]) => Number(a) - Number(b)),
    ...statuses.map((status): [string, object] => [String(status), problemAnswer(status)]),
  ]) as Described['responses'];
}
