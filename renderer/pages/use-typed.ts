import { useState } from "preact/hooks";

/**
 * What a reader has begun over what is set, as text. It is forgotten once another thing is set: also where the first is
 * set again later, by whomever. The second takes what is begun.
 */
export const useDraft = <Draft>(
  set: string,
): readonly [Draft | undefined, (draft: Draft | undefined) => void] => {
  const [begun, begin] = useState<{ readonly draft: Draft; readonly over: string }>();
  if (begun !== undefined && begun.over !== set) begin(undefined);
  return [
    begun?.over === set ? begun.draft : undefined,
    (draft) => {
      begin(draft === undefined ? undefined : { draft, over: set });
    },
  ];
};

/**
 * What stands in a field: what is being typed, until what was set there before is another thing. The second takes what
 * is typed.
 */
export const useTyped = (set: string): readonly [string, (text: string) => void] => {
  const [typed, type] = useDraft<string>(set);
  return [typed ?? set, type];
};
