import { createContext } from "preact";
import { useContext } from "preact/hooks";
import { english, type Words } from "../electron/protocol/words.ts";

/** The words that the window speaks in. */
export const WordsContext = createContext<Words>(english);

/** The words to speak in, for what is drawn. */
export const useWords = (): Words => useContext(WordsContext);
