/** Which languages there are, without what is said in them: all that reading a command line needs. */

export type LanguageCode = "en" | "de" | "fr" | "es" | "ja" | "zh";

export interface LanguageName {
  /** ISO 639-1. */
  readonly code: LanguageCode;
  /** As its speakers call it. */
  readonly name: string;
}

export const defaultLanguageName: LanguageName = { code: "en", name: "English" };

/** All languages, English first. */
export const languageNames: readonly LanguageName[] = [
  defaultLanguageName,
  { code: "de", name: "Deutsch" },
  { code: "fr", name: "Français" },
  { code: "es", name: "Español" },
  { code: "ja", name: "日本語" },
  { code: "zh", name: "简体中文" },
];

/** The language of a code or locale ("de", "de_AT.UTF-8", "zh-Hans"); undefined when we do not have it. */
export function findLanguageName(locale: string): LanguageName | undefined {
  const code = /^([a-z]{2})(?:[^a-z]|$)/i.exec(locale)?.[1]?.toLowerCase();
  return languageNames.find((one) => one.code === code);
}
