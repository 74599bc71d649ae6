import { catalogue } from '#/i18n/text';

export const applicationsText = catalogue({
  en: {
    title: 'Applications',
    intro: 'What asks for tokens: your apps, sites and services.',
    create: 'Create application',
    name: 'Name',
    type: 'Type',
    allTypes: 'All types',
    clientId: 'Client ID',
    emptyTitle: 'No application yet',
    emptyText:
      'An application is what your users sign in to. Create one, and you get its Client ID and code to start with.',
    types: {
      native: 'Native',
      spa: 'Single Page Application',
      regular_web: 'Regular Web Application',
      non_interactive: 'Machine to Machine',
    },
    typeTexts: {
      native: 'Mobile, desktop and command-line apps. They keep no secret and prove themselves with PKCE.',
      spa: 'JavaScript that runs in the browser. It keeps no secret.',
      regular_web: 'Sites rendered on a server, which keeps a secret.',
      non_interactive: 'Services and scripts that call an API in their own name, without a user.',
    },
    createTitle: 'Create an application',
    createText: 'The type decides how it proves who it is and what it may ask for. You can change it later.',
    namePlaceholder: 'My App',
    nameRequired: 'Give the application a name',
    nameSigns: 'A name cannot contain < or >',
    pkceTitle: 'Let Single Page Applications exchange codes with PKCE alone',
    pkceText:
      'This tenant lets only applications of some types exchange a code without a secret (tenant setting pkce_app_types). Single Page Applications are not among them: without this, signing in ends with “unauthorized_client”. Turning it on holds for every Single Page Application of the tenant.',
    pkceOn: 'This tenant lets Single Page Applications exchange codes with PKCE alone (tenant setting pkce_app_types).',
    created: 'Application created',
  },
  de: {
    title: 'Anwendungen',
    intro: 'Was Token verlangt: Ihre Apps, Websites und Dienste.',
    create: 'Anwendung anlegen',
    name: 'Name',
    type: 'Typ',
    allTypes: 'Alle Typen',
    clientId: 'Client-ID',
    emptyTitle: 'Noch keine Anwendung',
    emptyText:
      'Bei einer Anwendung melden sich Ihre Benutzer an. Legen Sie eine an, und Sie erhalten ihre Client-ID und Code für den Anfang.',
    types: {
      native: 'Nativ',
      spa: 'Single-Page-Anwendung',
      regular_web: 'Klassische Webanwendung',
      non_interactive: 'Maschine zu Maschine',
    },
    typeTexts: {
      native:
        'Apps für Telefon, Schreibtisch und Kommandozeile. Sie bewahren kein Geheimnis und weisen sich mit PKCE aus.',
      spa: 'JavaScript, das im Browser läuft. Es bewahrt kein Geheimnis.',
      regular_web: 'Websites, die ein Server ausgibt; er bewahrt ein Geheimnis.',
      non_interactive: 'Dienste und Skripte, die ohne Benutzer in eigenem Namen eine API aufrufen.',
    },
    createTitle: 'Anwendung anlegen',
    createText: 'Der Typ entscheidet, wie sie sich ausweist und was sie verlangen darf. Er lässt sich später ändern.',
    namePlaceholder: 'Meine App',
    nameRequired: 'Geben Sie der Anwendung einen Namen',
    nameSigns: 'Ein Name darf < und > nicht enthalten',
    pkceTitle: 'Single-Page-Anwendungen dürfen Codes allein mit PKCE einlösen',
    pkceText:
      'Dieser Mandant lässt nur Anwendungen mancher Typen einen Code ohne Geheimnis einlösen (Einstellung pkce_app_types). Single-Page-Anwendungen gehören nicht dazu: Ohne dies endet die Anmeldung mit „unauthorized_client“. Eingeschaltet gilt es für alle Single-Page-Anwendungen des Mandanten.',
    pkceOn: 'Dieser Mandant lässt Single-Page-Anwendungen Codes allein mit PKCE einlösen (Einstellung pkce_app_types).',
    created: 'Anwendung angelegt',
  },
  es: {
    title: 'Aplicaciones',
    intro: 'Lo que pide tokens: sus apps, sitios y servicios.',
    create: 'Crear aplicación',
    name: 'Nombre',
    type: 'Tipo',
    allTypes: 'Todos los tipos',
    clientId: 'ID de cliente',
    emptyTitle: 'Todavía no hay ninguna aplicación',
    emptyText:
      'En una aplicación inician sesión sus usuarios. Cree una y obtendrá su ID de cliente y código para empezar.',
    types: {
      native: 'Nativa',
      spa: 'Aplicación de una sola página',
      regular_web: 'Aplicación web clásica',
      non_interactive: 'Máquina a máquina',
    },
    typeTexts: {
      native: 'Apps de móvil, escritorio y línea de comandos. No guardan secretos y se identifican con PKCE.',
      spa: 'JavaScript que se ejecuta en el navegador. No guarda secretos.',
      regular_web: 'Sitios que genera un servidor, que guarda un secreto.',
      non_interactive: 'Servicios y scripts que llaman a una API en su propio nombre, sin usuario.',
    },
    createTitle: 'Crear una aplicación',
    createText: 'El tipo decide cómo se identifica y qué puede pedir. Puede cambiarlo después.',
    namePlaceholder: 'Mi app',
    nameRequired: 'Dé un nombre a la aplicación',
    nameSigns: 'Un nombre no puede contener < ni >',
    pkceTitle: 'Permitir que las aplicaciones de una sola página canjeen códigos solo con PKCE',
    pkceText:
      'Este inquilino solo permite canjear un código sin secreto a aplicaciones de algunos tipos (ajuste pkce_app_types). Las de una sola página no están entre ellas: sin esto, el inicio de sesión termina con «unauthorized_client». Al activarlo vale para todas las aplicaciones de una sola página del inquilino.',
    pkceOn:
      'Este inquilino permite que las aplicaciones de una sola página canjeen códigos solo con PKCE (ajuste pkce_app_types).',
    created: 'Aplicación creada',
  },
});
