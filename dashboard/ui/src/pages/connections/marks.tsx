import { Badge } from '@mantine/core';
import { useText } from '#/i18n/text';
import { connectionsText } from './text';

/** What is kept and shown, and acted on by nothing. */
export const NotLive = () => (
  <Badge size="sm" variant="light" color="yellow">
    {useText(connectionsText).notLive}
  </Badge>
);

/** A database by which nobody may sign in. */
export const Off = () => (
  <Badge size="sm" variant="light" color="gray">
    {useText(connectionsText).off}
  </Badge>
);
