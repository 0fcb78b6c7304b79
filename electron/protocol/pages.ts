/** The pages of the window, in the order in which they are named. */
export const pages = ["home", "activity", "settings", "help"] as const;

/** What the window shows. */
export type Page = (typeof pages)[number];

/** The page of this name; undefined where there is none. */
export const pageNamed = (name: string): Page | undefined => pages.find((page) => page === name);
