import { sign } from "node:crypto";
import { dump } from "js-yaml";
import fc from "fast-check";
import { expect, test } from "vitest";
import { compareVersions, isPreRelease } from "../../../electron/core/version.ts";
import {
  metadataNameOf,
  offerIn,
  type RoadKind,
  type Standing,
  verifyMetadata,
} from "../../../electron/shell/updates/offer.ts";
import { UpdateError } from "../../../electron/shell/updates/update-error.ts";
import { throwAwayKey } from "./release-server.ts";

const sha512 = Buffer.alloc(64, 7).toString("base64");

const metadata = (parts: object = {}): Buffer =>
  Buffer.from(
    dump({
      name: "latest-linux.yml",
      channel: "stable",
      version: "1.2.4",
      files: [{ url: "evercred-1.2.4.AppImage", sha512, size: 5 }],
      path: "evercred-1.2.4.AppImage",
      sha512,
      releaseDate: "2027-01-04T09:00:00.000Z",
      ...parts,
    }),
  );

const standing: Standing = { version: "1.2.3", channel: "stable", newest: undefined };

const faultOf = (work: () => unknown): string | undefined => {
  try {
    work();
    return undefined;
  } catch (thrown) {
    if (thrown instanceof UpdateError) return thrown.failure.fault;
    throw thrown;
  }
};

const judged = (parts: object, now: Partial<Standing> = {}, road: RoadKind = "appimage") =>
  faultOf(() => offerIn(metadata(parts), "latest-linux.yml", road, { ...standing, ...now }));

test("what is newer is offered, with its file, its size and its hash", () => {
  expect(offerIn(metadata(), "latest-linux.yml", "appimage", standing)).toEqual({
    version: "1.2.4",
    file: "evercred-1.2.4.AppImage",
    sha512,
    size: 5,
  });
  const same = { ...standing, version: "1.2.4" };
  expect(offerIn(metadata(), "latest-linux.yml", "appimage", same)).toBeUndefined();
});

test("nothing is ever offered that is older than what runs, or than what was offered before", () => {
  const small = fc.integer({ min: 0, max: 3 });
  const version = fc.tuple(small, small, small).map((numbers) => numbers.join("."));
  fc.assert(
    fc.property(version, version, fc.option(version, { nil: undefined }), (now, next, newest) => {
      const work = (): unknown =>
        offerIn(metadata({ version: next }), "latest-linux.yml", "appimage", {
          version: now,
          channel: "stable",
          newest,
        });
      const isOlder = [now, newest ?? now].some((seen) => compareVersions(next, seen) < 0);
      expect(faultOf(work)).toBe(isOlder ? "older" : undefined);
      if (!isOlder) expect(work() === undefined).toBe(next === now);
    }),
  );
});

test("no other channel is followed, whatever the version calls itself", () => {
  const before = fc.constantFrom("", "-beta.1", "-rc", "-0", "-stable");
  const channel = fc.constantFrom("stable", "beta", "rc", "", "latest");
  fc.assert(
    fc.property(before, channel, (tail, name) => {
      const version = `1.3.0${tail}`;
      const isOurs = name === "stable" && !isPreRelease(version);
      expect(judged({ version, channel: name })).toBe(isOurs ? undefined : "channel");
    }),
  );
});

test.each([
  ["of another app's, or another processor's", { name: "latest-linux-arm64.yml" }],
  ["without a name", { name: undefined }],
  ["with a version that is none", { version: "9" }],
  ["with nothing for this kind of installation", { files: [] }],
  [
    "with a file that is elsewhere",
    { files: [{ url: "https://x.test/a.AppImage", sha512, size: 5 }] },
  ],
  ["with a file above its folder", { files: [{ url: "../a.AppImage", sha512, size: 5 }] }],
  ["with a hidden file", { files: [{ url: ".a.AppImage", sha512, size: 5 }] }],
  ["with a hash that is none", { files: [{ url: "a.AppImage", sha512: "abc", size: 5 }] }],
  ["with a size that is none", { files: [{ url: "a.AppImage", sha512, size: -1 }] }],
  [
    "with two that would do",
    { files: ["a.AppImage", "b.AppImage"].map((url) => ({ url, sha512, size: 5 })) },
  ],
])("metadata %s is not taken", (_, parts) => {
  expect(judged(parts)).toBe("metadata");
});

test("what is no metadata is not taken", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      const work = (): unknown =>
        offerIn(Buffer.from(text), "latest-linux.yml", "appimage", standing);
      expect(faultOf(work)).toBe("metadata");
    }),
  );
});

test("a signature counts for these bytes and this key alone", () => {
  const { key, half } = throwAwayKey();
  const other = throwAwayKey();
  const bytes = metadata();
  const signature = Buffer.from(`${sign(undefined, bytes, key).toString("base64")}\n`);
  const verified = (of = bytes, by = signature, under = half): string | undefined =>
    faultOf(() => verifyMetadata(of, by, under));
  expect(verified()).toBeUndefined();
  expect(verified(bytes, signature, other.half)).toBe("signature");
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
      const changed = Buffer.from(bytes);
      changed[at] = changed[at]! ^ change;
      expect(verified(changed)).toBe("signature");
    }),
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => {
      expect(verified(bytes, Buffer.from(noise))).toBe("signature");
    }),
  );
  expect(verified(bytes, Buffer.from("<html>"))).toBe("signature");
  expect(verified(bytes, Buffer.alloc(0))).toBe("signature");
});

test("each kind of installation has metadata of its own", () => {
  expect(metadataNameOf("appimage", "stable", "x64")).toBe("latest-linux.yml");
  expect(metadataNameOf("appimage", "stable", "arm64")).toBe("latest-linux-arm64.yml");
  expect(metadataNameOf("nsis", "stable", "x64")).toBe("latest.yml");
  expect(metadataNameOf("mac", "stable", "arm64")).toBe("latest-mac.yml");
});
