import { catalogue } from '#/i18n/text';

export const metadataText = catalogue({
  en: {
    user: 'User metadata',
    userText:
      'What users may know and change about themselves: preferences, say. Applications can read and write it with the user’s own token.',
    app: 'App metadata',
    appText: 'What decides about a user, such as a plan or an external id. Users cannot change it.',
    syntax: (line: number, column: number) => `This is not JSON: see line ${line}, column ${column}`,
    object: 'It has to be an object: { … }',
    twice: (name: string) => `“${name}” is there twice`,
    null: (name: string) => `“${name}” is null, which takes it away: delete the line instead`,
  },
  de: {
    user: 'Benutzer-Metadaten',
    userText:
      'Was Benutzer über sich wissen und ändern dürfen, etwa Vorlieben. Anwendungen lesen und schreiben es mit dem Token des Benutzers.',
    app: 'App-Metadaten',
    appText:
      'Was über einen Benutzer entscheidet, etwa ein Tarif oder eine fremde ID. Benutzer können es nicht ändern.',
    syntax: (line, column) => `Das ist kein JSON: siehe Zeile ${line}, Spalte ${column}`,
    object: 'Es muss ein Objekt sein: { … }',
    twice: (name) => `„${name}“ steht zweimal da`,
    null: (name) => `„${name}“ ist null, das heißt: weg damit. Löschen Sie stattdessen die Zeile`,
  },
  es: {
    user: 'Metadatos del usuario',
    userText:
      'Lo que los usuarios pueden saber y cambiar de sí mismos, como sus preferencias. Las aplicaciones lo leen y escriben con el token del usuario.',
    app: 'Metadatos de la app',
    appText: 'Lo que decide sobre un usuario, como un plan o un ID externo. Los usuarios no pueden cambiarlo.',
    syntax: (line, column) => `Esto no es JSON: vea la línea ${line}, columna ${column}`,
    object: 'Tiene que ser un objeto: { … }',
    twice: (name) => `«${name}» aparece dos veces`,
    null: (name) => `«${name}» es null, lo que lo quita: borre la línea en su lugar`,
  },
});
