import { catalogue } from '#/i18n/text';

export const identitiesText = catalogue({
  en: {
    intro: 'The accounts that this user can sign in with. The first one is the user’s own and gives the user ID.',
    account: 'Account',
    connection: 'Connection',
    primary: 'Primary',
    social: 'Social',
    profile: 'What the account says',
    unlink: 'Unlink',
    unlinkOf: (id: string) => `Unlink ${id}`,
    unlinkTitle: 'Unlink this account?',
    unlinkText: (id: string) =>
      `${id} becomes a user of its own again, without the metadata and roles that it had before it was linked.`,
    unlinked: 'Account unlinked',
    link: 'Link another user',
    linkTitle: 'Link another user to this one',
    linkText:
      'Whoever signs in with the other user’s account is this user from then on. The other’s own metadata, roles, permissions, memberships and sessions are gone; unlinking does not bring them back.',
    other: 'The other user',
    choose: 'Choose a user',
    linkAction: 'Link',
    linked: 'User linked',
  },
  de: {
    intro:
      'Die Konten, mit denen sich dieser Benutzer anmelden kann. Das erste ist sein eigenes und gibt die Benutzer-ID.',
    account: 'Konto',
    connection: 'Verbindung',
    primary: 'Erstes',
    social: 'Sozial',
    profile: 'Was das Konto sagt',
    unlink: 'Trennen',
    unlinkOf: (id) => `${id} trennen`,
    unlinkTitle: 'Dieses Konto trennen?',
    unlinkText: (id) =>
      `${id} wird wieder ein eigener Benutzer, ohne die Metadaten und Rollen, die es vor der Verknüpfung hatte.`,
    unlinked: 'Konto getrennt',
    link: 'Anderen Benutzer verknüpfen',
    linkTitle: 'Einen anderen Benutzer mit diesem verknüpfen',
    linkText:
      'Wer sich mit dem Konto des anderen anmeldet, ist fortan dieser Benutzer. Metadaten, Rollen, Berechtigungen, Mitgliedschaften und Sitzungen des anderen sind fort; Trennen bringt sie nicht zurück.',
    other: 'Der andere Benutzer',
    choose: 'Wählen Sie einen Benutzer',
    linkAction: 'Verknüpfen',
    linked: 'Benutzer verknüpft',
  },
  es: {
    intro:
      'Las cuentas con las que puede iniciar sesión este usuario. La primera es la suya propia y da el ID de usuario.',
    account: 'Cuenta',
    connection: 'Conexión',
    primary: 'Principal',
    social: 'Social',
    profile: 'Lo que dice la cuenta',
    unlink: 'Desvincular',
    unlinkOf: (id) => `Desvincular ${id}`,
    unlinkTitle: '¿Desvincular esta cuenta?',
    unlinkText: (id) =>
      `${id} vuelve a ser un usuario propio, sin los metadatos y roles que tenía antes de vincularse.`,
    unlinked: 'Cuenta desvinculada',
    link: 'Vincular otro usuario',
    linkTitle: 'Vincular otro usuario a este',
    linkText:
      'Quien inicie sesión con la cuenta del otro será desde entonces este usuario. Los metadatos, roles, permisos, pertenencias y sesiones del otro desaparecen; desvincular no los recupera.',
    other: 'El otro usuario',
    choose: 'Elija un usuario',
    linkAction: 'Vincular',
    linked: 'Usuario vinculado',
  },
});
