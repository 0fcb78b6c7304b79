/** Of the server only what the stand-in uses: it brings no types. */
declare module "oidc-provider" {
  import type { IncomingMessage, ServerResponse } from "node:http";

  export interface ResourceServer {
    readonly scope: string;
    readonly audience: string;
    readonly accessTokenFormat: "jwt" | "opaque";
    readonly accessTokenTTL: number;
    readonly jwt?: { readonly sign: { readonly alg: string } };
  }

  export interface Interaction {
    readonly uid: string;
    readonly params: Readonly<Record<string, string | readonly string[] | undefined>>;
  }

  export interface Grant {
    addOIDCScope(scope: string): void;
    rejectOIDCScope(scope: string): void;
    addResourceScope(resource: string, scope: string): void;
    save(): Promise<string>;
  }

  /** What a page's context has of the server. */
  export interface Context {
    body: string;
    type: string;
  }

  export class Provider {
    constructor(issuer: string, configuration: Readonly<Record<string, unknown>>);
    proxy: boolean;
    readonly Grant: new (of: { readonly accountId: string; readonly clientId: string }) => Grant;
    callback(): (request: IncomingMessage, response: ServerResponse) => void;
    interactionDetails(request: IncomingMessage, response: ServerResponse): Promise<Interaction>;
    interactionFinished(
      request: IncomingMessage,
      response: ServerResponse,
      result: Readonly<Record<string, unknown>>,
    ): Promise<void>;
  }

  export const errors: { readonly InvalidTarget: new () => Error };
  export default Provider;
}
