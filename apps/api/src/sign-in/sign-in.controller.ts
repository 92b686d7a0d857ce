import { Controller, Get, HttpStatus, Query, Req, Res } from '@nestjs/common';
import { ApiExcludeEndpoint, ApiTags } from '@nestjs/swagger';
import type { SignInOptions } from '@unroll/contracts';
import type { Request, Response } from 'express';
import { Admits } from '../access/access';
import { ApiShapeResponse } from '../http/api-shapes';
import { ProblemException } from '../http/problem';
import type { Journey } from './open-id';
import { SignInService } from './sign-in.service';

/** What the browser keeps on its way: for these paths only, for ten minutes, and out of reach of scripts. */
const cookie = 'unroll_sign_in';
const path = '/v1/sign-in';

@ApiTags('sign-in')
@Controller('v1/sign-in')
export class SignInController {
  constructor(private readonly service: SignInService) {}

  /** How people can sign in without a key. */
  @Get('options')
  @Admits('open')
  @ApiShapeResponse('SignInOptions', { problems: [503] })
  options(): SignInOptions {
    return { openId: this.service.openId !== null };
  }

  /** Sends a browser to the OpenID provider: a page for people, which is why the OpenAPI document leaves it out. */
  @Get()
  @Admits('open')
  @ApiExcludeEndpoint()
  async begin(@Res() response: Response): Promise<void> {
    const { address, journey } = await this.service.begin();
    response.cookie(cookie, Buffer.from(JSON.stringify(journey)).toString('base64url'), {
      ...{ path, httpOnly: true, sameSite: 'lax', maxAge: 600_000 },
      secure: this.service.openId!.isSecure,
    });
    response.redirect(address);
  }

  /** Where the provider sends the browser back to. It goes on to the dashboard, signed in, or with the reason why not. */
  @Get('callback')
  @Admits('open')
  @ApiExcludeEndpoint()
  async end(@Req() request: Request, @Query() _query: unknown, @Res() response: Response): Promise<void> {
    const journey = readJourney(request);
    response.clearCookie(cookie, { path });
    if (!journey) throw new ProblemException(HttpStatus.BAD_REQUEST, 'sign in again: this page was opened too late');
    const query = request.originalUrl.split('?')[1] ?? '';
    const fragment = await this.service.end(query, journey);
    response.redirect(`/#${new URLSearchParams(fragment).toString()}`);
  }
}

function readJourney(request: Request): Journey | undefined {
  const [, text] = new RegExp(`(?:^|; )${cookie}=([\\w-]+)`).exec(request.headers.cookie ?? '') ?? [];
  if (text === undefined) return undefined;
  try {
    const { state, nonce, verifier } = JSON.parse(Buffer.from(text, 'base64url').toString()) as Journey;
    return [state, nonce, verifier].every((each) => typeof each === 'string') ? { state, nonce, verifier } : undefined;
  } catch {
    return undefined;
  }
}
