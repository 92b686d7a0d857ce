import { createParamDecorator, HttpStatus, type ExecutionContext, type PipeTransform } from '@nestjs/common';
import { parseDocument, renameKeys, validate } from '@unroll/contracts';
import type { Request } from 'express';
import type { z } from 'zod';
import { ProblemException } from './problem';

/** Media types of request bodies in JSON or YAML. */
export const documentTypes = ['application/json', 'application/yaml', 'application/x-yaml', 'text/yaml'];

/** The parsed JSON or YAML body. Old names of keys are accepted, and listed in the header Unroll-Notice. */
export const Document = createParamDecorator((_: unknown, context: ExecutionContext): unknown => {
  const request = context.switchToHttp().getRequest<Request>();
  if (!request.is(documentTypes))
    throw new ProblemException(
      HttpStatus.UNSUPPORTED_MEDIA_TYPE,
      `send application/json or application/yaml, as in: curl -H 'content-type: application/yaml' --data-binary @sweep.yaml`,
    );
  const { document, notices } = renameKeys(parseDocument(typeof request.body === 'string' ? request.body : ''));
  // RFC 9111 has obsoleted the header Warning, and a problem would reject the request.
  if (notices.length > 0)
    request.res?.setHeader('Unroll-Notice', notices.map(({ path, message }) => `${path} ${message}`).join(', '));
  return document;
});

/** Validates input against its contract. @throws ValidationError */
export class ContractPipe<Schema extends z.ZodType> implements PipeTransform<unknown, z.infer<Schema>> {
  constructor(private readonly schema: Schema) {}

  transform(value: unknown): z.infer<Schema> {
    return validate(this.schema, value);
  }
}
