/**
 * The changes that no test notices, as a list that is checked: survivors.md has a section for each reason and in it, below the
 * name of each file, the places. A place is told by its code, not by its line, so that it stays the same while others change.
 */

/** A place as the list has it: what the change is called, the line with ‹what is changed›, and what comes instead. */
const placeOf = (source, { mutatorName, location: { start, end }, replacement }) => {
  const line = source.split("\n")[start.line - 1];
  const isOneLine = start.line === end.line;
  const part = isOneLine
    ? line.slice(start.column - 1, end.column - 1)
    : line.slice(start.column - 1);
  const after = isOneLine ? line.slice(end.column - 1) : "";
  const marked = `${line.slice(0, start.column - 1)}‹${part}${isOneLine ? "" : " …"}›${after}`;
  return `${mutatorName}: ${marked.trim()} → ${replacement.replaceAll(/\s+/g, " ")}`;
};

/** The survivors in Stryker's results, `FILE PLACE` each; a file that is not `wanted` has none. */
export const survivorsIn = (results, wanted = () => true) =>
  Object.entries(results.files)
    .filter(([file]) => wanted(file))
    .flatMap(([file, { source, mutants }]) =>
      mutants
        .filter(({ status }) => status === "Survived" || status === "NoCoverage")
        .map((mutant) => ({ file, place: placeOf(source, mutant) })),
    );

/** The list. Throws where a place has no file, or a section no reason. */
export const listed = (text) => {
  const places = [];
  let file;
  let hasReason = true;
  for (const line of text.split("\n")) {
    const [, named] = /^(electron\/\S+\.ts):$/.exec(line) ?? [];
    if (line.startsWith("## ")) {
      [file, hasReason] = [undefined, false];
    } else if (named !== undefined) {
      if (!hasReason) throw new Error(`survivors.md gives no reason for what is in ${named}.`);
      file = named;
    } else if (line.startsWith("    ")) {
      if (file === undefined) throw new Error(`survivors.md has no file for: ${line.trim()}`);
      places.push({ file, place: line.trim() });
    } else if (line !== "") hasReason = true;
  }
  return places;
};

/** Those of `some` that `others` have not got, each as often as it is there more often. */
export const missing = (some, others) => {
  const left = new Map();
  for (const { file, place } of others) {
    const key = `${file}\n${place}`;
    left.set(key, (left.get(key) ?? 0) + 1);
  }
  return some.filter(({ file, place }) => {
    const key = `${file}\n${place}`;
    const count = left.get(key) ?? 0;
    left.set(key, count - 1);
    return count <= 0;
  });
};

/** Places as they stand in the list. */
export const shown = (places) =>
  [...new Set(places.map(({ file }) => file))]
    .map((name) => {
      const own = places.filter(({ file }) => file === name);
      return `${name}:\n\n${own.map(({ place }) => `    ${place}\n`).join("")}`;
    })
    .join("\n");

/**
 * Stryker's results without the survivors that count while modules are loaded: nobody knows which tests meet those, so that
 * Stryker would take them for the same whatever test is new.
 */
export const withoutStaticSurvivors = (results) => {
  const isKept = ({ static: isStatic, status }) => isStatic !== true || status !== "Survived";
  const files = Object.entries(results.files).map(([file, result]) => [
    file,
    { ...result, mutants: result.mutants.filter(isKept) },
  ]);
  return { ...results, files: Object.fromEntries(files) };
};
