import { HttpStatus, Injectable } from '@nestjs/common';
import { normalizeIp, ThrottlerStorageService } from '@nestjs/throttler';
import type { Request } from 'express';
import { keyAdvice } from './key-advice';

/** Wrong keys of an address in `window` milliseconds after which its next ones are not compared for as long. */
const most = 20;
const window = 60_000;

/** Why a request is refused by its key, and the headers that say what to do. */
export interface KeyRefusal {
  status: HttpStatus;
  detail: string;
  headers: Record<string, string>;
}

/**
 * Counts wrong keys by the address that they come from. The right key is admitted from any address at any time: clients behind one proxy
 * share an address, and one with an old key must not lock out the others. Guessing one is hopeless (see UNROLL_KEY and
 * ApiKey), throttled or not.
 */
@Injectable()
export class WrongKeys {
  constructor(private readonly hits: ThrottlerStorageService) {}

  /** How a request is refused whose key is missing or wrong. */
  async refusal(request: Pick<Request, 'ip'>, problem: 'missing' | 'wrong'): Promise<KeyRefusal> {
    const wait = problem === 'wrong' ? await this.count(request.ip) : 0;
    if (wait === 0)
      return { status: HttpStatus.UNAUTHORIZED, detail: keyAdvice(problem), headers: { 'www-authenticate': 'Bearer' } };
    return {
      status: HttpStatus.TOO_MANY_REQUESTS,
      detail: `too many wrong keys from this address: use the right one, or wait ${wait} s`,
      // The next guess needs a connection of its own.
      headers: { 'retry-after': String(wait), connection: 'close' },
    };
  }

  /** Seconds that an address has to wait after another wrong key; 0 if it has sent few. */
  private async count(address = ''): Promise<number> {
    const client = normalizeIp(address);
    const { isBlocked, timeToBlockExpire } = await this.hits.increment(client, window, most, window, 'wrong keys');
    return isBlocked ? Math.max(1, timeToBlockExpire) : 0;
  }
}
