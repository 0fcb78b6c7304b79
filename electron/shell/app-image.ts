/**
 * The AppImage that this program runs from (`APPIMAGE` and `APPDIR` of its runtime); undefined where that is none. Who is
 * started from another program's terminal has that one's variables.
 */
export const ownImage = ({
  env,
  execPath,
}: Pick<NodeJS.Process, "env" | "execPath">): string | undefined => {
  const { APPIMAGE, APPDIR } = env;
  return APPDIR !== undefined && APPDIR !== "" && execPath.startsWith(`${APPDIR}/`)
    ? APPIMAGE
    : undefined;
};
