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
import { english, type Messages } from "./messages.ts";
import type { QueryWords } from "./query-words.ts";

export type LanguageCode = "en" | "de" | "fr" | "es" | "ja" | "zh";

export interface Language {
  /** ISO 639-1. */
  readonly code: LanguageCode;
  /** As its speakers call it. */
  readonly name: string;
  readonly messages: Messages;
  /** What the filter says; undefined where that is what the query itself says. */
  readonly query?: QueryWords;
}

export const defaultLanguage: Language = { code: "en", name: "English", messages: english };

/** All languages, English first. */
export const languages: readonly Language[] = [
  defaultLanguage,
  { code: "de", name: "Deutsch", messages: german, query: germanQuery },
  { code: "fr", name: "Français", messages: french, query: frenchQuery },
  { code: "es", name: "Español", messages: spanish, query: spanishQuery },
  { code: "ja", name: "日本語", messages: japanese, query: japaneseQuery },
  { code: "zh", name: "简体中文", messages: chinese, query: chineseQuery },
];

/** The language of a code or locale ("de", "de_AT.UTF-8", "zh-Hans"); undefined when we do not have it. */
export function findLanguage(locale: string): Language | undefined {
  const code = /^([a-z]{2})(?:[^a-z]|$)/i.exec(locale)?.[1]?.toLowerCase();
  return languages.find((one) => one.code === code);
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
