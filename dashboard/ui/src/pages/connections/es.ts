import type { Translated } from '#/i18n/text';
import type { en } from './en';

export const es: Translated<typeof en> = {
  title: 'Conexiones',
  intro: 'De dónde vienen sus usuarios. Una base de datos los guarda aquí con sus contraseñas.',
  create: 'Crear base de datos',
  createTitle: 'Crear una base de datos',
  createText:
    'Un conjunto propio de usuarios, con sus propias reglas para las contraseñas. Las aplicaciones la usan en cuanto la active para ellas.',
  created: 'Base de datos creada. Active ahora las aplicaciones que la usan.',
  name: 'Nombre',
  nameHelp:
    'Letras, cifras y guiones sueltos. Las aplicaciones y las importaciones nombran así la base de datos; no se puede cambiar.',
  nameFixed: 'Las aplicaciones y las importaciones nombran así la conexión, por eso no cambia.',
  id: 'Connection ID',
  kind: 'Tipo',
  database: 'Base de datos',
  notLive: 'Aún no activo',
  notLiveText: (strategy) =>
    `Este servidor conserva las conexiones de tipo ${strategy} tal como están, para que no se pierda nada, pero nadie puede iniciar sesión con ellas todavía.`,
  off: 'Desactivada',
  emptyTitle: 'Aún no hay conexiones',
  emptyText: 'Sin una conexión nadie puede iniciar sesión ni registrarse. Empiece con una base de datos.',
  tabs: { settings: 'Ajustes', passwords: 'Contraseñas', applications: 'Aplicaciones' },
  sections: {
    basic: 'Información básica',
    signIn: 'Inicio de sesión',
    signInText: 'Quién entra por esta base de datos.',
    metadata: 'Metadatos',
    metadataText: 'Hasta diez valores propios, para sus programas.',
    kept: 'Guardado, aún no activo',
    keptText:
      'Opciones que se guardan y que la Management API devuelve, pero que no tienen efecto. Los secretos no se muestran.',
  },
  fields: {
    display_name: 'Nombre visible',
    active: 'Se puede iniciar sesión',
    signup: 'Se puede registrar',
    brute: 'Bloquear tras muchas contraseñas erróneas',
    policy: 'Seguridad de la contraseña',
  },
  help: {
    display_name: 'Cómo llama esta consola a la conexión. La página de inicio de sesión no lo muestra.',
    active: 'Desactivado, nadie inicia sesión por esta base de datos, y sus usuarios quedan como están.',
    signup: 'Desactivado, solo usted crea cuentas: aquí, con una importación o con una invitación.',
    brute:
      'Tras demasiadas contraseñas erróneas, la cuenta se bloquea para esa dirección, según lo indicado en Seguridad.',
  },
  policies: { none: 'Ninguna', low: 'Baja', fair: 'Media', good: 'Buena', excellent: 'Excelente' },
  policyTexts: {
    none: (n) => (n === 1 ? 'Cualquiera que no esté vacía.' : `Al menos ${n} caracteres.`),
    low: (n) => `Al menos ${n} caracteres.`,
    fair: (n) => `Al menos ${n} caracteres, con una minúscula, una mayúscula y una cifra.`,
    good: (n) =>
      `Al menos ${n} caracteres, de tres de estos tipos: minúsculas, mayúsculas, cifras, caracteres especiales.`,
    excellent: (n) =>
      `Al menos ${n} caracteres, de tres de estos tipos: minúsculas, mayúsculas, cifras, caracteres especiales; no más de dos iguales seguidos.`,
  },
  passwords: {
    elsewhere: 'Aquí no hay contraseñas',
    strength: 'Seguridad',
    strengthText:
      'Lo que debe tener una contraseña nueva, al registrarse y al cambiarla. Las contraseñas existentes siguen siendo válidas.',
    lengthHelp: 'Vacío: según la seguridad elegida.',
    lengthError: (most) => `De 1 a ${most}, o vacío`,
    lengthNeeded: (most) => `De 1 a ${most}`,
    newer: 'Las reglas de esta base de datos están en la forma más nueva (password_options), y se conservan en ella.',
    inForce: 'Lo que debe tener una contraseña nueva',
    ruleDictionary: 'No ser de las que los atacantes prueban primero.',
    rulePersonal: 'No contener el nombre ni la dirección del usuario.',
    guess: 'Difícil de adivinar',
    guessText: 'Ser larga no basta si la contraseña es conocida o evidente.',
    dictionaryHelp:
      'Rechaza las contraseñas más comunes y lo que se hace con ellas: cifras al final, secuencias del teclado.',
    personalHelp: 'Rechaza contraseñas con el nombre, el apodo o la parte de la dirección antes de la @.',
    history: 'Historial',
    historyText: 'Todavía no se miran las contraseñas anteriores: un usuario puede volver a usar una antigua.',
    historyOn: (n) => `Guardado: activado, para las últimas ${n} contraseñas.`,
    historyOff: 'Guardado: desactivado.',
    types: { lowercase: 'a–z', uppercase: 'A–Z', number: '0–9', special: '!@#$…' },
    labels: {
      policy: 'Seguridad de la contraseña',
      min_length: 'Longitud mínima',
      dictionary: 'Rechazar contraseñas comunes',
      personal: 'Rechazar datos personales',
      types: 'Caracteres que debe tener',
      three: 'Bastan tres de los cuatro tipos',
      identical: 'Se permiten más de dos caracteres iguales seguidos',
    },
  },
  applications: {
    intro: 'Los usuarios de esta conexión pueden iniciar sesión en las aplicaciones activadas aquí.',
    none: 'Ninguna aplicación usa todavía esta base de datos, así que nadie puede iniciar sesión con ella.',
    application: 'Aplicación',
    on: 'La usa',
    turnedOn: (name) => `Los usuarios de esta conexión ya pueden iniciar sesión en ${name}`,
    turnedOff: (name) => `Los usuarios de esta conexión ya no pueden iniciar sesión en ${name}`,
  },
  errors: { name: 'Letras y cifras, con guiones sueltos entre ellas, 128 como máximo' },
  danger: {
    title: 'Eliminar esta conexión',
    text: (name) =>
      `Con ${name} se eliminan todos sus usuarios, con sus contraseñas, roles y sesiones. No se puede deshacer.`,
    otherText: (name) => `Se elimina lo guardado de ${name}. No se puede deshacer.`,
    action: 'Eliminar la conexión',
    done: 'Conexión eliminada',
  },
};
