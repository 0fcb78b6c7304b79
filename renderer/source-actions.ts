import { mayHaveBrowser } from "../electron/protocol/browser-view.ts";
import { signInLabel, signOutLabel } from "../electron/protocol/labels.ts";
import type { OfferView } from "../electron/protocol/view.ts";
import type { Words } from "../electron/protocol/words.ts";
import type { MenuItem } from "./menu-button.tsx";
import type { SourceCardProps } from "./source-card.tsx";
import { isOneKey, nameOf, usedOffers } from "./words.ts";

/** What can be done about a source, the likeliest first: its menu. */
export const actionsAt = (
  { source, deeds, onOpen }: Pick<SourceCardProps, "source" | "deeds" | "onOpen">,
  words: Words,
): readonly MenuItem[] => {
  const { id, standing, unattended, isEntered, hasDirectory } = source;
  const { card } = words.texts;
  const isActive = standing.kind === "active";
  const items: MenuItem[] = [];
  const offer = (label: string, onChoose: () => void): void => {
    items.push({ label, onChoose });
  };
  if (!unattended) offer(signInLabel(source, words), () => deeds.signIn(id));
  if (isOneKey(source) && isActive) {
    offer(card.test, () => onOpen({ kind: "test-key", source: id }));
  }
  const latest = usedOffers(source)[0] ?? source.offers[0];
  if (latest !== undefined) offerUses(latest);
  if (hasDirectory && isActive) {
    offer(card.addProfile, () => onOpen({ kind: "profile", source: id }));
  }
  if (!unattended && standing.kind !== "signed-out") {
    offer(signOutLabel(source, words), () => {
      if (isEntered) onOpen({ kind: "forget", source: id });
      else deeds.signOut(id);
    });
  }
  if (mayHaveBrowser(source)) {
    offer(card.browser, () => onOpen({ kind: "browser", source: id }));
  }
  offer(card.details, () => onOpen({ kind: "details", source: id }));
  return items;

  function offerUses(use: OfferView): void {
    const name = nameOf(use);
    if (isActive && isForConsole(use)) {
      offer(card.openConsoleFor({ name }), () => deeds.openConsole(id, use.target));
    }
    offer(words.texts.menu.copyCommandForOne({ name }), () => deeds.copyCommand(id, use.target));
  }
};

/** Whether the AWS console can be opened with what this hands out. */
export const isForConsole = ({ target }: OfferView): boolean => target.startsWith("aws:");
