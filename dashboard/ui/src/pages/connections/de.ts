import type { Translated } from '#/i18n/text';
import type { en } from './en';

export const de: Translated<typeof en> = {
  title: 'Verbindungen',
  intro: 'Woher Ihre Benutzer kommen. Eine Datenbank hält sie und ihre Passwörter hier.',
  create: 'Datenbank anlegen',
  createTitle: 'Eine Datenbank anlegen',
  createText:
    'Eine eigene Menge von Benutzern mit eigenen Regeln für Passwörter. Anwendungen nutzen sie, sobald Sie sie für diese einschalten.',
  created: 'Datenbank angelegt. Schalten Sie nun die Anwendungen ein, die sie nutzen.',
  name: 'Name',
  nameHelp:
    'Buchstaben, Ziffern und einzelne Bindestriche. Apps und Importe nennen die Datenbank so; er lässt sich nicht ändern.',
  nameFixed: 'Apps und Importe nennen die Verbindung so, deshalb bleibt er.',
  id: 'Connection ID',
  kind: 'Art',
  database: 'Datenbank',
  notLive: 'Noch nicht in Betrieb',
  notLiveText: (strategy) =>
    `Dieser Server hält Verbindungen der Art ${strategy}, wie sie sind, damit nichts verloren geht; anmelden kann sich über sie noch niemand.`,
  off: 'Ausgeschaltet',
  emptyTitle: 'Noch keine Verbindungen',
  emptyText: 'Ohne Verbindung kann sich niemand anmelden oder registrieren. Beginnen Sie mit einer Datenbank.',
  tabs: { settings: 'Einstellungen', passwords: 'Passwörter', applications: 'Anwendungen' },
  sections: {
    basic: 'Grundlegendes',
    signIn: 'Anmeldung',
    signInText: 'Wer über diese Datenbank hereinkommt.',
    metadata: 'Metadaten',
    metadataText: 'Bis zu zehn eigene Werte für Ihre Programme.',
    kept: 'Gespeichert, noch nicht in Betrieb',
    keptText:
      'Optionen, die gespeichert sind und von der Management API zurückgegeben werden, nach denen aber nichts handelt. Geheimnisse werden nicht gezeigt.',
  },
  fields: {
    display_name: 'Anzeigename',
    active: 'Anmelden ist möglich',
    signup: 'Registrieren ist möglich',
    brute: 'Nach vielen falschen Passwörtern sperren',
    policy: 'Passwortstärke',
  },
  help: {
    display_name: 'Wie diese Konsole die Verbindung nennt. Die Anmeldeseite zeigt ihn nicht.',
    active: 'Ausgeschaltet meldet sich niemand über diese Datenbank an; ihre Benutzer bleiben, wie sie sind.',
    signup: 'Ausgeschaltet legen nur Sie Konten an: hier, durch einen Import oder eine Einladung.',
    brute:
      'Nach zu vielen falschen Passwörtern wird ein Konto für diese Adresse gesperrt, wie unter Sicherheit eingestellt.',
  },
  policies: { none: 'Keine', low: 'Niedrig', fair: 'Mittel', good: 'Gut', excellent: 'Ausgezeichnet' },
  policyTexts: {
    none: (n) => (n === 1 ? 'Alles außer einem leeren.' : `Mindestens ${n} Zeichen.`),
    low: (n) => `Mindestens ${n} Zeichen.`,
    fair: (n) => `Mindestens ${n} Zeichen, mit einem Kleinbuchstaben, einem Großbuchstaben und einer Ziffer.`,
    good: (n) =>
      `Mindestens ${n} Zeichen aus dreien von diesen: Kleinbuchstaben, Großbuchstaben, Ziffern, Sonderzeichen.`,
    excellent: (n) =>
      `Mindestens ${n} Zeichen aus dreien von diesen: Kleinbuchstaben, Großbuchstaben, Ziffern, Sonderzeichen; höchstens zwei gleiche hintereinander.`,
  },
  passwords: {
    elsewhere: 'Hier gibt es keine Passwörter',
    strength: 'Stärke',
    strengthText:
      'Was ein neues Passwort haben muss, bei der Registrierung und beim Ändern. Bestehende Passwörter bleiben gültig.',
    lengthHelp: 'Leer: wie die Stärke es sagt.',
    lengthError: (most) => `Von 1 bis ${most}, oder leer`,
    lengthNeeded: (most) => `Von 1 bis ${most}`,
    newer: 'Die Regeln dieser Datenbank stehen in der neueren Form (password_options) und bleiben darin.',
    inForce: 'Was ein neues Passwort haben muss',
    ruleDictionary: 'Keines von denen, die Angreifer zuerst versuchen.',
    rulePersonal: 'Ohne den Namen oder die Adresse des Benutzers.',
    guess: 'Nicht zu erraten',
    guessText: 'Lang genügt nicht, wo das Passwort bekannt ist oder nahe liegt.',
    dictionaryHelp:
      'Weist die häufigsten Passwörter ab, und was daraus gemacht wird: Ziffern am Ende, Läufe auf der Tastatur.',
    personalHelp: 'Weist Passwörter ab, die den Namen, den Spitznamen oder den Teil der Adresse vor dem @ enthalten.',
    history: 'Verlauf',
    historyText: 'Frühere Passwörter werden noch nicht betrachtet: Ein Benutzer darf ein altes wieder nehmen.',
    historyOn: (n) => `Gespeichert: an, für die letzten ${n} Passwörter.`,
    historyOff: 'Gespeichert: aus.',
    types: { lowercase: 'a–z', uppercase: 'A–Z', number: '0–9', special: '!@#$…' },
    labels: {
      policy: 'Passwortstärke',
      min_length: 'Mindestlänge',
      dictionary: 'Häufige Passwörter abweisen',
      personal: 'Persönliche Angaben abweisen',
      types: 'Zeichen, die es haben muss',
      three: 'Drei der vier Arten genügen',
      identical: 'Mehr als zwei gleiche Zeichen hintereinander sind erlaubt',
    },
  },
  applications: {
    intro: 'Benutzer dieser Verbindung können sich bei den Anwendungen anmelden, die hier eingeschaltet sind.',
    none: 'Noch nutzt keine Anwendung diese Datenbank; anmelden kann sich über sie also niemand.',
    application: 'Anwendung',
    on: 'Nutzt sie',
    turnedOn: (name) => `Benutzer dieser Verbindung können sich jetzt bei ${name} anmelden`,
    turnedOff: (name) => `Benutzer dieser Verbindung können sich bei ${name} nicht mehr anmelden`,
  },
  errors: { name: 'Buchstaben und Ziffern, dazwischen einzelne Bindestriche, höchstens 128' },
  danger: {
    title: 'Diese Verbindung löschen',
    text: (name) =>
      `Mit ${name} werden alle ihre Benutzer gelöscht, mit Passwörtern, Rollen und Sitzungen. Das lässt sich nicht rückgängig machen.`,
    otherText: (name) => `Was von ${name} gespeichert ist, wird gelöscht. Das lässt sich nicht rückgängig machen.`,
    action: 'Verbindung löschen',
    done: 'Verbindung gelöscht',
  },
};
