import type { Grant } from "../../electron/core/credential.ts";
import type { SharedPlace } from "../../electron/core/source.ts";
import { grantOf, ticketOf } from "./provider.ts";

/** A file that other tools read and write too. */
export class FakeSharedPlace implements SharedPlace {
  writable = true;
  /** No call is ever answered, as on a network drive that is gone. */
  hanging = false;
  /** Called before each look is answered. */
  onLook: () => void = () => undefined;
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
    if (known !== undefined && accessOf(known) === accessOf(content)) return { kind: "known" };
    return { kind: "foreign", grant: keep ? content : withoutRefresh(content) };
  }

  async publish(grant: Grant): Promise<void> {
    await this.#answer();
    if (!this.writable) return;
    this.published += 1;
    this.#content = withoutRefresh(grant);
  }

  async withdraw(only: Grant | undefined): Promise<void> {
    this.onWithdraw();
    await this.#answer();
    if (!this.writable || this.#content === undefined) return;
    if (only === undefined || accessOf(only) === accessOf(this.#content)) this.#content = undefined;
  }

  #answer(): Promise<void> {
    return this.hanging ? new Promise(() => undefined) : Promise.resolve();
  }
}

const accessOf = (grant: Grant): string => ticketOf(grant.saved).access;

/** The same sign-in as other tools may have it: nothing that renews it. */
const withoutRefresh = (grant: Grant): Grant =>
  grant.renewable ? grantOf({ ...ticketOf(grant.saved), refresh: undefined }) : grant;
