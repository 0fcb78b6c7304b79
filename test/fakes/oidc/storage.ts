/** What the server keeps of one thing. */
export interface Payload {
  readonly grantId?: string;
  readonly userCode?: string;
  readonly uid?: string;
  readonly exp?: number;
  consumed?: number;
}

/** What an issuer knows: by the kind of thing, then by its id. */
export class Storage {
  readonly #kinds = new Map<string, Map<string, Payload>>();

  /** The storage of one kind, as the server asks for it. */
  of(kind: string): Adapter {
    const things = this.#kinds.get(kind) ?? new Map<string, Payload>();
    this.#kinds.set(kind, things);
    return new Adapter(things);
  }

  /** Whether a token of any kind is known, good, and has not been used up. */
  isKnown(token: string): boolean {
    const payloads = [...this.#kinds.values()].map((things) => things.get(token));
    return payloads.some(
      (payload) =>
        payload !== undefined &&
        payload.consumed === undefined &&
        (payload.exp ?? Number.POSITIVE_INFINITY) * 1000 > Date.now(),
    );
  }

  /** Forgets everything of these kinds. */
  clear(...kinds: readonly string[]): void {
    for (const kind of kinds) this.#kinds.get(kind)?.clear();
  }
}

/** How the server reaches what it keeps of one kind. */
export class Adapter {
  readonly #things: Map<string, Payload>;

  constructor(things: Map<string, Payload>) {
    this.#things = things;
  }

  async upsert(id: string, payload: Payload): Promise<void> {
    this.#things.set(id, payload);
  }

  async find(id: string): Promise<Payload | undefined> {
    return this.#things.get(id);
  }

  async findByUserCode(userCode: string): Promise<Payload | undefined> {
    return [...this.#things.values()].find((payload) => payload.userCode === userCode);
  }

  async findByUid(uid: string): Promise<Payload | undefined> {
    return [...this.#things.values()].find((payload) => payload.uid === uid);
  }

  async consume(id: string): Promise<void> {
    const payload = this.#things.get(id);
    if (payload !== undefined) payload.consumed = Math.floor(Date.now() / 1000);
  }

  async destroy(id: string): Promise<void> {
    this.#things.delete(id);
  }

  async revokeByGrantId(grantId: string): Promise<void> {
    for (const [id, payload] of this.#things) {
      if (payload.grantId === grantId) this.#things.delete(id);
    }
  }
}
