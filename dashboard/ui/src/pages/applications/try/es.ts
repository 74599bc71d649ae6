import type { Translated } from '#/i18n/text';
import type { en } from './en';

export const es: Translated<typeof en> = {
  title: 'Probar el inicio de sesión',
  intro:
    'Inicia la sesión de alguien con esta aplicación, en otra pestaña, y muestra cada petición y cada respuesta. Mientras tanto esta página es la aplicación: los tokens se quedan en ella y desaparecen cuando usted la deja.',
  api: 'API',
  noApi: 'Ninguna',
  scope: 'Scopes',
  scopeHelp: 'offline_access pide un token de actualización.',
  login: 'Pedir la contraseña aunque haya una sesión abierta',
  loginHelp: 'Envía prompt=login. Sin ello responde el inicio de sesión único donde puede.',
  secret: 'Secreto de cliente',
  secretHelp: 'Se envía al endpoint de tokens de este inquilino y no se guarda en ningún sitio.',
  begin: 'Iniciar sesión en otra pestaña',
  waiting: 'Esperando el inicio de sesión en la otra pestaña…',
  again: 'Empezar de nuevo',
  blocked: 'El navegador no abrió otra pestaña. Permítalo a esta página e inténtelo de nuevo.',
  callbackMissing: (address) =>
    `El inicio de sesión vuelve a ${address}, que aún no está entre las URL de callback permitidas de esta aplicación.`,
  addCallback: 'Añadir a las URL de callback permitidas',
  added: 'URL de callback añadida',
  callbackThere: 'La dirección de esta página está entre las URL de callback permitidas.',
  removeCallback: 'Quitarla',
  removed: 'URL de callback quitada',
  noGrantTitle: 'Nadie inicia sesión en esta aplicación',
  noGrantText: 'Le falta el tipo de concesión Authorization Code: recibe tokens en su propio nombre, o ninguno.',
  toSettings: 'Tipos de concesión en los ajustes',
  noProofTitle: 'Esta página no puede identificarse como la aplicación',
  noProofText: (method) =>
    `Se identifica con ${method}, con una clave que solo tiene la aplicación. «proofkey login» y el inicio rápido muestran el mismo flujo.`,
  insecureTitle: 'Aquí el navegador no hace criptografía',
  insecureText:
    'Solo calcula hashes y verifica en páginas https o de esta máquina. Abra el Dashboard en una dirección así.',
  request: 'Petición',
  answer: 'Respuesta',
  noAnswer:
    'No hubo respuesta que esta página pueda leer: no se llega al inquilino, o no conoce el origen de esta página.',
  header: 'Cabecera',
  decoded: 'Descodificado',
  checks: 'Lo que comprueba una aplicación',
  opaque:
    'Es opaco: solo el inquilino puede leerlo. Elija una API para recibir uno que la API pueda comprobar por sí misma.',
  refresh: 'Usar el token de actualización',
  noRefresh: 'No llegó ningún token de actualización:',
  noRefreshReasons: {
    scope: 'no se pidió offline_access.',
    grant: 'a la aplicación le falta el tipo de concesión Refresh Token.',
    api: 'la API no permite el acceso sin conexión.',
    other: 'el inquilino no concedió offline_access.',
  },
  why: '¿Por qué? Ver los eventos de acceso',
  steps: {
    authorize: {
      title: 'La aplicación abre el navegador',
      text: 'En el inquilino, con lo que pide. El challenge es el hash de un secreto que la aplicación guarda hasta el paso 3.',
    },
    callback: {
      title: 'El navegador vuelve',
      text: 'Con un código que vale una vez, por poco tiempo y solo para quien tiene el secreto del challenge.',
    },
    token: {
      title: 'La aplicación canjea el código',
      text: 'Muestra el secreto (code_verifier), así que el código no sirve a quien lo viera por el camino.',
    },
    refresh: {
      title: 'La aplicación renueva sus tokens',
      text: 'Sin usuario. El inquilino comprueba otra vez que el usuario, la aplicación y la API aún lo permiten.',
    },
    idToken: { title: 'El token de ID', text: 'Dice a la aplicación quién inició sesión. No es para las API.' },
    accessToken: { title: 'El token de acceso', text: 'Va con cada petición a la API, que lo comprueba.' },
    userinfo: {
      title: 'La aplicación pregunta quién es',
      text: 'Con el token de acceso; la respuesta es el perfil tal como es ahora.',
    },
  },
  checkNames: {
    state: 'state es el que se envió: la respuesta es de esta petición',
    signature: 'lo firmó una clave publicada del inquilino',
    iss: 'iss es el inquilino al que se preguntó',
    aud: 'aud nombra esta aplicación',
    exp: 'exp no ha pasado',
    nonce: 'nonce es el que se envió: el token es de este inicio de sesión',
  },
  answered: {
    title: 'Ha iniciado sesión',
    text: 'La página de la que venía muestra lo que pasó. Puede cerrar esta pestaña.',
    lateTitle: 'Ninguna página espera este inicio de sesión',
    lateText:
      'La página que lo empezó se cerró o se volvió a cargar, así que nadie tiene el secreto del código. Empiece la prueba de nuevo.',
  },
};
