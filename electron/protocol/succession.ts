/** How a daemon that was replaced on the disk is followed by the one that is installed now. */
export interface Succession {
  /** Called before its door closes: from now on another one may be started. */
  begin(): void;
  /** Called last, once all is let go, and waited for. */
  end(): Promise<void> | void;
}
