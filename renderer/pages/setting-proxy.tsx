import type { JSX } from "preact";
import type { PacChoice, SettingValue } from "../../electron/protocol/settings-view.ts";
import { useWords } from "../words-context.ts";
import { Choice, type ControlProps, Line } from "./setting-controls.tsx";
import { useDraft } from "./use-typed.ts";

const ways = ["auto", "system", "none", "url", "pac"] as const;

type Way = (typeof ways)[number];

/** Which proxy is used: one of the words, an address, or a file that says so. */
export const Proxy = (props: ControlProps<string | PacChoice>): JSX.Element => {
  const { texts } = useWords();
  const { id, value, isLocked, describedBy, onSet } = props;
  const set = wayOf(value);
  // Until there is an address nothing is set.
  const [chosen, setChosen] = useDraft<Way>(set);
  const way = chosen ?? set;
  const choose = (next: SettingValue | undefined): void => {
    const wanted = ways.find((each) => each === next) ?? "auto";
    setChosen(wanted);
    if (wanted !== "url" && wanted !== "pac") onSet(wanted);
  };
  return (
    <div class="parts">
      <Choice
        id={id}
        value={way}
        options={ways.map((each) => [each, texts.settings.proxies[each]])}
        isLocked={isLocked}
        describedBy={describedBy}
        onSet={choose}
      />
      {(way === "url" || way === "pac") && (
        <label class="part">
          <span>{way === "url" ? texts.settings.proxyUrl : texts.settings.pacUrl}</span>
          <Line
            key={way}
            id={`${id}-${way}`}
            value={way === set ? addressOf(value) : ""}
            placeholder={
              way === "url" ? "http://proxy.example.com:3128" : "https://example.com/proxy.pac"
            }
            isLocked={isLocked}
            describedBy={describedBy}
            onSet={(address) => {
              if (typeof address !== "string") return;
              onSet(way === "url" ? address : { pac: address });
            }}
          />
        </label>
      )}
    </div>
  );
};

const wayOf = (value: string | PacChoice | undefined): Way => {
  if (value === undefined) return "auto";
  if (typeof value !== "string") return "pac";
  return ways.find((each) => each === value) ?? "url";
};

const addressOf = (value: string | PacChoice | undefined): string =>
  typeof value === "string" ? value : (value?.pac ?? "");
