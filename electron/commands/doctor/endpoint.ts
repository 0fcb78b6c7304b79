import type { PathFacts } from "../doctor-ports.ts";
import type { Check, Finding } from "./check.ts";
import { modeWord, pathLine, run } from "./words.ts";

const restart = "Run: evercred daemon restart";

/** Where shims look for the daemon: nobody else may come in there. */
export const endpointCheck: Check = {
  id: "endpoint",
  title: "Endpoint",
  async run({ inspector, running }) {
    const { directory, socket, noteFile, isNoted } = await inspector.endpoint();
    const evidence = [directory, ...(socket === undefined ? [] : [socket]), noteFile].map(pathLine);
    const findings = directoryFindings(directory);
    if (socket !== undefined) findings.push(...socketFindings(socket, running !== undefined));
    if (running !== undefined) findings.push(...noteFindings(noteFile, isNoted));
    return findings.length > 0
      ? findings
      : [{ id: "endpoint.fine", verdict: "ok", sentence: "Only you can reach it.", evidence }];
  },
};

const isLoose = ({ mode }: PathFacts, others = 0o077): boolean =>
  mode !== undefined && (mode & others) !== 0;

const directoryFindings = (directory: PathFacts): Finding[] => {
  const { path, kind, isOurs, isLink, mode } = directory;
  const evidence = [pathLine(directory)];
  if (kind === "missing") return [];
  if (kind !== "directory" || isLink || !isOurs) {
    const what = isLink ? "a link" : kind === "directory" ? "another user's" : "no directory";
    return [
      {
        id: "endpoint.directory",
        verdict: "failure",
        sentence: `${path} is ${what}, so no client goes there.`,
        evidence,
        remedy: "Remove it and start Evercred again.",
      },
    ];
  }
  if (!isLoose(directory)) return [];
  return [
    {
      id: "endpoint.directory-open",
      verdict: "failure",
      sentence: `Others can enter ${path} (mode ${modeWord(mode ?? 0)}), so no client goes there.`,
      evidence,
      remedy: run("chmod", "700", path),
    },
  ];
};

const socketFindings = (socket: PathFacts, isWanted: boolean): readonly Finding[] => {
  const { path, kind, mode } = socket;
  const evidence = [pathLine(socket)];
  if (kind === "missing" && !isWanted) return [];
  if (kind !== "socket") {
    return [
      {
        id: "endpoint.socket-gone",
        verdict: "failure",
        sentence: `${path} is not there: clients do not find the daemon.`,
        evidence,
        remedy: restart,
      },
    ];
  }
  if (!isLoose(socket)) return [];
  return [
    {
      id: "endpoint.socket-open",
      verdict: "failure",
      sentence: `Others have a right to ${path} (mode ${modeWord(mode ?? 0)}), so no client goes there.`,
      evidence,
      remedy: run("chmod", "600", path),
    },
  ];
};

const noteFindings = (noteFile: PathFacts, isNoted: boolean): readonly Finding[] => {
  const evidence = [pathLine(noteFile)];
  if (!isNoted) {
    return [
      {
        id: "endpoint.not-noted",
        verdict: "warning",
        sentence: `${noteFile.path} does not say where the daemon listens: cron and sudo do not find it.`,
        evidence,
        remedy: restart,
      },
    ];
  }
  if (!isLoose(noteFile)) return [];
  return [
    {
      id: "endpoint.note-open",
      verdict: "warning",
      sentence: `Others have a right to ${noteFile.path}, so clients do not believe it.`,
      evidence,
      remedy: run("chmod", "600", noteFile.path),
    },
  ];
};
