import type { Broker } from "../core/broker.ts";
import { EvercredError } from "../core/errors.ts";
import type { Session } from "../core/session.ts";
import type { AccountView, Reply } from "../protocol/ipc.ts";
import { replyOf } from "./actions.ts";

/** What a person can add in the window: an organisation, a role as a profile. None rejects. */
export interface Additions {
  accounts(source: string): Promise<Reply<readonly AccountView[]>>;
  roles(source: string, account: string): Promise<Reply<readonly string[]>>;
  addOrganisation(startUrl: string, region: string): Promise<Reply<string>>;
  addProfile(source: string, account: string, role: string, name: string): Promise<Reply<void>>;
}

/** Writes the AWS configuration, and resolves once what was written can be asked for. */
export interface Writer {
  addOrganisation(organisation: {
    readonly name: string | undefined;
    readonly startUrl: string;
    readonly region: string;
  }): Promise<string>;
  addProfiles(
    source: string,
    profiles: readonly {
      readonly name: string;
      readonly account: string;
      readonly role: string;
      readonly region: string | undefined;
    }[],
  ): Promise<void>;
}

export const additionsOf = (broker: Pick<Broker, "session">, writer: Writer): Additions => {
  const sessionOf = (id: string): Session => {
    const session = broker.session(id);
    if (session === undefined) throw new EvercredError("unknown-name");
    return session;
  };
  return {
    accounts: (source) =>
      replyOf(async () => {
        const accounts = await sessionOf(source).accounts();
        return accounts.map(({ id, name }) => ({ id, name }));
      }),
    roles: (source, account) => replyOf(() => sessionOf(source).roles(account)),
    addOrganisation: (startUrl, region) =>
      replyOf(() => writer.addOrganisation({ name: undefined, startUrl, region })),
    addProfile: (source, account, role, name) =>
      replyOf(async () => {
        await writer.addProfiles(source, [{ name, account, role, region: undefined }]);
      }),
  };
};
