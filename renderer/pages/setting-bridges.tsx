import type { JSX } from "preact";
import type { Reply } from "../../electron/protocol/ipc.ts";
import type { BridgeView } from "../../electron/protocol/settings-view.ts";
import { agoLine, clockTime } from "../../electron/protocol/times.ts";
import { TroubleNote } from "../trouble.tsx";
import { useCall } from "../use-call.ts";
import { useWords } from "../words-context.ts";

/** The bridges that are there; each can be ended at once. */
export const Bridges = ({
  bridges,
  now,
  onEnd,
}: {
  readonly bridges: readonly BridgeView[];
  readonly now: number;
  readonly onEnd: (name: string) => Promise<Reply<void>>;
}): JSX.Element => {
  const words = useWords();
  const { settings } = words.texts;
  const { trouble, run } = useCall();
  return (
    <section class="bridges" aria-labelledby="bridges">
      <h3 id="bridges">{settings.bridges}</h3>
      <p class="muted">{settings.bridgesAre}</p>
      {bridges.length === 0 && <p class="muted">{settings.noBridges}</p>}
      <ul>
        {bridges.map(({ name, allow, endsAt, lastUsedAt }) => (
          <li key={name} class="setting">
            <div class="naming">
              <span id={`bridge-${name}`}>{name}</span>
              <p class="target">{allow.join(", ")}</p>
              <p class="muted">
                {settings.bridgeUntil({ time: clockTime(endsAt, now, words) })}
                {" · "}
                {lastUsedAt === undefined
                  ? settings.bridgeNotUsed
                  : settings.bridgeUsed({ ago: agoLine(lastUsedAt, now, words) })}
              </p>
            </div>
            <button
              type="button"
              aria-label={`${settings.endBridge}: ${name}`}
              onClick={() => {
                run(onEnd(name));
              }}
            >
              {settings.endBridge}
            </button>
          </li>
        ))}
      </ul>
      <div role="alert" class="wrong">
        {trouble !== undefined && <TroubleNote {...trouble} />}
      </div>
    </section>
  );
};
