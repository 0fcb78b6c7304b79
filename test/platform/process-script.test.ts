import { describe, expect, test } from "vitest";
import { programName } from "../../electron/platform/process-name.ts";
import {
  interpreterWork,
  isShell,
  shellWork,
  type Work,
} from "../../electron/platform/process-script.ts";

const script = (word: string): Work => ({ kind: "script", word });
const commands: Work = { kind: "commands" };
const untold: Work = { kind: "untold" };

const input: Work = { kind: "input" };

describe("a shell is given", () => {
  test.each<readonly [string, Work]>([
    ["sh", input],
    ["-bash", input],
    ["bash -il", input],
    ["bash --login", input],
    ["bash --init-file /usr/share/code/integration.sh -i", input],
    ["bash --rcfile a.sh b.sh", script("b.sh")],
    ["bash --norc --noprofile a.sh", script("a.sh")],
    ["sh -c x", commands],
    ["sh -ec x", commands],
    ["bash -c -l x", commands],
    ["zsh -ilc x", commands],
    ["ksh93 -c x", commands],
    ["bash-static -c x", commands],
    ["tcsh -fc x", commands],
    ["sh -s a.sh", input],
    ["sh -es a.sh", input],
    ["fish --command=x", commands],
    ["fish --command x", commands],
    ["fish -ic x", commands],
    ["fish -C x a.fish", untold],
    ["fish --init-command x a.fish", script("a.fish")],
    ["fish --no-config a.fish", script("a.fish")],
    ["sh a.sh -c", script("a.sh")],
    ["sh -x a.sh", script("a.sh")],
    ["bash -euo pipefail a.sh", script("a.sh")],
    ["bash -O extglob a.sh", script("a.sh")],
    ["bash +o posix a.sh", script("a.sh")],
    ["bash -- -c", script("-c")],
    ["bash - a.sh", script("a.sh")],
    ["bash build", script("build")],
    ["bash --", input],
  ])("%s", (line, work) => {
    expect(workOf(line)).toEqual(work);
  });
});

describe("a shell's options that may lead to another script are not guessed at", () => {
  test.each([
    // One hyphen is enough for bash's long options: none of these is `-c` or `-s`.
    "bash -norc a.sh",
    "bash -posix a.sh",
    "bash -restricted a.sh",
    "bash -noprofile a.sh",
    "bash -rcfile a.sh b.sh",
    "bash -init-file a.sh b.sh",
    "bash --dump-strings a.sh",
    "dash -posix a.sh",
    "zsh --emulate a.sh b.sh",
    "zsh -o shinstdin a.sh",
    "dash -o stdin a.sh",
    "zsh -O a.sh b.sh",
    "zsh -b -c",
    "mksh -T a.sh b.sh",
    "fish -p a.fish b.fish",
    "fish -f a.fish b.fish",
    "fish - a.fish",
    "tcsh -b a.csh",
  ])("%s", (line) => {
    expect(workOf(line)).toEqual(untold);
  });
});

const workOf = (line: string): Work => {
  const words = line.split(" ");
  return shellWork(words[0]!.replace(/^-/u, ""), words);
};

describe("an interpreter is given", () => {
  test.each<readonly [string, string, Work | undefined]>([
    ["python3.11", "python3 a.py -c x", script("a.py")],
    ["python3", "python3 -uB -W error -Xdev -X importtime a.py", script("a.py")],
    ["python3", "python3 -Wignore a.py", script("a.py")],
    ["python3", "python3", untold],
    ["python3", "python3 -", untold],
    ["python3", "python3 -c x", untold],
    ["python3", "python3 -uc x", untold],
    ["python3", "python3 -i a.py", untold],
    ["python3", "python3 -ui a.py", untold],
    ["python3", "python3 -m awscli a.py", { kind: "module", name: "awscli" }],
    ["python3", "python3 -m", untold],
    ["pypy3.10-c", "pypy3 a.py", undefined],
    ["pypy3", "pypy3 -u a.py", script("a.py")],
    ["node", "node a.js", script("a.js")],
    ["nodejs", "node --enable-source-maps --max-old-space-size=4096 a.js", script("a.js")],
    ["node", "node -- -a.js", script("-a.js")],
    ["node", "node -m a.js", untold],
    ["node", "node --require ./b.js a.js", untold],
    ["node", "node --import=./b.js a.js", untold],
    ["node", "node -e x", untold],
    ["node", "claude", untold],
    ["bun", "bun run a.ts", script("a.ts")],
    ["deno", "deno run -A --allow-net=x a.ts", script("a.ts")],
    ["deno", "deno eval x", script("eval")],
    ["ruby3.1", "ruby -w a.rb", script("a.rb")],
    ["ruby", "ruby -r./b a.rb", untold],
    ["perl", "perl -wT a.pl", script("a.pl")],
    ["perl", "perl -ne x a", untold],
    ["php8.2", "php -f a.php", script("a.php")],
    ["java", "java -Xmx2g -Da.b=c -jar a.jar", script("a.jar")],
    ["java", "java -javaagent:b.jar -jar a.jar", untold],
    ["java", "java -cp b.jar com.example.Main", untold],
    ["electron30", "electron app.asar", script("app.asar")],
    ["pwsh", "pwsh -Command x", untold],
    ["ld-linux-x86-64.so.2", "ld.so /usr/bin/aws", script("/usr/bin/aws")],
    ["ld-musl-x86_64.so.1", "ld.so --preload b.so a", untold],
    ["R", "R a.R", undefined],
    ["aws", "aws a.py", undefined],
    ["constructor", "constructor a.py", undefined],
  ])("by the name %s: %s", (name, line, work) => {
    expect(interpreterWork(name, line.split(" "))).toEqual(work);
  });
});

test.each([
  ...["sh", "ash", "bash", "rbash", "dash", "fish", "ksh", "ksh93", "mksh", "mksh-static", "yash"],
  ...["tcsh", "csh", "zsh", "zsh-5.9"],
])("%s is a shell", (name) => {
  expect(isShell(name)).toBe(true);
  expect(isShell(`${name}x`)).toBe(false);
  expect(isShell(`x${name}`)).toBe(false);
});

test.each([
  ["/usr/bin/aws", "aws"],
  ["/home/ann/.local/share/claude/versions/2.0.14", "claude"],
  ["/opt/tool/v1.2.3-beta.1", "tool"],
  ["/usr/lib/node_modules/@anthropic-ai/claude-code/cli.js", "claude-code"],
  ["/home/ann/a/node_modules/b/node_modules/c/bin/c.js", "c"],
  ["/home/ann/a/node_modules/.bin/tool", "tool"],
  ["/home/ann/node_modules/tool", "tool"],
  ["/home/ann/deploy/__main__.py", "deploy"],
  ["/usr/bin/python3.11", "python3.11"],
  ["/1.2/3", "3"],
])("people call %s %s", (path, name) => {
  expect(programName(path)).toBe(name);
});
