import { createClient, type Message, type MessageBus } from "dbus-native";

/** How long one call may take, in milliseconds: whoever answers is on this computer. */
const callMs = 2_000;

/** How soon a bus that is gone is looked for again, in milliseconds; after each failure twice as late, up to the second. */
const firstRetryMs = 1_000;
const longestRetryMs = 5 * 60_000;

/** No service is started by being asked: what does not run has nothing to tell. */
const noAutoStart = 2;

const busName = "org.freedesktop.DBus";

/** One interface of one object. */
export interface BusObject {
  readonly service: string;
  readonly path: string;
  readonly interface: string;
}

/** One method of one object. */
export interface BusCall extends BusObject {
  readonly member: string;
  readonly signature?: string;
  readonly body?: readonly unknown[];
}

/** A service whose state somebody keeps up to date. */
export interface Followed {
  readonly service: string;
  /** The interfaces whose signals mean a change. */
  readonly interfaces: readonly string[];
  /** The bus is there, the service has come or gone, or it has said that something has changed. */
  readonly changed: () => void;
  /** The bus is gone. */
  readonly lost: () => void;
}

/** A message bus of the desktop or the system, which may be missing, dead, or restarted at any time. */
export class Bus {
  readonly #address: string | undefined;
  readonly #followed = new Set<Followed>();
  #client: MessageBus | undefined;
  #isGreeted = false;
  #failures = 0;
  #retry: NodeJS.Timeout | undefined;
  #isClosed = false;

  /** `address`: as D-Bus writes it; undefined where there is no bus. */
  constructor(address: string | undefined) {
    // The library takes an empty one for that of the session.
    this.#address = address === "" ? undefined : address;
  }

  /** Tells of a service's changes, the first of them at once, until the returned function is called. */
  follow(followed: Followed): () => void {
    this.#followed.add(followed);
    if (this.#address === undefined) followed.lost();
    else if (this.#isGreeted) void this.#begin(followed);
    else this.#open();
    return () => this.#followed.delete(followed);
  }

  /** The values of the reply. Rejects where there is none in time. */
  async call(asked: BusCall): Promise<readonly unknown[]> {
    if (this.#client === undefined) throw new Error("there is no bus");
    return replyOf(this.#client, asked);
  }

  /** The value of a property. Rejects as `call` does. */
  async property(object: BusObject, name: string): Promise<unknown> {
    const [value] = await this.call({
      ...object,
      interface: "org.freedesktop.DBus.Properties",
      member: "Get",
      signature: "ss",
      body: [object.interface, name],
    });
    return value;
  }

  /** Whether somebody answers under this name. Rejects as `call` does. */
  async hasOwner(service: string): Promise<boolean> {
    const [has] = await this.call({
      ...theBus,
      member: "NameHasOwner",
      signature: "s",
      body: [service],
    });
    return has === true;
  }

  /** Whether somebody would be started who answers under this name. Rejects as `call` does. */
  async isStartable(service: string): Promise<boolean> {
    const [names] = await this.call({ ...theBus, member: "ListActivatableNames" });
    return Array.isArray(names) && names.includes(service);
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#retry);
    this.#followed.clear();
    this.#client?.connection.stream.destroy();
  }

  #open(): void {
    const address = this.#address;
    if (address === undefined || this.#isClosed || this.#client !== undefined) return;
    clearTimeout(this.#retry);
    try {
      // `direct`: where the library's own greeting is not answered it throws at nobody, which ends the process.
      this.#client = createClient({
        busAddress: address,
        authMethods: ["EXTERNAL"],
        direct: true,
        timeout: callMs,
      });
    } catch {
      this.#openLater();
      return;
    }
    void this.#greet(this.#client);
  }

  async #greet(client: MessageBus): Promise<void> {
    const { connection } = client;
    // The close comes after each error, and is what counts.
    connection.on("error", () => connection.stream.destroy());
    // It is about a message that is not what its sender has promised.
    connection.on("handlerError", () => undefined);
    connection.on("close", () => {
      this.#drop(client);
    });
    try {
      await replyOf(client, { ...theBus, member: "Hello" });
    } catch {
      connection.stream.destroy();
      return;
    }
    connection.on("message", (message) => {
      this.#hear(message);
    });
    this.#isGreeted = true;
    this.#failures = 0;
    for (const followed of this.#followed) void this.#begin(followed);
  }

  #drop(client: MessageBus): void {
    if (this.#client !== client) return;
    this.#client = undefined;
    this.#isGreeted = false;
    this.#openLater();
  }

  #openLater(): void {
    for (const { lost } of this.#followed) lost();
    if (this.#isClosed) return;
    const waitMs = Math.min(longestRetryMs, firstRetryMs * 2 ** this.#failures);
    this.#failures += 1;
    this.#retry = setTimeout(() => {
      this.#open();
    }, waitMs).unref();
  }

  async #begin({ service, interfaces, changed }: Followed): Promise<void> {
    const rules = [
      ...interfaces.map((name) => `type='signal',sender='${service}',interface='${name}'`),
      `type='signal',sender='${busName}',interface='${busName}',member='NameOwnerChanged',arg0='${service}'`,
    ];
    try {
      for (const rule of rules) {
        await this.call({ ...theBus, member: "AddMatch", signature: "s", body: [rule] });
      }
    } catch {
      // What is not told of is at least read once.
    }
    changed();
  }

  #hear({ type, interface: name, body }: Message): void {
    if (type !== signalType || name === undefined) return;
    for (const { service, interfaces, changed } of this.#followed) {
      const isOwner = name === busName && body?.[0] === service;
      if (isOwner || interfaces.includes(name)) changed();
    }
  }
}

/** The address of the system's bus. An empty variable says nothing, as with D-Bus's own library. */
export const systemBusAddress = (env: NodeJS.ProcessEnv): string =>
  env["DBUS_SYSTEM_BUS_ADDRESS"] || "unix:path=/run/dbus/system_bus_socket";

/** The address of this login's bus; undefined where nothing tells. */
export const sessionBusAddress = (env: NodeJS.ProcessEnv): string | undefined => {
  const runtime = env["XDG_RUNTIME_DIR"];
  return (
    env["DBUS_SESSION_BUS_ADDRESS"] ||
    (runtime === undefined ? undefined : `unix:path=${runtime}/bus`)
  );
};

const signalType = 4;

const theBus = { service: busName, path: "/org/freedesktop/DBus", interface: busName } as const;

const replyOf = (client: MessageBus, asked: BusCall): Promise<readonly unknown[]> =>
  new Promise((resolve, reject) => {
    const { service, path, member, signature, body } = asked;
    const message: Message = {
      destination: service,
      path,
      interface: asked.interface,
      member,
      flags: noAutoStart,
      ...(signature !== undefined && { signature, body: [...(body ?? [])] }),
    };
    client.invoke(message, { timeout: callMs }, (error: Error | null, ...values: unknown[]) => {
      if (error === null) resolve(values);
      else reject(error);
    });
  });
