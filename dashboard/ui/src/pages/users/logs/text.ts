import { catalogue } from '#/i18n/text';

export const logsText = catalogue({
  en: {
    intro: 'What happened to this user. One event opens the whole transaction and says why it ended as it did.',
    all: 'Search in Login events',
    emptyTitle: 'Nothing has happened yet',
    emptyText: 'Logins, failures and changes of this user appear here.',
  },
  de: {
    intro:
      'Was mit diesem Benutzer geschehen ist. Ein Ereignis öffnet den ganzen Vorgang und sagt, warum er so ausging.',
    all: 'In den Anmeldeereignissen suchen',
    emptyTitle: 'Noch ist nichts geschehen',
    emptyText: 'Anmeldungen, Fehlschläge und Änderungen dieses Benutzers erscheinen hier.',
  },
  es: {
    intro: 'Lo que ha ocurrido con este usuario. Un evento abre toda la transacción y dice por qué acabó así.',
    all: 'Buscar en los eventos de acceso',
    emptyTitle: 'Todavía no ha ocurrido nada',
    emptyText: 'Los accesos, fallos y cambios de este usuario aparecen aquí.',
  },
});
