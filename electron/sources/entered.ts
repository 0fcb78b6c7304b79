import type { Secret } from "../core/secret.ts";

/** What a person enters first; rejects with the signal's reason where that comes before it. */
export const firstEntered = (
  ask: (submit: (secret: Secret) => void) => void,
  signal: AbortSignal,
): Promise<Secret> =>
  new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
    ask(resolve);
  });
