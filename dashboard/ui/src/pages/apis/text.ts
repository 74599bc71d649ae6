import { catalogue } from '#/i18n/text';

export const apisText = catalogue({
  en: {
    title: 'APIs',
    intro: 'What accepts access tokens. Its identifier is the audience that applications ask for.',
    name: 'Name',
    identifier: 'Identifier',
    emptyTitle: 'No API yet',
    emptyText:
      'An API accepts access tokens that this tenant signs. Give it an identifier, and applications can ask for tokens for it.',
    system: 'System API',
  },
  de: {
    title: 'APIs',
    intro: 'Was Zugriffstoken annimmt. Der Bezeichner ist die Audience, die Anwendungen verlangen.',
    name: 'Name',
    identifier: 'Bezeichner',
    emptyTitle: 'Noch keine API',
    emptyText:
      'Eine API nimmt Zugriffstoken an, die dieser Mandant signiert. Mit einem Bezeichner können Anwendungen Token für sie verlangen.',
    system: 'System-API',
  },
  es: {
    title: 'API',
    intro: 'Lo que acepta tokens de acceso. Su identificador es la audiencia que piden las aplicaciones.',
    name: 'Nombre',
    identifier: 'Identificador',
    emptyTitle: 'Todavía no hay ninguna API',
    emptyText:
      'Una API acepta tokens de acceso que firma este inquilino. Con un identificador, las aplicaciones pueden pedir tokens para ella.',
    system: 'API del sistema',
  },
});
