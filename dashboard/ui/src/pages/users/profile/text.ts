import { catalogue } from '#/i18n/text';

export const profileText = catalogue({
  en: {
    facts: {
      connection: 'Connection',
      logins: 'Logins',
      lastLogin: 'Last login',
      lastIp: 'Last address',
      created: 'Created',
      password: 'Password set',
    },
    signIn: 'Sign-in',
    signInText: 'What the user is found by when they sign in, and where messages go.',
    person: 'Person',
    personText: 'What ID tokens and /userinfo say for the scope profile.',
    unverifies: 'Changing the address makes it unverified, unless you say that it is.',
    elsewhere: 'These come from another provider: what is changed here may be overwritten by the next login.',
    danger: {
      title: 'Delete this user',
      text: (name: string) =>
        `${name} is signed out everywhere and gone for good, with roles, permissions, metadata and linked accounts.`,
      action: 'Delete user',
      done: 'User deleted',
    },
  },
  de: {
    facts: {
      connection: 'Verbindung',
      logins: 'Anmeldungen',
      lastLogin: 'Letzte Anmeldung',
      lastIp: 'Letzte Adresse',
      created: 'Angelegt',
      password: 'Passwort gesetzt',
    },
    signIn: 'Anmeldung',
    signInText: 'Woran der Benutzer bei der Anmeldung erkannt wird, und wohin Nachrichten gehen.',
    person: 'Person',
    personText: 'Was ID-Token und /userinfo zum Scope profile sagen.',
    unverifies: 'Eine neue Adresse gilt als nicht bestätigt, es sei denn, Sie sagen es anders.',
    elsewhere:
      'Diese Angaben kommen von einem anderen Anbieter: Was Sie hier ändern, kann die nächste Anmeldung überschreiben.',
    danger: {
      title: 'Diesen Benutzer löschen',
      text: (name) =>
        `${name} wird überall abgemeldet und ist endgültig fort, mit Rollen, Berechtigungen, Metadaten und verknüpften Konten.`,
      action: 'Benutzer löschen',
      done: 'Benutzer gelöscht',
    },
  },
  es: {
    facts: {
      connection: 'Conexión',
      logins: 'Accesos',
      lastLogin: 'Último acceso',
      lastIp: 'Última dirección',
      created: 'Creado',
      password: 'Contraseña fijada',
    },
    signIn: 'Acceso',
    signInText: 'Por lo que se reconoce al usuario al iniciar sesión, y adónde van los mensajes.',
    person: 'Persona',
    personText: 'Lo que dicen los ID token y /userinfo para el scope profile.',
    unverifies: 'Una dirección nueva queda sin verificar, salvo que usted indique lo contrario.',
    elsewhere: 'Estos datos vienen de otro proveedor: el próximo acceso puede sobrescribir lo que cambie aquí.',
    danger: {
      title: 'Eliminar este usuario',
      text: (name) =>
        `Se cierran todas las sesiones de ${name} y desaparece para siempre, con roles, permisos, metadatos y cuentas vinculadas.`,
      action: 'Eliminar usuario',
      done: 'Usuario eliminado',
    },
  },
});
