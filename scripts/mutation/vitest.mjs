// What the tests that meet mutants take from vitest: its own assertions, and its words for tests, in whatever process imports them.
import {
  chai,
  getState,
  GLOBAL_EXPECT,
  JestAsymmetricMatchers,
  JestChaiExpect,
  setState,
} from "@vitest/expect";

chai.use(JestChaiExpect);
chai.use(JestAsymmetricMatchers);

export const expect = Object.assign((...words) => chai.expect(...words), chai.expect);
globalThis[GLOBAL_EXPECT] = expect;
setState({ ...getState(expect), assertionCalls: 0, environment: "node" }, expect);

/** The tests of all files, in their order: a name each, and what it does, with what comes before each of its group. */
export const tests = [];

let group = { names: [], before: [] };

/** Begins a file of tests. */
export function begin(file) {
  group = { names: [file], before: [] };
}

function add(title, ...words) {
  const act = words.find((word) => typeof word === "function");
  const { names, before } = group;
  const run = async () => {
    for (const each of before) await each();
    await act();
  };
  tests.push({ name: [...names, title].join(" > "), run });
}

function addGroup(title, addTests) {
  const outer = group;
  group = { names: [...outer.names, title], before: [...outer.before] };
  addTests();
  group = outer;
}

/** One for each row. The number makes its name another one. */
const eachBy =
  (addOne) =>
  (rows) =>
  (title, ...words) => {
    const act = words.find((word) => typeof word === "function");
    for (const [index, row] of rows.entries()) {
      addOne(`${title} (${index + 1})`, () => act(...(Array.isArray(row) ? row : [row])));
    }
  };

export const test = Object.assign(add, { each: eachBy(add) });
export const describe = Object.assign(addGroup, { each: eachBy(addGroup) });
export const beforeEach = (act) => {
  group.before.push(act);
};
