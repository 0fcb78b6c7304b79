import { createReadStream } from "node:fs";
import { mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join, normalize } from "node:path";
import { run } from "./command.mjs";
import { keyringName, makeRepositories } from "./repositories.mjs";

/** As docs/it-deployment.md has an administrator put them. */
const keyring = "/etc/apt/keyrings/evercred-archive-keyring.gpg";
const source = "/etc/apt/sources.list.d/evercred.sources";
/** What apt says when it takes no list. */
const refusal = /is not signed|couldn't be verified|NO_PUBKEY|BADSIG|invalid signature/;

/**
 * A signed repository on this machine, which apt follows over loopback HTTP. `close` takes its entry from apt again.
 */
export class TrialRepository {
  #room;
  #key;
  #server;
  #port;
  /** What is given out, as a function of the path and what lies there. */
  #answer = (_, bytes) => bytes;

  /**
   * @param {string} room a folder for it
   * @param {import("./gpg.mjs").SigningKey} key
   */
  static async open(room, key) {
    if (await stat(source).catch(() => undefined)) {
      throw new Error(`${source} is there already. Remove it first.`);
    }
    const repository = new TrialRepository();
    repository.#room = room;
    repository.#key = key;
    await repository.#listen();
    return repository;
  }

  /** Publishes releases, in place of what was published. */
  publish(folders, key = this.#key) {
    return makeRepositories({ out: this.#out, folders, key, testBuild: true });
  }

  /** Has apt know the repository, and its own key as the only one that counts for it. */
  async follow() {
    await mkdir("/etc/apt/keyrings", { recursive: true });
    await writeFile(keyring, await readFile(join(this.#out, keyringName)), { mode: 0o644 });
    const lines = ["Types: deb", `URIs: http://127.0.0.1:${String(this.#port)}/apt`];
    lines.push("Suites: stable", "Components: main", `Signed-By: ${keyring}`, "");
    await writeFile(source, lines.join("\n"), { mode: 0o644 });
  }

  /** Reads its list, and that of nobody else. Throws a sentence where apt does not take it. */
  async update() {
    const only = [
      "Dir::Etc::sourcelist=sources.list.d/evercred.sources",
      "Dir::Etc::sourceparts=-",
    ];
    const rest = ["APT::Get::List-Cleanup=0", "Acquire::http::Proxy::127.0.0.1=DIRECT"];
    rest.push("DPkg::Lock::Timeout=120", "APT::Update::Error-Mode=any");
    const words = [...only, ...rest].flatMap((setting) => ["-o", setting]);
    const env = { ...process.env, LC_ALL: "C" };
    const { status, output } = await run("apt-get", [...words, "update"], { env });
    if (status !== 0 || refusal.test(output)) throw new Error(output);
  }

  /** Throws unless apt refuses the list for its signature, with what is given out changed by `answer`. */
  async refused(answer = (_, bytes) => bytes) {
    this.#answer = answer;
    try {
      await this.update();
    } catch (error) {
      if (refusal.test(error.message)) return;
      throw error;
    } finally {
      this.#answer = (_, bytes) => bytes;
    }
    throw new Error("apt has taken it.");
  }

  async close() {
    this.#server.closeAllConnections();
    this.#server.close();
    await rm(source, { force: true });
    await rm(keyring, { force: true });
    // Else the list of what is gone would go on offering it.
    await run("sh", ["-c", "rm -f /var/lib/apt/lists/127.0.0.1:*_apt_dists_stable_*"]);
  }

  get #out() {
    return join(this.#room, "repository");
  }

  async #listen() {
    this.#server = createServer((request, response) => {
      const path = normalize(decodeURIComponent(new URL(request.url, "http://localhost").pathname));
      const file = join(this.#out, path);
      stat(file)
        .then(async (there) => {
          if (!there.isFile()) throw new Error("Only files are given out.");
          if (file.endsWith(".deb")) return createReadStream(file).pipe(response);
          return response.end(this.#answer(path, await readFile(file)));
        })
        .catch(() => response.writeHead(404).end());
    });
    await new Promise((listening) => this.#server.listen(0, "127.0.0.1", listening));
    this.#port = this.#server.address().port;
  }
}
