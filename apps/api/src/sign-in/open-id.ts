import type { OpenIdConfig } from '@unroll/config';
import type { Configuration } from 'openid-client';

/** What a browser keeps between its way to the provider and back. */
export interface Journey {
  state: string;
  nonce: string;
  verifier: string;
}

/** Whom the provider has recognised. */
export interface Identity {
  /** The provider's issuer and its name for the person, which never changes. */
  subject: string;
  /** In lower case; undefined if the provider has not verified it. */
  email: string | undefined;
}

/**
 * Signing in at an OpenID provider: the authorization code flow with PKCE (OpenID Connect Core 1.0, section 3.1; RFC 7636). The provider is
 * asked for its configuration at the first sign-in, so that the API starts without it.
 */
export class OpenId {
  private discovered: Promise<Configuration> | undefined;

  constructor(private readonly config: OpenIdConfig) {}

  get callback(): string {
    return `${this.config.publicUrl}/v1/sign-in/callback`;
  }

  /** Whether browsers reach the API over TLS. */
  get isSecure(): boolean {
    return this.config.publicUrl.startsWith('https:');
  }

  /** The address at the provider to which a browser goes, and what it keeps meanwhile. */
  async begin(): Promise<{ address: string; journey: Journey }> {
    const client = await import('openid-client');
    const [state, nonce, verifier] = [client.randomState(), client.randomNonce(), client.randomPKCECodeVerifier()];
    const address = client.buildAuthorizationUrl(await this.provider(), {
      redirect_uri: this.callback,
      scope: 'openid email profile',
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state,
      nonce,
    });
    return { address: address.href, journey: { state, nonce, verifier } };
  }

  /** Exchanges the code with which a browser has come back. @throws whatever does not fit its journey, or the provider refuses */
  async end(query: string, { state, nonce, verifier }: Journey): Promise<Identity> {
    const client = await import('openid-client');
    const provider = await this.provider();
    const tokens = await client.authorizationCodeGrant(provider, new URL(`${this.callback}?${query}`), {
      pkceCodeVerifier: verifier,
      expectedState: state,
      expectedNonce: nonce,
      idTokenExpected: true,
    });
    const { iss, sub } = tokens.claims()!;
    // Many providers put the address only here.
    const { email, email_verified: verified } = await client.fetchUserInfo(provider, tokens.access_token, sub);
    return { subject: `${iss} ${sub}`, email: verified === true ? email?.toLowerCase() : undefined };
  }

  private provider(): Promise<Configuration> {
    this.discovered ??= this.discover().catch((error: unknown) => {
      this.discovered = undefined;
      throw error;
    });
    return this.discovered;
  }

  private async discover(): Promise<Configuration> {
    const client = await import('openid-client');
    const { issuer, clientId, clientSecret } = this.config;
    // Without TLS only if the issuer's address says so, as for a provider on this machine.
    const execute = issuer.startsWith('http:') ? [client.allowInsecureRequests] : [];
    const authentication = clientSecret === undefined ? client.None() : client.ClientSecretPost(clientSecret);
    return client.discovery(new URL(issuer), clientId, undefined, authentication, { execute });
  }
}
