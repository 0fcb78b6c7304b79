import type { Grant } from "../../electron/core/credential.ts";
import type { SharedPlace } from "../../electron/core/source.ts";
import { grantOf, ticketOf } from "./provider.ts";

/** A file that other tools read and write too. */
export class FakeSharedPlace implements SharedPlace {
  writable = true;
  /** No call is ever answered, as on a network drive that is gone. */
  hanging = false;
  /** The moment of the next write at which the process is gone. */
  crash: "before-write" | "after-write" | undefined;
  /** Called before each look is answered. */
  onLook: () => void = () => undefined;
  /** Called before we write there. */
  onPublish: () => void = () => undefined;
  /** Called before we take away what stands there. */
  onWithdraw: () => void = () => undefined;
  /** How often we wrote there. */
  published = 0;
  #content: Grant | undefined;

  /** The grant that stands there. */
  get content(): Grant | undefined {
    return this.#content;
  }

  /** Another tool leaves a sign-in. */
  leave(grant: Grant): void {
    this.#content = grant;
  }

  /** Another tool signs out, or somebody cleans up. */
  remove(): void {
    this.#content = undefined;
  }

  async look(known: Grant | undefined, keep: boolean): ReturnType<SharedPlace["look"]> {
    await this.#answer();
    this.onLook();
    const content = this.#content;
    if (content === undefined) return { kind: "absent" };
    if (known !== undefined && this.isSame(known, content)) return { kind: "known" };
    const grant = this.asFound(content);
    return { kind: "foreign", grant: keep ? grant : withoutRefresh(grant) };
  }

  async publish(grant: Grant): Promise<boolean> {
    this.onPublish();
    const { crash } = this;
    this.crash = undefined;
    if (crash === "before-write") return never;
    await this.#answer();
    const next = this.written(grant);
    if (next === undefined) return false;
    if (next !== this.#content) {
      if (!this.writable) return false;
      this.published += 1;
      this.#content = next;
    }
    return crash === "after-write" ? never : true;
  }

  async withdraw(only: Grant | undefined): Promise<void> {
    this.onWithdraw();
    await this.#answer();
    if ((!this.writable && only === undefined) || this.#content === undefined) return;
    if (only === undefined || this.isSame(only, this.#content)) this.#content = undefined;
  }

  /** A sign-in that stands there, as it is read. */
  asFound(content: Grant): Grant {
    return content;
  }

  /** What has to stand there for this grant; undefined where it may not. */
  protected written(grant: Grant): Grant | undefined {
    return withoutRefresh(grant);
  }

  protected isSame(known: Grant, content: Grant): boolean {
    return ticketOf(known.saved).access === ticketOf(content.saved).access;
  }

  #answer(): Promise<void> {
    return this.hanging ? never : Promise.resolve();
  }
}

/**
 * A file of other tools in which they keep a person's sign-in: what renews it, and no access token. A rotated refresh
 * token is written back where the file still has the sign-in that it is of.
 */
export class FakeGrantFile extends FakeSharedPlace {
  /** All its times are when the person signed in: the file tells no other. */
  override asFound(content: Grant): Grant {
    const { signedInAt } = content;
    const ticket = ticketOf(content.saved);
    return grantOf({ ...ticket, issuedAt: signedInAt, expiresAt: signedInAt });
  }

  protected override written(grant: Grant): Grant | undefined {
    const { content } = this;
    if (content === undefined) return undefined;
    const { session, refresh = 0 } = ticketOf(content.saved);
    const next = ticketOf(grant.saved);
    if (next.session !== session || (next.refresh ?? 0) < refresh) return undefined;
    return next.refresh === refresh ? content : grant;
  }

  protected override isSame(known: Grant, content: Grant): boolean {
    const [ours, theirs] = [ticketOf(known.saved), ticketOf(content.saved)];
    return ours.session === theirs.session && ours.refresh === theirs.refresh;
  }
}

const never = new Promise<never>(() => undefined);

/** The same sign-in as other tools may have it: nothing that renews it. */
const withoutRefresh = (grant: Grant): Grant =>
  grant.renewable ? grantOf({ ...ticketOf(grant.saved), refresh: undefined }) : grant;
