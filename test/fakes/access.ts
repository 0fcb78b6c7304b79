import type {
  Access,
  AccessCheck,
  BedrockQuestion,
  GatewayQuestion,
  VertexQuestion,
} from "../../electron/commands/access-ports.ts";

/** An access check that finds what a test has it find. */
export class FakeAccess implements Access {
  checks: readonly AccessCheck[] = [];
  /** What was asked, by provider. */
  readonly asked: {
    readonly bedrock: BedrockQuestion[];
    readonly vertex: VertexQuestion[];
    readonly gateway: GatewayQuestion[];
  } = { bedrock: [], vertex: [], gateway: [] };

  async bedrock(question: BedrockQuestion): Promise<readonly AccessCheck[]> {
    this.asked.bedrock.push(question);
    return this.checks;
  }

  async vertex(question: VertexQuestion): Promise<readonly AccessCheck[]> {
    this.asked.vertex.push(question);
    return this.checks;
  }

  async gateway(question: GatewayQuestion): Promise<readonly AccessCheck[]> {
    this.asked.gateway.push(question);
    return this.checks;
  }
}
