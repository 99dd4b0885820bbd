import { chinese } from "./languages/chinese.ts";
import { germanQuery } from "./languages/query/german.ts";
import { frenchQuery } from "./languages/query/french.ts";
import { spanishQuery } from "./languages/query/spanish.ts";
import { japaneseQuery } from "./languages/query/japanese.ts";
import { chineseQuery } from "./languages/query/chinese.ts";
import { french } from "./languages/french.ts";
import { german } from "./languages/german.ts";
import { japanese } from "./languages/japanese.ts";
import { spanish } from "./languages/spanish.ts";
import {
  defaultLanguageName,
  findLanguageName,
  languageNames,
  type LanguageCode,
  type LanguageName,
} from "./language-names.ts";
import { english, type Messages } from "./messages.ts";
import type { QueryWords } from "./query-words.ts";

export interface Language extends LanguageName {
  readonly messages: Messages;
  /** What the filter says; undefined where that is what the query itself says. */
  readonly query?: QueryWords;
}

const catalogues: Readonly<Record<LanguageCode, Omit<Language, keyof LanguageName>>> = {
  en: { messages: english },
  de: { messages: german, query: germanQuery },
  fr: { messages: french, query: frenchQuery },
  es: { messages: spanish, query: spanishQuery },
  ja: { messages: japanese, query: japaneseQuery },
  zh: { messages: chinese, query: chineseQuery },
};

const withCatalogue = (name: LanguageName): Language => ({ ...name, ...catalogues[name.code] });

export const defaultLanguage: Language = withCatalogue(defaultLanguageName);

/** All languages, English first. */
export const languages: readonly Language[] = languageNames.map(withCatalogue);

/** The language of a code or locale ("de", "de_AT.UTF-8", "zh-Hans"); undefined when we do not have it. */
export function findLanguage(locale: string): Language | undefined {
  const name = findLanguageName(locale);
  return name && languages.find((one) => one.code === name.code);
}

/**
 * The language that the environment asks for: GNU's list LANGUAGE, then the locale of messages in POSIX order (LC_ALL,
 * LC_MESSAGES, LANG). English where it asks for none of ours, and where the terminal shows ASCII only, or
 * (`narrow`) no wide characters.
 */
export function detectLanguage(
  environment: Readonly<Record<string, string | undefined>>,
  unicode: boolean,
  narrow = false,
): Language {
  if (!unicode) return defaultLanguage;
  const locale = [environment["LC_ALL"], environment["LC_MESSAGES"], environment["LANG"]].find(
    (value) => value !== undefined && value !== "",
  );
  if (locale === undefined || /^(?:C|POSIX)(?:\.|$)/.test(locale)) return defaultLanguage;
  for (const wanted of [...(environment["LANGUAGE"] ?? "").split(":"), locale]) {
    const found = findLanguage(wanted);
    if (found !== undefined) return narrow && /^(?:ja|zh)$/.test(found.code) ? defaultLanguage : found;
  }
  return defaultLanguage;
}
