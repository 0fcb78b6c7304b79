import { useEffect, useState } from "preact/hooks";
import type { Picture } from "../electron/protocol/picture.ts";
import { evercred } from "./bridge.ts";

/** A picture, and the instant that it is at: main's clock, carried on by ours. */
export interface Drawn {
  readonly picture: Picture;
  readonly now: number;
}

interface Received {
  readonly picture: Picture;
  readonly receivedAt: number;
}

/** The last picture that was pushed; undefined before the first. Its clock goes on by itself, so often, in milliseconds. */
export const usePicture = (everyMsOf: (picture: Picture) => number): Drawn | undefined => {
  const [received, setReceived] = useState<Received>();
  const [tick, setTick] = useState(() => Date.now());

  useEffect(() => {
    const take = (picture: Picture): void => {
      const receivedAt = Date.now();
      setTick(receivedAt);
      setReceived({ picture, receivedAt });
    };
    const stop = evercred.onPictureChanged(take);
    void evercred.picture().then((reply) => {
      if (reply.kind === "done") take(reply.value);
    });
    return stop;
  }, []);

  const everyMs = received === undefined ? undefined : everyMsOf(received.picture);
  useEffect(() => {
    if (everyMs === undefined) return undefined;
    const timer = setInterval(() => {
      setTick(Date.now());
    }, everyMs);
    return () => {
      clearInterval(timer);
    };
  }, [everyMs]);

  if (received === undefined) return undefined;
  const { picture, receivedAt } = received;
  return { picture, now: picture.at + (tick - receivedAt) };
};
