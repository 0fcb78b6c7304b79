/** What main was asked for by the page, the oldest first. To be imported before the page, which looks for main as it loads. */
export const asked: string[] = [];

const evercred = new Proxy(
  {},
  {
    get: (_target, name) => (detail: unknown) => {
      asked.push(`${String(name)} ${String(detail)}`);
      return new Promise(() => undefined);
    },
  },
);

Object.assign(globalThis, { window: { evercred } });
