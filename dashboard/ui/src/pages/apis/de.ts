import type { Translated } from '#/i18n/text';
import type { en } from './en';

export const de: Translated<typeof en> = {
  title: 'APIs',
  intro: 'Was Zugriffstoken annimmt. Der Bezeichner ist die Audience, die Anwendungen verlangen.',
  name: 'Name',
  identifier: 'Bezeichner',
  identifierHelp: 'Die Audience ihrer Token, am besten eine URL; sie wird nie aufgerufen. Später nicht änderbar.',
  identifierFixed: 'Nicht änderbar: Ausgestellte Token tragen ihn.',
  emptyTitle: 'Noch keine API',
  emptyText:
    'Eine API nimmt Zugriffstoken an, die dieser Mandant signiert. Mit einem Bezeichner können Anwendungen Token für sie verlangen.',
  system: 'System-API',
  systemText:
    'Diese API gehört zum Mandanten selbst und lässt sich nicht ändern. Welche Anwendungen sie aufrufen dürfen, entscheiden Sie.',
  create: 'API anlegen',
  createTitle: 'API anlegen',
  created: 'API angelegt',
  tabs: {
    settings: 'Einstellungen',
    permissions: 'Berechtigungen',
    applications: 'Maschine zu Maschine',
    test: 'Test',
  },
  sections: {
    basic: 'Grundlagen',
    basicText: 'Woran Sie sie erkennen und wie Token sie nennen.',
    offline: 'Offline-Zugriff',
    offlineText: 'Eine der drei Seiten, die einig sein müssen, bevor ein Refresh-Token kommt.',
    tokens: 'Zugriffstoken',
    tokensText: 'Was diese API zu sehen bekommt. Prüfen Sie jeweils Signatur, Aussteller, Audience und Ablauf.',
    rbac: 'Autorisierung',
    rbacText: 'Ob Rollen entscheiden, was ein Token für diese API erlaubt.',
  },
  dialects: { access_token: 'Auth0-Profil (JWT)', rfc9068_profile: 'Profil nach RFC 9068 (at+jwt)' },
  fields: {
    name: { label: 'Name', help: '' },
    allow_offline_access: {
      label: 'Offline-Zugriff erlauben',
      help: 'Anwendungen, die offline_access verlangen, bekommen ein Refresh-Token, mit dem sie diese API in Abwesenheit des Benutzers erreichen.',
    },
    token_lifetime: {
      label: 'Lebensdauer',
      help: 'Wie lange ein Zugriffstoken angenommen wird. Zurückholen lässt es sich nicht.',
    },
    token_lifetime_for_web: {
      label: 'Lebensdauer im Browser',
      help: 'Für Token, die durch den Browser selbst kommen (implizite und hybride Abläufe).',
    },
    signing_alg: {
      label: 'Signaturverfahren',
      help: 'RS256 prüft jede Bibliothek. HS256 teilt ein Geheimnis mit der API.',
    },
    signing_secret: {
      label: 'Signaturgeheimnis',
      help: 'Mindestens 16 Zeichen, nur diesem Mandanten und der API bekannt. Leer bleibt das bisherige.',
    },
    token_dialect: { label: 'Token-Profil', help: 'Welche Claims das Token hat und wie sein Kopf es nennt.' },
    enforce_policies: {
      label: 'Berechtigungen prüfen (RBAC)',
      help: 'Ein Token bekommt nur die Berechtigungen, die der Benutzer durch Rollen oder direkt hat.',
    },
    permissions: {
      label: 'Berechtigungen ins Token schreiben',
      help: 'Fügt den Claim permissions mit allem hinzu, was der Benutzer hier darf.',
    },
    skip_consent: {
      label: 'In eigenen Anwendungen nicht um Zustimmung fragen',
      help: 'Nur wo der Callback überprüfbar ist: eine unserer https-Adressen oder eine App, die sie beansprucht hat.',
    },
  },
  errors: {
    name: 'Geben Sie der API einen Namen ohne < und >',
    identifier: 'Druckbare Zeichen ohne Leerzeichen und ohne #, am besten eine URL',
    lifetime: (most) => `Von 1 bis ${most} Sekunden`,
    secret: 'HS256 braucht ein Geheimnis von mindestens 16 Zeichen',
    scope: 'Ein Wort, etwa read:messages',
    twice: 'Diese Berechtigung steht zweimal da',
  },
  permissions: {
    text: 'Was als Scope verlangt und Benutzern durch Rollen gegeben werden kann. Was hier entfernt wird, verschwindet auch aus Rollen.',
    none: 'Diese API hat noch keine Berechtigungen.',
    value: 'Berechtigung',
    description: 'Was sie erlaubt',
    add: 'Berechtigung hinzufügen',
    remove: (what) => `${what} entfernen`,
  },
  machines: {
    text: 'Anwendungen mit Geheimnis oder Schlüssel dürfen diese API im eigenen Namen aufrufen, ohne Benutzer. Hier entscheiden Sie, welche und mit welchen Berechtigungen.',
    application: 'Anwendung',
    access: 'Zugriff',
    emptyTitle: 'Noch kann das keine Anwendung',
    emptyText: 'Legen Sie zuerst eine Anwendung vom Typ Maschine zu Maschine an.',
  },
  test: {
    title: 'Ein Token holen',
    text: 'Fragt den Token-Endpunkt des Mandanten genau so, wie es die Anwendung täte, mit Client Credentials.',
    application: 'Anwendung',
    secret: 'Client-Geheimnis',
    secretHelp: 'Ihre Rolle liest keine Geheimnisse. Es geht nur an den Token-Endpunkt und wird nirgends aufbewahrt.',
    get: 'Token holen',
    got: 'Die Antwort',
    refused: 'Der Token-Endpunkt hat abgelehnt',
    answer: 'Antwort',
    decoded: 'Kopf und Claims des Tokens',
    origin: (origin) =>
      `Der Browser darf die Antwort nur lesen, wenn eine Anwendung den Origin dieser Konsole, ${origin}, unter Erlaubte Origins führt.`,
    allow: 'Bei dieser Anwendung hinzufügen',
    curl: 'Dasselbe aus der Shell.',
    noneTitle: 'Noch darf keine Anwendung diese API aufrufen',
    noneText: 'Erlauben Sie es zuerst einer; dann gibt es ihr Token hier.',
  },
  danger: {
    title: 'Diese API löschen',
    text: (name) =>
      `Für ${name} wird kein Token mehr ausgestellt, und jede Anwendung verliert ihren Zugriff. Ausgestellte Token gelten, bis sie ablaufen.`,
    action: 'API löschen',
    done: 'API gelöscht',
  },
};
