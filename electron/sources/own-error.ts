import { EvercredError } from "../core/errors.ts";

/** The EvercredError that a library has wrapped; undefined where the provider itself has said no. */
export const ownErrorIn = (thrown: unknown): EvercredError | undefined => {
  for (let error = thrown; error instanceof Error; error = error.cause) {
    if (error instanceof EvercredError) return error;
  }
  return undefined;
};
