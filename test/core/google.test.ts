import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type GoogleAsk,
  googleAskOf,
  googleKeyOf,
  plainGoogleAsk,
} from "../../electron/core/google.ts";

const ask: fc.Arbitrary<GoogleAsk> = fc.record({
  form: fc.constantFrom("access", "id"),
  scopes: fc.array(fc.string(), { maxLength: 5 }),
  impersonate: fc.array(fc.string(), { maxLength: 3 }),
  audience: fc.option(fc.string(), { nil: undefined }),
});

const sorted = (texts: readonly string[]): readonly string[] => [...new Set(texts)].sort();

test("a key says again what was asked, whatever that is", () => {
  fc.assert(
    fc.property(ask, (asked) => {
      const again = googleAskOf(googleKeyOf(asked));
      expect(again).toEqual({ ...asked, scopes: sorted(asked.scopes) });
    }),
  );
});

test("the order of scopes, and how often they are named, make no other key", () => {
  fc.assert(
    fc.property(ask, fc.infiniteStream(fc.nat()), (asked, chance) => {
      const many = [...asked.scopes, ...asked.scopes];
      const shuffled = many
        .map((scope) => ({ scope, place: chance.next().value }))
        .sort((a, b) => a.place - b.place)
        .map(({ scope }) => scope);
      expect(googleKeyOf({ ...asked, scopes: shuffled })).toBe(googleKeyOf(asked));
    }),
  );
});

test("two asks have the same key only where they ask for the same", () => {
  fc.assert(
    fc.property(ask, ask, (one, other) => {
      const isSame = googleKeyOf(one) === googleKeyOf(other);
      const plain = ({ scopes, ...rest }: GoogleAsk) => [sorted(scopes), rest];
      const isEqual = JSON.stringify(plain(one)) === JSON.stringify(plain(other));
      expect(isSame).toBe(isEqual);
    }),
  );
});

test("the order of service accounts is what is asked", () => {
  const chain = { ...plainGoogleAsk, impersonate: ["a", "b"] };
  expect(googleKeyOf(chain)).not.toBe(googleKeyOf({ ...chain, impersonate: ["b", "a"] }));
});

test("what asks for nothing special is an access token, as the source has it", () => {
  expect(googleAskOf(googleKeyOf(plainGoogleAsk))).toEqual({
    form: "access",
    scopes: [],
    impersonate: [],
    audience: undefined,
  });
});

test.each([
  "",
  "111122223333/Developer",
  "null",
  "{}",
  "7",
  "[]",
  '["keys",[],[],null]',
  '["access","openid",[],null]',
  '["access",[7],[],null]',
  '["access",[],{},null]',
  '["access",[],[null],null]',
  '["id",[],[],7]',
  '["id",[],[]]',
])("a text that is no key asks for nothing: %s", (text) => {
  expect(googleAskOf(text)).toBeUndefined();
});
