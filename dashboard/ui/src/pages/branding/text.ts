import { catalogue } from '#/i18n/text';
import { de } from './de';
import { en } from './en';
import { es } from './es';

export const brandingText = catalogue({ en, de, es });
