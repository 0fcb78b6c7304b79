import type { Access } from "../commands/access-ports.ts";
import { bedrockAccess, bedrockGatewayAccess } from "../sources/aws/bedrock-access.ts";
import type { FetchPorts } from "../sources/fetch.ts";
import { vertexAccess, vertexGatewayAccess } from "../sources/google/vertex-access.ts";
import { gatewayAccess } from "../sources/keys/gateway-access.ts";

/** Puts together who finds out what an identity may use: one of each provider, also behind a gateway. */
export const openAccess = (ports: FetchPorts): Access => {
  const behind = {
    anthropic: gatewayAccess(ports),
    bedrock: bedrockGatewayAccess(ports),
    vertex: vertexGatewayAccess(ports),
  };
  return {
    bedrock: bedrockAccess(ports),
    vertex: vertexAccess(ports),
    gateway: ({ speaks, ...question }, signal) =>
      speaks.kind === "vertex"
        ? behind.vertex({ ...question, ...speaks }, signal)
        : behind[speaks.kind](question, signal),
  };
};
