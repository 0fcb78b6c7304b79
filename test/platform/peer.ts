import { join } from "node:path";
import { buildPeer } from "../../scripts/build-shim.mjs";

/** The path of the addon that tells peers, compiled where it is not yet. */
export const builtPeer = async (): Promise<string> => {
  const file = join(import.meta.dirname, "../../node_modules/.cache/peer-under-test/peer.node");
  await buildPeer(file);
  return file;
};
