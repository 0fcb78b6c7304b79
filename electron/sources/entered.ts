import type { Secret } from "../core/secret.ts";

/**
 * What a person enters first; rejects with the signal's reason where that comes before it. `submit` returns whether it
 * was in time, and the first.
 */
export const firstEntered = (
  ask: (submit: (secret: Secret) => boolean) => void,
  signal: AbortSignal,
): Promise<Secret> =>
  new Promise((resolve, reject) => {
    let isOpen = true;
    signal.addEventListener(
      "abort",
      () => {
        isOpen = false;
        reject(signal.reason as Error);
      },
      { once: true },
    );
    ask((secret) => {
      const counts = isOpen;
      isOpen = false;
      if (counts) resolve(secret);
      return counts;
    });
  });
