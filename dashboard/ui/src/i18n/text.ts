import { createContext, useContext } from 'react';

export const languages = { en: 'English', de: 'Deutsch', es: 'Español' } as const;
export type Language = keyof typeof languages;

type Phrase = string | ((...args: never[]) => string);
export type Phrases = { [key: string]: Phrase | Phrases };

/** The same keys and arguments in another language. */
export type Translated<T> = {
  [K in keyof T]: T[K] extends string
    ? string
    : T[K] extends (...args: infer A) => string
      ? (...args: A) => string
      : Translated<T[K]>;
};

export type Catalogue<T> = Record<Language, Translated<T>>;

/** English is the source: a key that a translation lacks, or has in excess, does not compile. */
export function catalogue<const T extends Phrases>(all: {
  en: T;
  de: Translated<NoInfer<T>>;
  es: Translated<NoInfer<T>>;
}): Catalogue<T> {
  return all as unknown as Catalogue<T>;
}

export interface LanguageChoice {
  language: Language;
  choose(language: Language): void;
}

export const LanguageContext = createContext<LanguageChoice>({ language: 'en', choose: () => {} });

export const useLanguage = () => useContext(LanguageContext);

export function useText<T>(all: Catalogue<T>): Translated<T> {
  return all[useLanguage().language];
}
