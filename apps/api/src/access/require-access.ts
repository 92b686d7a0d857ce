import { RequestMethod, type INestApplication } from '@nestjs/common';
import { METHOD_METADATA } from '@nestjs/common/constants';
import { DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import { accessKey, actionKey, linkKey } from './access';

/**
 * Refuses to start an API with a route that does not say whom it admits, or that changes something without naming it for the audit.
 * @throws Error that names the route
 */
export function requireAccess(app: INestApplication): void {
  const [reflector, scanner] = [app.get(Reflector), app.get(MetadataScanner)];
  for (const { name, instance } of app.get(DiscoveryService, { strict: false }).getControllers()) {
    const prototype = Object.getPrototypeOf(instance) as Record<string, () => unknown>;
    for (const method of scanner.getAllMethodNames(prototype)) {
      const handler = prototype[method]!;
      const verb = reflector.get<RequestMethod | undefined>(METHOD_METADATA, handler);
      if (verb === undefined) continue;
      if (reflector.get(accessKey, handler) === undefined)
        throw new Error(`${name}.${method}: say whom the route admits, with @Admits`);
      const access = reflector.get<string>(accessKey, handler);
      if (reflector.get(linkKey, handler) !== undefined && (verb !== RequestMethod.GET || access !== 'viewer'))
        throw new Error(`${name}.${method}: a link only reads what a viewer may: remove @OpensByLink`);
      if (verb !== RequestMethod.GET && reflector.get(actionKey, handler) === undefined)
        throw new Error(`${name}.${method}: name what it changes, with the second argument of @Admits`);
    }
  }
}
