import { startRedis, type RedisServer } from './servers.cjs';

/** Gives the surrounding block a Redis of its own, which it may kill. */
export function useRedis(): Pick<RedisServer, 'url' | 'kill'> {
  let redis: RedisServer | undefined;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis?.kill());
  return {
    get url() {
      return redis!.url;
    },
    kill: () => redis!.kill(),
  };
}
