/** What the desktop around the app can do. */
export interface DeskView {
  /** Whether notifications reach anybody, as far as is known: where not, the icon and the window ask instead. */
  readonly notifies: boolean;
  /** Whether the desktop shows the tray icon. */
  readonly tray: "shown" | "absent" | "unknown";
}
