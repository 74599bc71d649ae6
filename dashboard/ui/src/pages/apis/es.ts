import type { Translated } from '#/i18n/text';
import type { en } from './en';

export const es: Translated<typeof en> = {
  title: 'API',
  intro: 'Lo que acepta tokens de acceso. Su identificador es la audiencia que piden las aplicaciones.',
  name: 'Nombre',
  identifier: 'Identificador',
  identifierHelp: 'La audiencia de sus tokens, mejor una URL; nunca se llama. No se puede cambiar después.',
  identifierFixed: 'No se puede cambiar: lo llevan los tokens emitidos.',
  emptyTitle: 'Todavía no hay ninguna API',
  emptyText:
    'Una API acepta tokens de acceso que firma este inquilino. Con un identificador, las aplicaciones pueden pedir tokens para ella.',
  system: 'API del sistema',
  systemText:
    'Esta API pertenece al propio inquilino y no se puede cambiar. Usted decide qué aplicaciones pueden llamarla.',
  create: 'Crear API',
  createTitle: 'Crear una API',
  created: 'API creada',
  tabs: { settings: 'Ajustes', permissions: 'Permisos', applications: 'Máquina a máquina', test: 'Prueba' },
  sections: {
    basic: 'Información básica',
    basicText: 'Cómo la reconoce usted y cómo la nombran los tokens.',
    offline: 'Acceso sin conexión',
    offlineText: 'Una de las tres partes que deben estar de acuerdo para que llegue un token de actualización.',
    tokens: 'Tokens de acceso',
    tokensText: 'Lo que ve esta API. Compruebe en cada uno la firma, el emisor, la audiencia y la caducidad.',
    rbac: 'Autorización',
    rbacText: 'Si los roles deciden lo que permite un token para esta API.',
  },
  dialects: { access_token: 'Perfil de Auth0 (JWT)', rfc9068_profile: 'Perfil de RFC 9068 (at+jwt)' },
  fields: {
    name: { label: 'Nombre', help: '' },
    allow_offline_access: {
      label: 'Permitir el acceso sin conexión',
      help: 'Las aplicaciones que piden offline_access reciben un token de actualización con el que llegan a esta API cuando el usuario no está.',
    },
    token_lifetime: { label: 'Duración', help: 'Cuánto tiempo se acepta un token de acceso. No se puede retirar.' },
    token_lifetime_for_web: {
      label: 'Duración en navegadores',
      help: 'Para los tokens que llegan por el propio navegador (flujos implícito e híbrido).',
    },
    signing_alg: {
      label: 'Algoritmo de firma',
      help: 'RS256 lo comprueba cualquier biblioteca. HS256 comparte un secreto con la API.',
    },
    signing_secret: {
      label: 'Secreto de firma',
      help: 'Al menos 16 caracteres, conocido solo por este inquilino y la API. Vacío, se mantiene el actual.',
    },
    token_dialect: { label: 'Perfil del token', help: 'Qué claims tiene el token y cómo lo llama su cabecera.' },
    enforce_policies: {
      label: 'Comprobar permisos (RBAC)',
      help: 'Un token solo recibe los permisos que el usuario tiene por roles o directamente.',
    },
    permissions: {
      label: 'Poner los permisos en el token',
      help: 'Añade el claim permissions con todo lo que el usuario puede hacer aquí.',
    },
    skip_consent: {
      label: 'No pedir consentimiento en nuestras aplicaciones',
      help: 'Solo donde el callback se puede verificar: una dirección https nuestra o una app que la ha reclamado.',
    },
  },
  errors: {
    name: 'Dé a la API un nombre sin < ni >',
    identifier: 'Caracteres imprimibles sin espacios ni #, mejor una URL',
    lifetime: (most) => `De 1 a ${most} segundos`,
    secret: 'HS256 necesita un secreto de al menos 16 caracteres',
    scope: 'Una palabra, como read:messages',
    twice: 'Este permiso está dos veces',
  },
  permissions: {
    text: 'Lo que se puede pedir como scope y dar a usuarios mediante roles. Lo que se quita aquí desaparece también de los roles.',
    none: 'Esta API todavía no tiene permisos.',
    value: 'Permiso',
    description: 'Lo que permite',
    add: 'Añadir un permiso',
    remove: (what) => `Quitar ${what}`,
  },
  machines: {
    text: 'Las aplicaciones con un secreto o una clave pueden llamar a esta API en su propio nombre, sin usuario. Aquí decide cuáles y con qué permisos.',
    application: 'Aplicación',
    access: 'Acceso',
    emptyTitle: 'Ninguna aplicación puede hacerlo todavía',
    emptyText: 'Cree antes una aplicación del tipo Máquina a máquina.',
  },
  test: {
    title: 'Obtener un token',
    text: 'Pregunta al punto de tokens del inquilino igual que lo haría la aplicación, con Client Credentials.',
    application: 'Aplicación',
    secret: 'Secreto de cliente',
    secretHelp: 'Su rol no lee secretos. Solo se envía al punto de tokens y no se guarda en ningún sitio.',
    get: 'Obtener un token',
    got: 'La respuesta',
    refused: 'El punto de tokens lo ha rechazado',
    answer: 'Respuesta',
    decoded: 'Cabecera y claims del token',
    origin: (origin) =>
      `El navegador solo puede leer la respuesta si una aplicación tiene el origen de esta consola, ${origin}, en Orígenes permitidos.`,
    allow: 'Añadirlo a esta aplicación',
    curl: 'Lo mismo desde una terminal.',
    noneTitle: 'Ninguna aplicación puede llamar todavía a esta API',
    noneText: 'Permítaselo antes a una; entonces podrá obtener aquí su token.',
  },
  danger: {
    title: 'Eliminar esta API',
    text: (name) =>
      `Ya no se emiten tokens para ${name} y todas las aplicaciones pierden el acceso. Los tokens emitidos valen hasta que caducan.`,
    action: 'Eliminar API',
    done: 'API eliminada',
  },
};
