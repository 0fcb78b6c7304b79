import { Blob } from "node:buffer";
import { webcrypto } from "node:crypto";
import diagnostics from "node:diagnostics_channel";

/*
 * What newer Nodes have and the Node of Electron 25 (18.15) has not; libraries expect it. Each is defined only
 * where it is missing, so nothing changes on a newer one. To be imported before any library.
 */

const fillIn = (owner: object, name: PropertyKey, value: unknown): void => {
  if (Reflect.has(owner, name)) return;
  Object.defineProperty(owner, name, { value, writable: true, configurable: true });
};

class CustomEventFillIn<T> extends Event {
  readonly detail: T | null;

  constructor(
    type: string,
    init: ConstructorParameters<typeof Event>[1] & { readonly detail?: T } = {},
  ) {
    super(type, init);
    this.detail = init.detail ?? null;
  }
}

class FileFillIn extends Blob {
  readonly name: string;
  readonly lastModified: number;

  constructor(
    parts: ConstructorParameters<typeof Blob>[0],
    name: string,
    options: ConstructorParameters<typeof Blob>[1] & { readonly lastModified?: number } = {},
  ) {
    super(parts, options);
    this.name = name;
    this.lastModified = options.lastModified ?? Date.now();
  }
}

/** Aborted as soon as one of the signals is, with its reason. */
const anyAborted = (signals: Iterable<AbortSignal>): AbortSignal => {
  const controller = new AbortController();
  const all = [...signals];
  const stop = (event: Event): void => {
    for (const signal of all) signal.removeEventListener("abort", stop);
    if (event.target instanceof AbortSignal) controller.abort(event.target.reason);
  };
  const aborted = all.find((signal) => signal.aborted);
  if (aborted !== undefined) controller.abort(aborted.reason);
  else for (const signal of all) signal.addEventListener("abort", stop);
  return controller.signal;
};

const withResolvers = <T>(): {
  promise: Promise<T>;
  resolve: (value: T | PromiseLike<T>) => void;
  reject: (reason: unknown) => void;
} => {
  let resolve: (value: T | PromiseLike<T>) => void = () => undefined;
  let reject: (reason: unknown) => void = () => undefined;
  const promise = new Promise<T>((fulfil, refuse) => {
    resolve = fulfil;
    reject = refuse;
  });
  return { promise, resolve, reject };
};

const arrayFromAsync = async <T, R>(
  items: AsyncIterable<T> | Iterable<T | PromiseLike<T>> | ArrayLike<T | PromiseLike<T>>,
  map?: (item: T, index: number) => R,
): Promise<(T | Awaited<R>)[]> => {
  const list: (T | Awaited<R>)[] = [];
  const source =
    Symbol.asyncIterator in items || Symbol.iterator in items ? items : Array.from(items);
  for await (const item of source) {
    list.push(map === undefined ? item : await map(item, list.length));
  }
  return list;
};

const canParse = (url: string, base?: string): boolean => {
  try {
    return new URL(url, base).href !== "";
  } catch {
    return false;
  }
};

/** The five channels of something traced: nobody publishes unless somebody listens. */
const tracingChannel = (name: string): Readonly<Record<string, unknown>> => {
  const stages = ["start", "end", "asyncStart", "asyncEnd", "error"].map(
    (stage) => [stage, diagnostics.channel(`tracing:${name}:${stage}`)] as const,
  );
  return {
    ...Object.fromEntries(stages),
    get hasSubscribers() {
      return stages.some(([, channel]) => channel.hasSubscribers);
    },
  };
};

fillIn(globalThis, "crypto", webcrypto);
fillIn(diagnostics, "tracingChannel", tracingChannel);
fillIn(globalThis, "CustomEvent", CustomEventFillIn);
fillIn(globalThis, "File", FileFillIn);
fillIn(AbortSignal, "any", anyAborted);
fillIn(Symbol, "dispose", Symbol.for("Symbol.dispose"));
fillIn(Symbol, "asyncDispose", Symbol.for("Symbol.asyncDispose"));
fillIn(Promise, "withResolvers", withResolvers);
fillIn(Array, "fromAsync", arrayFromAsync);
fillIn(URL, "canParse", canParse);
