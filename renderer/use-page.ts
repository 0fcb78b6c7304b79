import { useEffect, useState } from "preact/hooks";
import type { Page } from "../electron/protocol/pages.ts";
import { evercred } from "./bridge.ts";

/**
 * The page that is shown, which the reader chooses, or whoever opened the window; and the way to another one. Undefined
 * until it is known: another page than the one that is wanted would be drawn for nothing.
 */
export const usePage = (): readonly [Page | undefined, (page: Page) => void] => {
  const [page, setPage] = useState<Page>();
  useEffect(() => {
    const stop = evercred.onPageWanted(setPage);
    void evercred.page().then((reply) => {
      const wanted = reply.kind === "done" ? reply.value : undefined;
      setPage((already) => already ?? wanted ?? "home");
    });
    return stop;
  }, []);
  return [page, setPage];
};
