import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Reply } from "../electron/protocol/ipc.ts";
import type { SignInView, SourceView, Trouble, View } from "../electron/protocol/view.ts";
import { AddOrganisation } from "./add-organisation.tsx";
import { AddProfile } from "./add-profile.tsx";
import { evercred } from "./bridge.ts";
import { Home } from "./home.tsx";
import { SignInSheet } from "./sign-in-sheet.tsx";

/** How long "Copied" stands there, in milliseconds. */
const copiedMs = 2_000;

/** The window: one pushed picture, and what the reader's own last clicks came to. */
export const App = (): JSX.Element | null => {
  const [picture, setPicture] = useState<Picture>();
  const [notices, setNotices] = useState<ReadonlyMap<string, Trouble>>(new Map());
  const [copied, setCopied] = useState<"address" | "code">();
  const [adding, setAdding] = useState<Adding>();
  const [tick, setTick] = useState(() => Date.now());

  useEffect(() => {
    const take = (view: View): void => {
      const receivedAt = Date.now();
      setTick(receivedAt);
      setPicture({ view, receivedAt });
    };
    const stop = evercred.onViewChanged(take);
    void evercred.view().then((reply) => {
      if (reply.kind === "done") take(reply.value);
    });
    return stop;
  }, []);

  const open = (picture?.view.sources ?? []).flatMap(openSignIn);
  const [sheet] = open;
  const everyMs = sheet === undefined ? 30_000 : 1_000;
  useEffect(() => {
    const timer = setInterval(() => {
      setTick(Date.now());
    }, everyMs);
    return () => {
      clearInterval(timer);
    };
  }, [everyMs]);

  useEffect(() => {
    if (copied === undefined) return undefined;
    const timer = setTimeout(() => {
      setCopied(undefined);
    }, copiedMs);
    return () => {
      clearTimeout(timer);
    };
  }, [copied]);

  if (picture === undefined) return null;
  const { view, receivedAt } = picture;
  const now = view.at + (tick - receivedAt);
  const subject =
    adding?.kind === "profile" ? view.sources.find(({ id }) => id === adding.source) : undefined;

  const note = (source: string, reply: Reply<void>): void => {
    if (reply.kind === "failed") {
      setNotices((before) => new Map(before).set(source, reply.trouble));
    }
  };
  const run = (source: string, call: Promise<Reply<void>>): void => {
    setNotices((before) => without(before, source));
    void call.then((reply) => {
      note(source, reply);
    });
  };
  const enter = (source: string, secret: string): void => {
    setNotices((before) => without(before, source));
    void evercred.submitSecret(source, secret).then((reply) => {
      note(source, reply);
      // It is no such secret: another one is asked for beside the reason.
      if (reply.kind !== "failed" || reply.trouble.code !== "usage") return;
      void evercred.signIn(source).then((again) => {
        note(source, again);
      });
    });
  };
  const signIn = (source: string): void => {
    run(source, evercred.signIn(source));
  };
  const copy = (source: string, what: "address" | "code"): void => {
    void evercred.copy(source, what).then((reply) => {
      setCopied(reply.kind === "done" ? what : undefined);
    });
  };

  return (
    <>
      <Home
        view={view}
        now={now}
        notices={notices}
        onSignIn={signIn}
        onSignOut={(source) => {
          run(source, evercred.signOut(source));
        }}
        onAddProfile={(source) => {
          setAdding({ kind: "profile", source });
        }}
        onAddOrganisation={() => {
          setAdding({ kind: "organisation" });
        }}
      />
      {sheet === undefined && adding?.kind === "organisation" && (
        <AddOrganisation
          onDone={(source) => {
            setAdding(undefined);
            if (source !== undefined) signIn(source);
          }}
        />
      )}
      {sheet === undefined && subject !== undefined && (
        <AddProfile
          key={subject.id}
          source={subject}
          onDone={() => {
            setAdding(undefined);
          }}
        />
      )}
      {sheet !== undefined && (
        <SignInSheet
          key={sheet.source.id}
          source={sheet.source}
          signIn={sheet.signIn}
          place={{ number: 1, of: open.length }}
          now={now}
          copied={copied}
          refusal={notices.get(sheet.source.id)}
          onOpen={() => {
            signIn(sheet.source.id);
          }}
          onCopy={(what) => {
            copy(sheet.source.id, what);
          }}
          onUseCode={() => {
            run(sheet.source.id, evercred.useCode(sheet.source.id));
          }}
          onSubmit={(code) => {
            run(sheet.source.id, evercred.submitCode(sheet.source.id, code));
          }}
          onEnter={(secret) => {
            enter(sheet.source.id, secret);
          }}
          onAccept={() => {
            run(sheet.source.id, evercred.acceptAccount(sheet.source.id));
          }}
          onCancel={() => {
            run(sheet.source.id, evercred.cancelSignIn(sheet.source.id));
          }}
        />
      )}
    </>
  );
};

interface Picture {
  readonly view: View;
  readonly receivedAt: number;
}

/** What the reader is about to add. */
type Adding =
  { readonly kind: "organisation" } | { readonly kind: "profile"; readonly source: string };

interface OpenSignIn {
  readonly source: SourceView;
  readonly signIn: SignInView;
}

const openSignIn = (source: SourceView): readonly OpenSignIn[] =>
  source.signIn === undefined ? [] : [{ source, signIn: source.signIn }];

const without = (
  notices: ReadonlyMap<string, Trouble>,
  source: string,
): ReadonlyMap<string, Trouble> => new Map([...notices].filter(([id]) => id !== source));
