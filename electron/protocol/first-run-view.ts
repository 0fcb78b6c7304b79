/** What the first run shows besides the rest of the picture. It is there until it is finished. */
export interface FirstRunView {
  /** The settings that an organisation has fixed: `network.caFiles`. */
  readonly forced: readonly string[];
}

/** Where the user's terminals work otherwise than Evercred. */
export interface DifferenceView {
  readonly variable: string;
  readonly sentence: string;
  /** What to do where it cannot be saved with a click. */
  readonly remedy: string;
  readonly canSave: boolean;
}
