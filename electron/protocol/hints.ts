/** What is said once, until a person has understood it. */
export const hints = ["no-tray", "no-notifications"] as const;

export type Hint = (typeof hints)[number];
