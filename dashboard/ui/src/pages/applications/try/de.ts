import type { Translated } from '#/i18n/text';
import type { en } from './en';

export const de: Translated<typeof en> = {
  title: 'Die Anmeldung ausprobieren',
  intro:
    'Meldet jemanden in einem neuen Tab bei dieser Anwendung an und zeigt jede Anfrage und Antwort. Für diese Zeit ist diese Seite die Anwendung: Die Token bleiben in ihr und sind weg, wenn Sie sie verlassen.',
  api: 'API',
  noApi: 'Keine',
  scope: 'Scopes',
  scopeHelp: 'offline_access verlangt ein Refresh-Token.',
  login: 'Nach dem Passwort fragen, auch wenn jemand angemeldet ist',
  loginHelp: 'Schickt prompt=login. Ohne dies antwortet die Einmalanmeldung, wo sie kann.',
  secret: 'Client-Geheimnis',
  secretHelp: 'Es geht an den Token-Endpunkt dieses Mandanten und wird nirgends aufbewahrt.',
  begin: 'In neuem Tab anmelden',
  waiting: 'Warten auf die Anmeldung im anderen Tab …',
  again: 'Neu beginnen',
  blocked: 'Der Browser hat keinen neuen Tab geöffnet. Erlauben Sie es dieser Seite und versuchen Sie es noch einmal.',
  callbackMissing: (address) =>
    `Die Anmeldung kehrt nach ${address} zurück; das steht noch nicht unter den erlaubten Callback-URLs dieser Anwendung.`,
  addCallback: 'Zu den erlaubten Callback-URLs hinzufügen',
  added: 'Callback-URL hinzugefügt',
  callbackThere: 'Die Adresse dieser Seite steht unter den erlaubten Callback-URLs.',
  removeCallback: 'Entfernen',
  removed: 'Callback-URL entfernt',
  noGrantTitle: 'Bei dieser Anwendung meldet sich niemand an',
  noGrantText: 'Ihr fehlt der Grant-Typ Authorization Code: Sie bekommt Token im eigenen Namen oder gar nicht.',
  toSettings: 'Grant-Typen in den Einstellungen',
  noProofTitle: 'Diese Seite kann sich nicht als die Anwendung ausweisen',
  noProofText: (method) =>
    `Sie weist sich mit ${method} aus, mit einem Schlüssel, den nur die Anwendung hat. „proofkey login“ und der Schnellstart zeigen denselben Ablauf.`,
  insecureTitle: 'Hier rechnet der Browser keine Kryptografie',
  insecureText:
    'Er hasht und prüft nur auf Seiten mit https oder dieses Rechners. Öffnen Sie das Dashboard unter einer solchen Adresse.',
  request: 'Anfrage',
  answer: 'Antwort',
  noAnswer:
    'Es kam keine Antwort, die diese Seite lesen darf: Der Mandant ist nicht erreichbar, oder er kennt den Ursprung dieser Seite nicht.',
  header: 'Kopf',
  decoded: 'Dekodiert',
  checks: 'Was eine Anwendung prüft',
  opaque:
    'Es ist undurchsichtig: Nur der Mandant kann es lesen. Wählen Sie eine API, um eines zu bekommen, das die API selbst prüfen kann.',
  refresh: 'Refresh-Token benutzen',
  noRefresh: 'Es kam kein Refresh-Token:',
  noRefreshReasons: {
    scope: 'offline_access wurde nicht verlangt.',
    grant: 'der Anwendung fehlt der Grant-Typ Refresh Token.',
    api: 'die API erlaubt keinen Offline-Zugriff.',
    other: 'der Mandant hat offline_access nicht gewährt.',
  },
  why: 'Warum? Zu den Anmeldeereignissen',
  steps: {
    authorize: {
      title: 'Die Anwendung öffnet den Browser',
      text: 'Beim Mandanten, mit dem, was sie verlangt. Die Challenge ist der Hash eines Geheimnisses, das die Anwendung bis Schritt 3 behält.',
    },
    callback: {
      title: 'Der Browser kehrt zurück',
      text: 'Mit einem Code, der einmal, nur kurz und nur für den gilt, der das Geheimnis hinter der Challenge hat.',
    },
    token: {
      title: 'Die Anwendung löst den Code ein',
      text: 'Sie zeigt das Geheimnis (code_verifier); so nützt der Code niemandem, der ihn unterwegs sah.',
    },
    refresh: {
      title: 'Die Anwendung erneuert ihre Token',
      text: 'Ohne Benutzer. Der Mandant prüft wieder, ob Benutzer, Anwendung und API es noch erlauben.',
    },
    idToken: { title: 'Das ID-Token', text: 'Sagt der Anwendung, wer sich angemeldet hat. Es ist nicht für APIs.' },
    accessToken: { title: 'Das Access-Token', text: 'Geht mit jeder Anfrage an die API, die es prüft.' },
    userinfo: {
      title: 'Die Anwendung fragt, wer es ist',
      text: 'Mit dem Access-Token; die Antwort ist das Profil, wie es jetzt ist.',
    },
  },
  checkNames: {
    state: 'state ist der gesendete: Die Antwort gehört zu dieser Anfrage',
    signature: 'ein veröffentlichter Schlüssel des Mandanten hat es signiert',
    iss: 'iss ist der Mandant, der gefragt wurde',
    aud: 'aud nennt diese Anwendung',
    exp: 'exp ist nicht vorbei',
    nonce: 'nonce ist der gesendete: Das Token gehört zu dieser Anmeldung',
  },
  answered: {
    title: 'Sie haben sich angemeldet',
    text: 'Die Seite, von der Sie kamen, zeigt, was geschah. Sie können diesen Tab schließen.',
    lateTitle: 'Keine Seite wartet auf diese Anmeldung',
    lateText:
      'Die Seite, die sie begann, wurde geschlossen oder neu geladen; so hat niemand das Geheimnis hinter dem Code. Beginnen Sie den Versuch neu.',
  },
};
